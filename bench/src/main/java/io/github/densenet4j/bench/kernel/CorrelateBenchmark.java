package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/** The gradient of a 1x1 convolution's weights on a tile, 24 channels at a time as a task has. */
public class CorrelateBenchmark extends KernelBenchmark {
  private static final int DEPTH = 24;

  private float[] dy;
  private float[] x;
  private int[] rows;
  private float[] dw;
  private float[] scratch;
  private int used;

  @Override
  void prepare() {
    used = Math.max(16, pixels / 16 * 16); // as the network pads them
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

  /** dw += dy * x^T. */
  @Benchmark
  public float[] run(Roofline roofline) {
    kernels.correlate(dy, 0, used, BOTTLENECK, x, 0, rows, DEPTH, used, dw, 0, DEPTH, scratch, 0);
    roofline.count(
        2.0 * BOTTLENECK * DEPTH * used, (BOTTLENECK + DEPTH) * (double) used + 2.0 * dw.length);
    return dw;
  }
}
