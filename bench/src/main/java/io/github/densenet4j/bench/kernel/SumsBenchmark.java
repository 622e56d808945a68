package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import org.openjdk.jmh.annotations.Benchmark;

/** The ends of gradients: of a layer's weights, from partial sums, and of a bias. */
public class SumsBenchmark extends KernelBenchmark {
  private static final int SLICES = 16;
  private static final int TOGETHER = 16; // channels whose sums stay in the first cache

  private float[] partial;
  private float[] dy;
  private double[] sums;

  @Override
  void prepare() {
    partial = random(SLICES * channels * BOTTLENECK);
    dy = random(BOTTLENECK * pitch);
    sums = new double[BOTTLENECK];
  }

  /** All partial sums of the first convolution's weights, some channels at a time. */
  @Benchmark
  public float[] slices(Roofline roofline) {
    int size = channels * BOTTLENECK;
    for (int c = 0; c < channels; c += TOGETHER) {
      kernels.sumRows(partial, ALIGNED + c * BOTTLENECK, size, SLICES, TOGETHER * BOTTLENECK);
    }
    roofline.count((SLICES - 1.0) * size, (SLICES + 1.0) * size);
    return partial;
  }

  /** Sums of rows on a tile. */
  @Benchmark
  public double[] bias(Roofline roofline) {
    kernels.sums(dy, ALIGNED, pitch, BOTTLENECK, pixels, sums, 0);
    roofline.count(1.0 * BOTTLENECK * pixels, 1.0 * BOTTLENECK * pixels);
    return sums;
  }
}
