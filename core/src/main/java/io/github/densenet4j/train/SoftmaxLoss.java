package io.github.densenet4j.train;

import java.util.List;

/**
 * Cross-entropy behind a softmax, as PyTorch's {@code CrossEntropyLoss}: with weights the mean is
 * taken over the weights of the right classes.
 *
 * @param smoothing the part of a target that is spread over all classes (Szegedy et al., 2016); in
 *     [0, 1)
 * @param weights one a class, or empty
 */
public record SoftmaxLoss(double smoothing, List<Double> weights) implements Loss {
  /** Checks both. */
  public SoftmaxLoss {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label-smoothing is " + smoothing + ": it must be in [0, 1).");
    }
    weights = Loss.checked(weights);
  }

  @Override
  public double sum(
      float[] logits, float[] targets, int n, int classes, double total, float[] dlogits) {
    Loss.requireWeights(weights, classes);
    double[] log = new double[classes];
    double[] target = new double[classes];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      int at = i * classes;
      Loss.logSoftmax(logits, at, classes, log);
      double all = 0;
      for (int c = 0; c < classes; c++) {
        target[c] =
            Loss.weightOf(weights, c) * ((1 - smoothing) * targets[at + c] + smoothing / classes);
        sum -= target[c] * log[c];
        all += target[c];
      }
      if (dlogits != null) {
        for (int c = 0; c < classes; c++) {
          dlogits[at + c] = (float) ((all * Math.exp(log[c]) - target[c]) / total);
        }
      }
    }
    return sum;
  }

  @Override
  public double weight(float[] targets, int n, int classes) {
    if (weights.isEmpty()) {
      return n;
    }
    double sum = 0;
    for (int i = 0; i < n * classes; i++) {
      sum += targets[i] * weights.get(i % classes);
    }
    return sum;
  }
}
