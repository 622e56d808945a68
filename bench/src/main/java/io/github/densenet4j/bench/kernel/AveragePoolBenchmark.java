package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import org.openjdk.jmh.annotations.Benchmark;

/** A transition's pool of one channel of one picture, and its gradient; the head's pool. */
public class AveragePoolBenchmark extends KernelBenchmark {
  private float[] x;
  private float[] y;
  private float[] scratch;
  private int[] left;
  private int[] right;
  private int[] source;

  @Override
  void prepare() {
    x = random(side * side);
    y = random(side * side);
    scratch = new float[ALIGNED + Kernels.poolScratch(side)];
    left = new int[side];
    right = left.clone();
    source = left.clone();
    for (int w = 0; w < side; w++) {
      int place = Winograd.F4.place(w, side);
      source[place] = w / 2;
      (w % 2 == 0 ? left : right)[w / 2] = place;
    }
  }

  /** The 2x2 mean behind normalisation and ReLU. */
  @Benchmark
  public float[] forward(Roofline roofline) {
    kernels.averagePool(
        x, ALIGNED, side, side, 0.5f, 0.1f, y, ALIGNED, left, right, scratch, ALIGNED);
    roofline.count(3.0 * side * side, 1.25 * side * side);
    return y;
  }

  /** Spreads a quarter to each. */
  @Benchmark
  public float[] gradient(Roofline roofline) {
    kernels.averagePoolGradient(x, ALIGNED, side, side, y, ALIGNED, source, scratch, ALIGNED);
    roofline.count(0.25 * side * side, 1.25 * side * side);
    return y;
  }

  /** The mean of a whole map. */
  @Benchmark
  public float global(Roofline roofline) {
    roofline.count(3.0 * side * side, 1.0 * side * side);
    return kernels.globalAverage(x, ALIGNED, side * side, 0.5f, 0.1f);
  }
}
