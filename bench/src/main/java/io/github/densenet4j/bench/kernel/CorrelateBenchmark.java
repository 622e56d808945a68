package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/** The gradient of a 1x1 convolution's weights on a tile, 48 channels at a time as a task has. */
public class CorrelateBenchmark extends KernelBenchmark {
  private static final int DEPTH = 48;

  private float[] dy;
  private float[] x;
  private int[] rows;
  private float[] dw;
  private float[] scratch;
  private int used;

  @Override
  void prepare() {
    used = Math.min(504, pixels); // a tile of the network
    dy = random(BOTTLENECK * used);
    x = random(DEPTH * used);
    rows = rows(DEPTH, used);
    dw = random(BOTTLENECK * DEPTH);
    scratch = new float[Kernels.TILE_SCRATCH];
  }

  /** So that the sums stay finite. */
  @Setup(Level.Iteration)
  public void clear() {
    java.util.Arrays.fill(dw, 0);
  }

  /** dw += x * dy, dy in panels. */
  @Benchmark
  public float[] run(Roofline roofline) {
    kernels.correlate(x, 0, rows, DEPTH, dy, 0, BOTTLENECK, used, dw, 0, BOTTLENECK, scratch, 0);
    roofline.count(
        2.0 * BOTTLENECK * DEPTH * used, (BOTTLENECK + DEPTH) * (double) used + 2.0 * dw.length);
    return dw;
  }
}
