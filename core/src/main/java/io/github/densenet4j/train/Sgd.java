package io.github.densenet4j.train;

import io.github.densenet4j.Weights;
import io.github.densenet4j.kernel.Team;

/**
 * Stochastic gradient descent with momentum and weight decay over a flat store, with PyTorch's
 * arithmetic: g += decay * w; v = momentum * v + g; w -= lr * (nesterov ? g + momentum * v : v).
 */
public final class Sgd {
  private static final int CHUNK = 1 << 16;

  private final Weights weights;
  private final Team team;
  private final float momentum;
  private final float weightDecay;
  private final boolean nesterov;
  private final float[] velocity;
  private final Team.Task task = this::chunk;
  private float[] gradients;
  private float learningRate;

  /**
   * An optimiser of all parameters.
   *
   * @param momentum in [0, 1)
   * @param weightDecay at least 0
   * @param nesterov whether the step looks ahead (Sutskever et al., 2013)
   */
  public Sgd(Weights weights, Team team, double momentum, double weightDecay, boolean nesterov) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new IllegalArgumentException("momentum is " + momentum + ": it must be in [0, 1).");
    }
    if (!(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "weightDecay is " + weightDecay + ": it must be at least 0.");
    }
    this.weights = weights;
    this.team = team;
    this.momentum = (float) momentum;
    this.weightDecay = (float) weightDecay;
    this.nesterov = nesterov;
    this.velocity = new float[weights.parameters().length];
  }

  /** One step against the gradients, numbered as the parameters. */
  public void step(float[] gradients, double learningRate) {
    this.gradients = gradients;
    this.learningRate = (float) learningRate;
    team.run(task, (velocity.length + CHUNK - 1) / CHUNK);
    weights.changed();
  }

  private void chunk(int index, int worker) {
    float[] w = weights.parameters();
    int end = Math.min(velocity.length, (index + 1) * CHUNK);
    if (nesterov) {
      for (int i = index * CHUNK; i < end; i++) {
        float g = gradients[i] + weightDecay * w[i];
        velocity[i] = momentum * velocity[i] + g;
        w[i] -= learningRate * (g + momentum * velocity[i]);
      }
    } else {
      for (int i = index * CHUNK; i < end; i++) {
        velocity[i] = momentum * velocity[i] + (gradients[i] + weightDecay * w[i]);
        w[i] -= learningRate * velocity[i];
      }
    }
  }
}
