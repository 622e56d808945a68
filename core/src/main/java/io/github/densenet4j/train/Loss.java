package io.github.densenet4j.train;

import java.util.List;

/**
 * How wrong logits are. Targets are a number a class: 1 for the right one, or several between 0 and
 * 1 of mixed pictures, or 1 for each class that is there.
 */
public sealed interface Loss permits SoftmaxLoss, FocalLoss, BinaryLoss {
  /**
   * The sum of the losses of a batch; writes the gradient of that sum divided by {@code total}.
   *
   * @param logits (n, classes)
   * @param targets (n, classes)
   * @param total what the mean is taken over: the sum of {@link #weight} over all shards of a step
   * @param dlogits (n, classes) takes the gradient; null if it is not wanted
   */
  double sum(float[] logits, float[] targets, int n, int classes, double total, float[] dlogits);

  /** What a batch contributes to the mean's denominator: n, or the sum of its classes' weights. */
  double weight(float[] targets, int n, int classes);

  /** The usual loss of a task: softmax cross-entropy, or a sigmoid for each of several labels. */
  static Loss usual(boolean multiLabel) {
    return multiLabel ? new BinaryLoss(List.of()) : new SoftmaxLoss(0, List.of());
  }

  /**
   * Natural logarithms of the softmax of one row.
   *
   * @param out (classes)
   */
  static void logSoftmax(float[] logits, int at, int classes, double[] out) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits[at + c]);
    }
    double normaliser = 0;
    for (int c = 0; c < classes; c++) {
      normaliser += Math.exp(logits[at + c] - largest);
    }
    double log = largest + Math.log(normaliser);
    for (int c = 0; c < classes; c++) {
      out[c] = logits[at + c] - log;
    }
  }

  /** Refuses weights that are not one a class. */
  static void requireWeights(List<Double> weights, int classes) {
    if (!weights.isEmpty() && weights.size() != classes) {
      throw new IllegalArgumentException(
          "There are " + weights.size() + " class weights for " + classes + " classes.");
    }
  }

  /** The weight of a class; 1 without weights. */
  static double weightOf(List<Double> weights, int c) {
    return weights.isEmpty() ? 1 : weights.get(c);
  }

  /** Refuses weights that are not finite and above 0. */
  static List<Double> checked(List<Double> weights) {
    for (double weight : weights) {
      if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("A class weight is " + weight + ": it must be above 0.");
      }
    }
    return List.copyOf(weights);
  }
}
