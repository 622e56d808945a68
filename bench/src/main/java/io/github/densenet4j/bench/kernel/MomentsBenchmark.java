package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import org.openjdk.jmh.annotations.Benchmark;

/** Mean and squared deviations of a bottleneck's rows on a tile. */
public class MomentsBenchmark extends KernelBenchmark {
  private float[] x;
  private double[] mean;
  private double[] m2;

  @Override
  void prepare() {
    x = random(BOTTLENECK * pitch);
    mean = new double[BOTTLENECK];
    m2 = new double[BOTTLENECK];
  }

  /** Two passes, the second over what lies in the first cache. */
  @Benchmark
  public double[] run(Roofline roofline) {
    kernels.moments(x, ALIGNED, pitch, BOTTLENECK, pixels, mean, m2, 0);
    roofline.count(5.0 * BOTTLENECK * pixels, 1.0 * BOTTLENECK * pixels);
    return m2;
  }
}
