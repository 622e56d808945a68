package io.github.densenet4j.train;

import io.github.densenet4j.Weights;

/**
 * An exponential moving average of weights and running statistics, as PyTorch's {@code
 * AveragedModel} with buffers: the first step copies, later ones take {@code 1 - decay} of the new
 * values. It often judges better than the weights that it follows.
 */
final class Average {
  private final double decay;
  private final Weights weights;
  private boolean begun;

  /**
   * An average of weights like these.
   *
   * @param decay in (0, 1)
   */
  Average(Weights like, double decay) {
    this.decay = decay;
    this.weights = like.copy();
  }

  /** Moves the average. */
  void follow(Weights now) {
    if (!begun) {
      weights.copyFrom(now);
      begun = true;
      return;
    }
    move(weights.parameters(), now.parameters());
    move(weights.statistics(), now.statistics());
    weights.batchesTracked(now.batchesTracked());
    weights.changed();
  }

  private void move(float[] average, float[] values) {
    float part = (float) (1 - decay);
    for (int i = 0; i < average.length; i++) {
      average[i] += part * (values[i] - average[i]);
    }
  }

  Weights weights() {
    return weights;
  }

  boolean begun() {
    return begun;
  }

  void begun(boolean value) {
    begun = value;
  }
}
