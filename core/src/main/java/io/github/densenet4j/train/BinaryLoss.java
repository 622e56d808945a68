package io.github.densenet4j.train;

import java.util.List;

/**
 * Binary cross-entropy behind a sigmoid for each class, for pictures with several labels, as
 * PyTorch's {@code BCEWithLogitsLoss}: the mean over pictures and classes.
 *
 * @param positiveWeights factor of each class's present labels ({@code pos_weight}), or empty
 */
public record BinaryLoss(List<Double> positiveWeights) implements Loss {
  /** Checks the weights. */
  public BinaryLoss {
    positiveWeights = Loss.checked(positiveWeights);
  }

  @Override
  public double sum(
      float[] logits, float[] targets, int n, int classes, double total, float[] dlogits) {
    Loss.requireWeights(positiveWeights, classes);
    double sum = 0;
    for (int i = 0; i < n * classes; i++) {
      double x = logits[i];
      double there = Loss.weightOf(positiveWeights, i % classes) * targets[i];
      double absent = 1 - targets[i];
      double small = Math.log1p(Math.exp(-Math.abs(x)));
      double ifThere = small + Math.max(-x, 0); // -log sigmoid(x)
      double ifAbsent = small + Math.max(x, 0);
      sum += (there * ifThere + absent * ifAbsent) / classes;
      if (dlogits != null) {
        double p = 1 / (1 + Math.exp(-x));
        dlogits[i] = (float) ((absent * p - there * (1 - p)) / (total * classes));
      }
    }
    return sum;
  }

  @Override
  public double weight(float[] targets, int n, int classes) {
    return n;
  }
}
