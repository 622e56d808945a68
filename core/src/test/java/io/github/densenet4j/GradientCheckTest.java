package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each part alone: its gradients against finite differences, with the batch's statistics and with
 * running ones.
 */
class GradientCheckTest {
  record Case(String name, int inputs, boolean batch, Function<Engine, PartAlone> make) {
    @Override
    public String toString() {
      return name + (batch ? ", batch statistics" : ", running statistics");
    }
  }

  static Stream<Case> cases() {
    return Stream.of(true, false)
        .flatMap(
            batch ->
                Stream.of(
                    new Case(
                        "plain block",
                        2 * 3 * 5 * 6,
                        batch,
                        e -> PartAlone.denseBlock(e, 3, 4, 2, 0, 2, 5, 6, 1)),
                    new Case(
                        "bottleneck block",
                        2 * 3 * 5 * 4,
                        batch,
                        e -> PartAlone.denseBlock(e, 3, 2, 3, 4, 2, 5, 4, 2)),
                    new Case(
                        "transition, odd maps",
                        2 * 6 * 5 * 7,
                        batch,
                        e -> PartAlone.transition(e, 6, 3, 2, 5, 7, 3)),
                    new Case(
                        "head", 3 * 5 * 4 * 3, batch, e -> PartAlone.head(e, 5, 4, 3, 4, 3, 4)),
                    new Case(
                        "cifar stem",
                        2 * 3 * 5 * 6,
                        batch,
                        e -> PartAlone.stem(e, StemType.CIFAR, 3, 4, 2, 5, 6, 5)),
                    new Case(
                        "imagenet stem",
                        2 * 2 * 13 * 11,
                        batch,
                        e -> PartAlone.stem(e, StemType.IMAGENET, 2, 3, 2, 13, 11, 6)),
                    new Case(
                        "d2l stem",
                        2 * 1 * 12 * 9,
                        batch,
                        e -> PartAlone.stem(e, StemType.D2L, 1, 3, 2, 12, 9, 7))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreSlopes(Case c) {
    try (Team team = new Team(2)) {
      PartAlone part = c.make.apply(new Engine(new ScalarKernels(), team));
      part.useBatchStatistics(c.batch);
      float[] x = noise(11, c.inputs);
      float[] p = part.weights().parameters();
      for (int i = 0; i < p.length; i++) { // nothing at a special value: betas and biases too
        p[i] += 0.2f * (float) Randomness.gaussian(12, i);
      }
      part.weights().changed();
      float[] y = part.forward(x);
      float[] direction = noise(13, y.length); // loss = y . direction
      float[] dx = part.backward(direction).clone();
      float[] dp = part.gradients().clone();
      check(c + ", input", part, x, x, dx, direction);
      check(c + ", parameters", part, x, p, dp, direction);
    }
  }

  /**
   * Compares the slope along single coordinates with the gradient. A ReLU or a maximum that changes
   * its mind within a step spoils a coordinate, so a tenth of them may be off; the typical error
   * must be that of float arithmetic.
   */
  private static void check(
      String what, PartAlone part, float[] x, float[] values, float[] gradient, float[] direction) {
    double square = 0;
    for (float g : gradient) {
      square += (double) g * g;
    }
    double rms = Math.sqrt(square / gradient.length);
    int trials = Math.min(values.length, 120);
    double[] errors = new double[trials];
    for (int trial = 0; trial < trials; trial++) {
      int i = (int) Long.remainderUnsigned(Randomness.bits(21, trial), values.length);
      float step = 4e-3f;
      double above = moved(part, x, values, i, step, direction);
      double below = moved(part, x, values, i, -step, direction);
      double slope = (above - below) / (2 * step);
      errors[trial] = Math.abs(slope - gradient[i]) / (Math.abs(gradient[i]) + rms);
    }
    Arrays.sort(errors);
    assertThat(errors[trials / 2]).as(what + ", median error").isLessThan(0.003);
    assertThat(errors[trials * 9 / 10]).as(what + ", error of nine in ten").isLessThan(0.03);
  }

  private static double moved(
      PartAlone part, float[] x, float[] values, int i, float step, float[] direction) {
    float before = values[i];
    values[i] += step;
    part.weights().changed();
    float[] y = part.forward(x);
    values[i] = before;
    part.weights().changed();
    double loss = 0;
    for (int j = 0; j < y.length; j++) {
      loss += (double) y[j] * direction[j];
    }
    return loss;
  }

  private static float[] noise(long key, int size) {
    float[] out = new float[size];
    for (int i = 0; i < size; i++) {
      out[i] = (float) Randomness.gaussian(key, i);
    }
    return out;
  }
}
