package io.github.densenet4j.train;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.FrozenParts;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;

/**
 * What a run will take of the heap, counted by the code that will take it.
 *
 * @param config of the network
 * @param input how large pictures are
 * @param recipe of the run
 * @param pictures of the training set, which a batch cannot exceed
 * @param engine that computes
 */
record TrainingMemory(
    DenseNetConfig config, InputTransform input, Recipe recipe, int pictures, Engine engine) {

  /** How many of a network's first parts keep their values and need no way back. */
  int frozenParts() {
    int count = 0;
    for (String part : Pass.parts(config)) {
      if (!recipe.freeze().contains(part)) {
        break;
      }
      count++;
    }
    return count;
  }

  /** The pass through the parts that learn. */
  PassOptions options(boolean recompute) {
    return PassOptions.training(together(), input.height(), input.width())
        .withRecompute(recompute)
        .behind(frozenParts());
  }

  private int together() {
    return Math.min(recipe.together(), pictures);
  }

  /** Bytes of the whole run, without the cache of pictures and kept features. */
  long bytes(boolean recompute) {
    int h = input.height();
    int w = input.width();
    int frozen = frozenParts();
    long bytes = Pass.bytes(config, options(recompute), engine);
    if (frozen > 0) {
      bytes += FrozenParts.bytes(config, frozen, h, w, engine);
    }
    Layout layout = Layout.of(config);
    long values = layout.parameters() + layout.statistics();
    long optimiser = layout.parameters() * (recipe.optimiser() == Recipe.Rule.ADAMW ? 2L : 1L);
    bytes += 4 * (values + optimiser + (recipe.ema() > 0 ? values : 0));
    int floats = Math.multiplyExact(config.channels(), Math.multiplyExact(h, w));
    return bytes
        + Loader.bytes(together(), floats, config.classes())
        + Loader.bytes(Evaluation.batch(input), floats, config.classes());
  }
}
