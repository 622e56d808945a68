package io.github.densenet4j.train;

/** Softmax and the mean cross-entropy of a batch. */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Returns the sum of the losses of a batch and writes the gradient of their mean.
   *
   * @param logits (n, classes)
   * @param labels (n) the right classes
   * @param total the number of pictures that the mean is taken over: n, or more if the batch is one
   *     shard of a step
   * @param dlogits (n, classes) takes the gradient; null if it is not wanted
   */
  public static double loss(
      float[] logits, int[] labels, int n, int classes, int total, float[] dlogits) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      int at = i * classes;
      double largest = largest(logits, at, classes);
      double normaliser = 0;
      for (int c = 0; c < classes; c++) {
        normaliser += Math.exp(logits[at + c] - largest);
      }
      sum += largest + Math.log(normaliser) - logits[at + labels[i]];
      if (dlogits != null) {
        for (int c = 0; c < classes; c++) {
          double probability = Math.exp(logits[at + c] - largest) / normaliser;
          dlogits[at + c] = (float) ((probability - (c == labels[i] ? 1 : 0)) / total);
        }
      }
    }
    return sum;
  }

  private static double largest(float[] logits, int at, int classes) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, logits[at + c]);
    }
    return largest;
  }
}
