package io.github.densenet4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How logits become probabilities, and from where on a class counts as present.
 *
 * @param kind which function
 * @param thresholds one a class, in (0, 1), or empty for 0.5 each; of {@link Kind#CALIBRATED} an
 *     unknown one is NaN
 */
public record OutputTransform(Kind kind, List<Double> thresholds) {
  /** The function from logits to probabilities. */
  public enum Kind {
    /** One class is right: probabilities sum to 1. */
    SOFTMAX,
    /** Each class is there or not, as in CheXNet (Rajpurkar et al., 2017). */
    SIGMOID,
    /**
     * A sigmoid, moved so that each class's threshold lies at 0.5, as TorchXRayVision does it
     * (Cohen et al., 2022); a class without a threshold is 0.5 always.
     */
    CALIBRATED
  }

  /** Checks the thresholds. */
  public OutputTransform {
    thresholds = Collections.unmodifiableList(new ArrayList<>(thresholds));
    for (double threshold : thresholds) {
      boolean unknown = kind == Kind.CALIBRATED && Double.isNaN(threshold);
      if (!(threshold > 0 && threshold < 1) && !unknown) {
        throw new IllegalArgumentException(
            "A threshold is " + threshold + ": it must be in (0, 1).");
      }
    }
    if (kind == Kind.SOFTMAX && !thresholds.isEmpty()) {
      throw new IllegalArgumentException("Thresholds belong to a sigmoid, not to a softmax.");
    }
    if (kind == Kind.CALIBRATED && thresholds.isEmpty()) {
      throw new IllegalArgumentException("A calibrated sigmoid needs a threshold for each class.");
    }
  }

  /** One class is right. */
  public static OutputTransform softmax() {
    return new OutputTransform(Kind.SOFTMAX, List.of());
  }

  /** Each class is there or not. */
  public static OutputTransform sigmoid(List<Double> thresholds) {
    return new OutputTransform(Kind.SIGMOID, thresholds);
  }

  /** Whether several classes may be present at once. */
  public boolean isMultiLabel() {
    return kind != Kind.SOFTMAX;
  }

  /**
   * The probabilities of one picture.
   *
   * @param logits (classes)
   */
  public double[] probabilities(float[] logits) {
    if (kind == Kind.SOFTMAX) {
      return softmax(logits);
    }
    double[] out = new double[logits.length];
    for (int c = 0; c < out.length; c++) {
      double p = 1 / (1 + Math.exp(-logits[c]));
      out[c] = kind == Kind.SIGMOID ? p : calibrated(p, thresholds.get(c));
    }
    return out;
  }

  private static double[] softmax(float[] logits) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double[] out = new double[logits.length];
    double normaliser = 0;
    for (int c = 0; c < out.length; c++) {
      out[c] = Math.exp(logits[c] - largest);
      normaliser += out[c];
    }
    for (int c = 0; c < out.length; c++) {
      out[c] /= normaliser;
    }
    return out;
  }

  private static double calibrated(double p, double threshold) {
    if (Double.isNaN(threshold)) {
      return 0.5;
    }
    return p < threshold ? p / (2 * threshold) : 1 - (1 - p) / (2 * (1 - threshold));
  }

  /** Whether a class of that probability counts as present; only for several labels at once. */
  public boolean isPresent(int c, double probability) {
    boolean own = kind == Kind.SIGMOID && !thresholds.isEmpty();
    return probability >= (own ? thresholds.get(c) : 0.5);
  }
}
