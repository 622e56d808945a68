package io.github.densenet4j.kernel;

/** Measures the machine's peak of fused multiply-adds, to compare a network's speed with. */
public final class PeakMeter {
  private static final long NANOS = 300_000_000;

  private PeakMeter() {}

  /**
   * Billions of floating-point operations a second that all threads of an engine reach together on
   * numbers in registers; a fused multiply-add counts as two. Takes about two seconds.
   */
  public static double gflops(Engine engine) {
    int threads = engine.team().threads();
    double best = 0;
    for (int round = 0; round < 5; round++) {
      double[] flops = new double[threads];
      long start = System.nanoTime();
      engine
          .team()
          .run((index, worker) -> flops[index] = run(engine.kernels(), start + NANOS), threads);
      double seconds = (System.nanoTime() - start) * 1e-9;
      double sum = 0;
      for (double f : flops) {
        sum += f;
      }
      best = Math.max(best, sum / seconds * 1e-9);
    }
    return best;
  }

  private static double run(Kernels kernels, long until) {
    double flops = 0;
    float seed = 1;
    while (System.nanoTime() < until) {
      switch (kernels) {
        case VectorKernels _ -> {
          seed = VectorPeak.run(seed);
          flops += VectorPeak.FLOPS;
        }
        case ScalarKernels _ -> {
          seed = scalar(seed);
          flops += 2.0 * 8 * 100_000;
        }
      }
    }
    return seed == 0 ? 0 : flops;
  }

  private static float scalar(float seed) {
    float a = seed;
    float b = seed + 1;
    float c = seed + 2;
    float d = seed + 3;
    float e = seed + 4;
    float f = seed + 5;
    float g = seed + 6;
    float h = seed + 7;
    for (int i = 0; i < 100_000; i++) {
      a = a * 0.5f + 1;
      b = b * 0.5f + 1;
      c = c * 0.5f + 1;
      d = d * 0.5f + 1;
      e = e * 0.5f + 1;
      f = f * 0.5f + 1;
      g = g * 0.5f + 1;
      h = h * 0.5f + 1;
    }
    return a + b + c + d + e + f + g + h;
  }
}
