package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/** The gradient of a 1x1 convolution's weights on a tile, 48 channels at a time as a task has. */
public class CorrelateBenchmark extends KernelBenchmark {
  private static final int DEPTH = 48;

  private float[] dy;
  private float[] x; // packed
  private float[] dw;
  private float[] scratch;

  @Override
  void prepare() {
    dy = random(BOTTLENECK * pixels);
    x = random(kernels.packedLength(DEPTH, pixels));
    dw = random(BOTTLENECK * DEPTH);
    scratch = new float[Kernels.correlateScratch(BOTTLENECK)];
  }

  /** So that the sums stay finite. */
  @Setup(Level.Iteration)
  public void clear() {
    java.util.Arrays.fill(dw, 0);
  }

  /** dw += x * dy, dy in panels. */
  @Benchmark
  public float[] run(Roofline roofline) {
    kernels.correlate(
        x, ALIGNED, DEPTH, dy, ALIGNED, BOTTLENECK, pixels, dw, ALIGNED, BOTTLENECK, scratch, 0);
    roofline.count(
        2.0 * BOTTLENECK * DEPTH * pixels,
        (BOTTLENECK + DEPTH) * (double) pixels + 2.0 * BOTTLENECK * DEPTH);
    return dw;
  }
}
