package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;

/** The end of a batch normalisation's backward pass, once a feature. */
public class CombineBenchmark extends KernelBenchmark {
  private float[] u;
  private float[] x;
  private float[] a;
  private float[] b;
  private float[] c;
  private float[] y;

  @Override
  void prepare() {
    u = random(GROWTH * pitch);
    x = random(GROWTH * pitch);
    a = random(GROWTH);
    b = random(GROWTH);
    c = random(GROWTH);
    y = random(GROWTH * pitch);
  }

  /** y = a * u + b * x + c. */
  @Benchmark
  public float[] run(Roofline roofline) {
    kernels.combine(
        u,
        ALIGNED,
        pitch,
        x,
        ALIGNED,
        pitch,
        a,
        b,
        c,
        0,
        GROWTH,
        pixels,
        y,
        ALIGNED,
        pitch,
        Kernels.PANEL);
    roofline.count(4.0 * GROWTH * pixels, 3.0 * GROWTH * pixels);
    return y;
  }
}
