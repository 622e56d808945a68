package io.github.densenet4j.bench;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Summary;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.weights.Model;
import java.util.List;

/**
 * What is computed, with the same weights, pictures and labels for everyone.
 *
 * @param mode inference or training
 * @param arch a named network
 * @param size pixels of a picture's side
 * @param batch pictures of a run
 * @param threads that share the work
 */
record Task(Mode mode, String arch, int size, int batch, int threads) {
  /** As a title. */
  String title() {
    return "%s @%d %s, batch %d, %d thread%s"
        .formatted(
            arch,
            size,
            mode == Mode.INFER ? "inference" : "training",
            batch,
            threads,
            threads == 1 ? "" : "s");
  }

  DenseNetConfig config() {
    return DenseNetConfig.named(arch);
  }

  /** Operations of a run, in billions: a multiply-accumulate of the plain sum is two. */
  double gflop() {
    return 2e-9 * batch * mode.passes() * Summary.of(config(), size, size).macs();
  }

  /** Random weights, and running statistics that are not those of a new network. */
  Model model() {
    Weights weights = Weights.initialise(config(), 1);
    float[] statistics = weights.statistics();
    for (int i = 0; i < statistics.length; i++) {
      statistics[i] += 0.5f * Randomness.uniform(2, i);
    }
    InputTransform input = InputTransform.plain(config().channels(), size, size);
    return new Model(config(), weights, List.of(), input);
  }

  /** (batch, channels, size, size). */
  float[] images() {
    float[] images = new float[batch * config().channels() * size * size];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Randomness.gaussian(3, i);
    }
    return images;
  }

  /** (batch) in 0 .. classes-1. */
  int[] labels() {
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = (int) Long.remainderUnsigned(Randomness.bits(4, i), config().classes());
    }
    return labels;
  }
}
