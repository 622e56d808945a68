package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.FrozenParts;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;

/**
 * What a run will take of the heap at its peak, counted by the code that will take it.
 *
 * @param config of the network
 * @param input how large pictures are
 * @param recipe of the run
 * @param training pictures, which a batch cannot exceed
 * @param validation pictures
 * @param engine that computes
 */
record TrainingMemory(
    DenseNetConfig config,
    InputTransform input,
    Recipe recipe,
    int training,
    int validation,
    Engine engine) {
  /** The Java program itself: classes' objects, the command line, the log. Measured. */
  private static final long PROGRAM = 10L << 20;

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
    PassOptions options =
        PassOptions.training(together(), input.height(), input.width()).behind(frozenParts());
    return recompute ? Pass.sparing(config, options, engine) : options;
  }

  private int pixels() {
    return Math.multiplyExact(config.channels(), Math.multiplyExact(input.height(), input.width()));
  }

  private int together() {
    return Math.min(recipe.together(), training);
  }

  /** Bytes of the whole run, without its data and the cache of pictures. */
  long bytes(boolean recompute) {
    long always = PROGRAM + Pass.bytes(config, options(recompute), engine) + state();
    if (frozenParts() == 0) {
      return always + epochs(pixels());
    }
    long frozen =
        FrozenParts.bytes(config, frozenParts(), input.height(), input.width(), engine)
            + 4L * together() * features();
    return always + frozen + epochs(pixels());
  }

  /** The same if the features behind the frozen parts are kept in the heap. */
  long bytesWithFeatures(boolean recompute) {
    long always = PROGRAM + Pass.bytes(config, options(recompute), engine) + state();
    long first =
        FrozenParts.bytes(config, frozenParts(), input.height(), input.width(), engine)
            + 4L * (together() + KeptFeatures.TOGETHER) * features()
            + Loader.bytes(KeptFeatures.TOGETHER, pixels(), config.classes());
    return always + FeatureStore.bytes(training, features()) + Math.max(first, epochs(features()));
  }

  /** Values of a picture's features behind the frozen parts. */
  int features() {
    return FrozenParts.floats(config, frozenParts(), input.height(), input.width(), engine);
  }

  /** Batches of so many values a picture, validation, and the copy that a checkpoint is. */
  private long epochs(int floats) {
    int judged = Math.min(Evaluation.batch(input), validation);
    return state()
        + DenseNet.bytes(config, judged, input.height(), input.width(), engine)
        + Loader.bytes(together(), floats, config.classes())
        + Loader.bytes(Evaluation.batch(input), pixels(), config.classes());
  }

  /** What a checkpoint holds. */
  private long state() {
    Layout layout = Layout.of(config);
    long values = layout.parameters() + layout.statistics();
    long optimiser = layout.parameters() * (recipe.optimiser() == Recipe.Rule.ADAMW ? 2L : 1L);
    return 4 * (values + optimiser + (recipe.ema() > 0 ? values : 0));
  }
}
