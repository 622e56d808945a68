package io.github.densenet4j.train;

import java.util.List;

/**
 * Cross-entropy of which easy pictures count less: -(1 - p)^gamma log p, p the softmax's value for
 * the right class (Lin et al., 2017).
 *
 * @param gamma at least 0; 0 is plain cross-entropy
 * @param weights one a class, or empty; the mean is taken over the pictures
 */
public record FocalLoss(double gamma, List<Double> weights) implements Loss {
  /** Checks both. */
  public FocalLoss {
    if (!(gamma >= 0 && gamma <= 100)) {
      throw new IllegalArgumentException("gamma is " + gamma + ": it must be in [0, 100].");
    }
    weights = Loss.checked(weights);
  }

  @Override
  public double sum(
      float[] logits, float[] targets, int n, int classes, double total, float[] dlogits) {
    Loss.requireWeights(weights, classes);
    double[] log = new double[classes];
    double[] slope = new double[classes]; // p * d/dp of each class's term
    double sum = 0;
    for (int i = 0; i < n; i++) {
      int at = i * classes;
      Loss.logSoftmax(logits, at, classes, log);
      double all = 0;
      for (int c = 0; c < classes; c++) {
        double weight = Loss.weightOf(weights, c) * targets[at + c];
        double p = Math.exp(log[c]);
        double others = -Math.expm1(log[c]);
        double damping = Math.pow(others, gamma);
        sum -= weight * damping * log[c];
        double slower = others == 0 ? 0 : gamma * p * Math.pow(others, gamma - 1) * log[c];
        slope[c] = weight * (slower - damping);
        all += slope[c];
      }
      if (dlogits != null) {
        for (int c = 0; c < classes; c++) {
          dlogits[at + c] = (float) ((slope[c] - Math.exp(log[c]) * all) / total);
        }
      }
    }
    return sum;
  }

  @Override
  public double weight(float[] targets, int n, int classes) {
    return n;
  }
}
