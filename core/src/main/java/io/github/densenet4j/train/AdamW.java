package io.github.densenet4j.train;

import io.github.densenet4j.Weights;
import io.github.densenet4j.kernel.Team;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019) over a flat store, with PyTorch's
 * arithmetic: w *= 1 - lr * decay; m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; w -= lr / (1 -
 * b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + 1e-8).
 */
public final class AdamW implements Optimiser {
  private static final double EPSILON = 1e-8;

  private final Weights weights;
  private final Team team;
  private final double beta1;
  private final double beta2;
  private final double weightDecay;
  private final List<ParameterGroup> groups;
  private final float[] first;
  private final float[] second;
  private final Team.Task task = this::group;
  private float[] gradients;
  private double learningRate;
  private long steps;

  /** An optimiser of some parameters. */
  AdamW(
      Weights weights,
      Team team,
      double beta1,
      double beta2,
      double weightDecay,
      List<ParameterGroup> groups) {
    this.weights = weights;
    this.team = team;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.weightDecay = weightDecay;
    this.groups = groups;
    this.first = new float[weights.parameters().length];
    this.second = new float[weights.parameters().length];
  }

  @Override
  public void step(float[] gradients, double learningRate) {
    this.gradients = gradients;
    this.learningRate = learningRate;
    steps++;
    team.run(task, groups.size());
    weights.changed();
  }

  private void group(int index, int worker) {
    ParameterGroup group = groups.get(index);
    float[] w = weights.parameters();
    double rate = learningRate * group.rate();
    float kept = (float) (1 - rate * weightDecay * group.decay());
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float c1 = (float) (1 - beta1);
    float c2 = (float) (1 - beta2);
    float size = (float) (rate / (1 - Math.pow(beta1, steps)));
    float root = (float) Math.sqrt(1 - Math.pow(beta2, steps));
    for (int i = group.from(); i < group.to(); i++) {
      float g = gradients[i];
      first[i] = b1 * first[i] + c1 * g;
      second[i] = b2 * second[i] + c2 * g * g;
      float scale = (float) Math.sqrt(second[i]) / root + (float) EPSILON;
      w[i] = w[i] * kept - size * (first[i] / scale);
    }
  }

  @Override
  public List<float[]> state() {
    return List.of(first, second);
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
