package io.github.densenet4j.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a network is right as often as it says: the reliability curve, and its expected and
 * largest distance from the diagonal (Guo et al., "On Calibration of Modern Neural Networks", ICML
 * 2017).
 *
 * @param bins those that hold predictions, by rising confidence
 * @param ece expected calibration error: mean of |accuracy - confidence| over the bins, weighted by
 *     their counts; NaN without predictions
 * @param mce the largest |accuracy - confidence| of a bin
 */
public record Calibration(List<Bin> bins, double ece, double mce) {
  /** Bins of the paper. */
  public static final int USUAL_BINS = 15;

  /**
   * Predictions of like confidence.
   *
   * @param low confidences above this
   * @param high up to and with this
   * @param count number of predictions
   * @param confidence their mean probability
   * @param accuracy the fraction that is right
   */
  public record Bin(double low, double high, int count, double confidence, double accuracy) {}

  /** Copies the list. */
  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * Sorts predictions into bins of equal width.
   *
   * @param confidences (n) probabilities, in [0, 1]
   * @param right (n) whether the prediction was right
   * @param bins number of bins in [0, 1], at least 1
   */
  public static Calibration of(double[] confidences, boolean[] right, int bins) {
    int[] count = new int[bins];
    int[] hits = new int[bins];
    double[] sum = new double[bins];
    for (int i = 0; i < confidences.length; i++) {
      int bin = Math.clamp((int) Math.ceil(confidences[i] * bins) - 1, 0, bins - 1);
      count[bin]++;
      hits[bin] += right[i] ? 1 : 0;
      sum[bin] += confidences[i];
    }
    List<Bin> out = new ArrayList<>();
    double ece = 0;
    double mce = 0;
    for (int b = 0; b < bins; b++) {
      if (count[b] > 0) {
        Bin bin =
            new Bin(
                (double) b / bins,
                (b + 1.0) / bins,
                count[b],
                sum[b] / count[b],
                (double) hits[b] / count[b]);
        out.add(bin);
        double distance = Math.abs(bin.accuracy - bin.confidence);
        ece += distance * count[b];
        mce = Math.max(mce, distance);
      }
    }
    return new Calibration(out, ece / confidences.length, mce);
  }
}
