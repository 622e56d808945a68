package io.github.densenet4j.train;

import io.github.densenet4j.Weights;
import io.github.densenet4j.kernel.Team;
import java.util.List;

/**
 * Stochastic gradient descent with momentum and weight decay over a flat store, with PyTorch's
 * arithmetic: g += decay * w; v = momentum * v + g; w -= lr * (nesterov ? g + momentum * v : v).
 */
public final class Sgd implements Optimiser {
  private final Weights weights;
  private final Team team;
  private final float momentum;
  private final float weightDecay;
  private final boolean nesterov;
  private final List<ParameterGroup> groups;
  private final float[] velocity;
  private final Team.Task task = this::group;
  private float[] gradients;
  private double learningRate;
  private long steps;

  /**
   * An optimiser of all parameters.
   *
   * @param momentum in [0, 1)
   * @param weightDecay at least 0
   * @param nesterov whether the step looks ahead (Sutskever et al., 2013)
   */
  public Sgd(Weights weights, Team team, double momentum, double weightDecay, boolean nesterov) {
    this(
        weights,
        team,
        momentum,
        weightDecay,
        nesterov,
        ParameterGroup.all(weights.parameters().length));
  }

  /** An optimiser of some parameters. */
  Sgd(
      Weights weights,
      Team team,
      double momentum,
      double weightDecay,
      boolean nesterov,
      List<ParameterGroup> groups) {
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
    this.groups = groups;
    this.velocity = new float[weights.parameters().length];
  }

  @Override
  public void step(float[] gradients, double learningRate) {
    this.gradients = gradients;
    this.learningRate = learningRate;
    team.run(task, groups.size());
    steps++;
    weights.changed();
  }

  private void group(int index, int worker) {
    ParameterGroup group = groups.get(index);
    float[] w = weights.parameters();
    float decay = weightDecay * group.decay();
    float rate = (float) (learningRate * group.rate());
    if (nesterov) {
      for (int i = group.from(); i < group.to(); i++) {
        float g = gradients[i] + decay * w[i];
        velocity[i] = momentum * velocity[i] + g;
        w[i] -= rate * (g + momentum * velocity[i]);
      }
    } else {
      for (int i = group.from(); i < group.to(); i++) {
        velocity[i] = momentum * velocity[i] + (gradients[i] + decay * w[i]);
        w[i] -= rate * velocity[i];
      }
    }
  }

  @Override
  public List<float[]> state() {
    return List.of(velocity);
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public void steps(long value) {
    steps = value;
  }
}
