package io.github.densenet4j.metrics;

import java.util.Arrays;

/**
 * How well a class's scores put those that are so before those that are not, whatever the
 * threshold.
 *
 * @param rocAuc area under the ROC curve: the probability that one that is so scores higher than
 *     one that is not, ties counting half; NaN unless there are both kinds
 * @param averagePrecision sum over thresholds of precision times gain in recall, without
 *     interpolation; NaN if none is so
 */
public record Ranking(double rocAuc, double averagePrecision) {
  /**
   * Judges the scores of one class.
   *
   * @param scores (n), higher means more likely; NaN counts as the lowest
   * @param present (n) whether it is so
   * @throws IllegalArgumentException if the lengths differ
   */
  public static Ranking of(double[] scores, boolean[] present) {
    if (scores.length != present.length) {
      throw new IllegalArgumentException(
          "There are %,d scores and %,d answers: one each a picture."
              .formatted(scores.length, present.length));
    }
    double[] positives = sorted(scores, present, true);
    double[] negatives = sorted(scores, present, false);
    return of(positives, negatives);
  }

  private static double[] sorted(double[] scores, boolean[] present, boolean wanted) {
    double[] out = new double[scores.length];
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      if (present[i] == wanted) {
        out[n++] = Double.isNaN(scores[i]) ? Double.NEGATIVE_INFINITY : scores[i];
      }
    }
    out = Arrays.copyOf(out, n);
    Arrays.sort(out);
    return out;
  }

  /** Both ascending; walks from the highest threshold down, equal scores together. */
  private static Ranking of(double[] positives, double[] negatives) {
    double wins = 0; // pairs in which the positive scores higher, ties half
    double precisionSum = 0;
    int p = positives.length;
    int n = negatives.length;
    while (p > 0) {
      double threshold = n > 0 ? Math.max(positives[p - 1], negatives[n - 1]) : positives[p - 1];
      int pBefore = p;
      int nBefore = n;
      while (p > 0 && positives[p - 1] == threshold) {
        p--;
      }
      while (n > 0 && negatives[n - 1] == threshold) {
        n--;
      }
      int found = pBefore - p;
      wins += found * (n + (nBefore - n) / 2.0);
      double named = (positives.length - p) + (negatives.length - n);
      precisionSum += found * ((positives.length - p) / named);
    }
    return new Ranking(
        wins / ((double) positives.length * negatives.length), precisionSum / positives.length);
  }
}
