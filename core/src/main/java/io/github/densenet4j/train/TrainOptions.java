package io.github.densenet4j.train;

/**
 * How a network is trained.
 *
 * @param epochs times that every training picture is seen; at least 1
 * @param batch pictures of a step; at least 1
 * @param learningRate of the first step; above 0
 * @param momentum in [0, 1); Nesterov's
 * @param weightDecay at least 0
 * @param schedule how the learning rate changes
 * @param seed of everything random
 * @param recompute whether bottleneck outputs are recomputed instead of kept
 */
public record TrainOptions(
    int epochs,
    int batch,
    double learningRate,
    double momentum,
    double weightDecay,
    Schedule schedule,
    long seed,
    boolean recompute) {
  /** Checks every value. */
  public TrainOptions {
    require(epochs >= 1, "epochs", epochs, "at least 1");
    require(batch >= 1, "batch", batch, "at least 1");
    require(
        learningRate > 0 && learningRate < Double.POSITIVE_INFINITY, "lr", learningRate, "above 0");
    require(momentum >= 0 && momentum < 1, "momentum", momentum, "in [0, 1)");
    require(weightDecay >= 0 && weightDecay < 1, "weight decay", weightDecay, "in [0, 1)");
  }

  private static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be " + rule + ".");
    }
  }
}
