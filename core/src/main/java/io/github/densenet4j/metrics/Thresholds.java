package io.github.densenet4j.metrics;

import java.util.Arrays;

/**
 * From which probability on a class counts as present, when several may be: chosen for the best F1
 * on pictures that were not learned from.
 */
public final class Thresholds {
  private static final double USUAL = 0.5;

  private Thresholds() {}

  /**
   * Chooses one a class.
   *
   * @param probabilities (n, classes), in [0, 1]
   * @param present (n, classes)
   * @return (classes), in (0, 1); 0.5 of a class that is never present
   */
  public static double[] bestF1(double[] probabilities, boolean[] present, int classes) {
    double[] out = new double[classes];
    for (int c = 0; c < classes; c++) {
      out[c] = bestF1(probabilities, present, c, classes);
    }
    return out;
  }

  /** The threshold lies midway between the lowest score that counts and the next below. */
  private static double bestF1(double[] probabilities, boolean[] present, int c, int classes) {
    int n = probabilities.length / classes;
    long[] order = new long[n]; // a score's float bits, rising with the score, and its picture
    int positives = 0;
    for (int i = 0; i < n; i++) {
      long bits = Float.floatToIntBits((float) probabilities[i * classes + c]);
      order[i] = bits << 32 | i;
      positives += present[i * classes + c] ? 1 : 0;
    }
    Arrays.sort(order);
    double best = 0;
    double threshold = USUAL;
    int hits = 0;
    for (int j = n - 1; j >= 0; j--) {
      hits += present[(int) order[j] * classes + c] ? 1 : 0;
      boolean tied = j > 0 && order[j - 1] >>> 32 == order[j] >>> 32;
      double f1 = 2.0 * hits / (positives + n - j);
      if (!tied && f1 > best) {
        best = f1;
        double below = j > 0 ? score(order[j - 1]) : 0;
        threshold = (score(order[j]) + below) / 2;
      }
    }
    return Math.clamp(threshold, Float.MIN_NORMAL, Math.nextDown(1.0));
  }

  private static double score(long entry) {
    return Float.intBitsToFloat((int) (entry >>> 32));
  }
}
