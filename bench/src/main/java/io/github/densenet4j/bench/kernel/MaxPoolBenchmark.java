package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The stem's pool of one channel of one picture, from 112 x 112 to 56 x 56, and its gradient. */
public class MaxPoolBenchmark extends KernelBenchmark {
  private static final int INPUT = 112;

  /** The result's side. */
  @Param("56")
  int output;

  private float[] x;
  private float[] y;
  private float[] scratch;
  private int[] pixels;

  @Override
  void prepare() {
    x = random(INPUT * INPUT);
    y = random(INPUT * INPUT);
    scratch = new float[ALIGNED + Kernels.poolScratch(INPUT)];
    pixels = new int[output];
    for (int w = 0; w < output; w++) {
      pixels[Winograd.F4.place(w, output)] = w;
    }
  }

  /** The 3x3 maximum behind normalisation and ReLU. */
  @Benchmark
  public float[] forward(Roofline roofline) {
    kernels.maxPool(
        x, ALIGNED, INPUT, INPUT, INPUT, 0.5f, 0.1f, y, ALIGNED, 0, output, pixels, scratch,
        ALIGNED);
    roofline.count(2.0 * INPUT * INPUT + 8.0 * output * output, 1.25 * INPUT * INPUT);
    return y;
  }

  /** Each gradient goes to its window's first maximum. */
  @Benchmark
  public float[] gradient(Roofline roofline) {
    kernels.maxPoolGradient(x, ALIGNED, x, ALIGNED, INPUT, INPUT, 0.5f, 0.1f, y, ALIGNED, scratch);
    roofline.count(2.0 * INPUT * INPUT + 8.0 * output * output, 2.25 * INPUT * INPUT);
    return y;
  }
}
