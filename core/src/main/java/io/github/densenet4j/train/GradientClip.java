package io.github.densenet4j.train;

import java.util.List;

/** Shortens gradients that are too long, as PyTorch's {@code clip_grad_norm_}. */
final class GradientClip {
  private static final double EPSILON = 1e-6;

  private GradientClip() {}

  /**
   * Scales the gradients of some parameters so that their norm is at most a limit.
   *
   * @return the norm before
   */
  static double apply(float[] gradients, List<ParameterGroup> groups, double limit) {
    double squares = 0;
    for (ParameterGroup group : groups) {
      for (int i = group.from(); i < group.to(); i++) {
        squares += (double) gradients[i] * gradients[i];
      }
    }
    double norm = Math.sqrt(squares);
    double factor = limit / (norm + EPSILON);
    if (factor < 1) {
      for (ParameterGroup group : groups) {
        for (int i = group.from(); i < group.to(); i++) {
          gradients[i] *= (float) factor;
        }
      }
    }
    return norm;
  }
}
