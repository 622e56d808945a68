package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.OutputTransform;
import java.util.List;

/** A model made to fit another number of classes or of input channels. */
final class Adaptation {
  private static final String STEM = "features.conv0.weight";

  private Adaptation() {}

  static Model to(LoadOptions options, Model model) {
    Model adapted = model;
    if (options.channels() != 0 && options.channels() != model.config().channels()) {
      adapted = toChannels(adapted, options.channels());
    }
    if (options.classes() != 0 && options.classes() != model.config().classes()) {
      adapted = toClasses(adapted, options.classes());
    }
    return adapted;
  }

  /** The classifier is drawn anew, everything else stays. */
  private static Model toClasses(Model model, int classes) {
    DenseNetConfig config = model.config().withClasses(classes);
    Weights weights = Weights.initialise(config, 1);
    copyAllBut("classifier", model.weights(), weights);
    return new Model(config, weights, List.of(), model.input(), OutputTransform.softmax());
  }

  /**
   * The stem's kernels summed for one channel, or repeated and scaled so that an input of equal
   * channels gives the same sums as before, as timm does.
   */
  private static Model toChannels(Model model, int channels) {
    DenseNetConfig config = model.config().withChannels(channels);
    Weights weights = Weights.initialise(config, 1);
    copyAllBut("features.conv0.weight", model.weights(), weights);
    Slot from = model.weights().layout().slot(STEM);
    Slot to = weights.layout().slot(STEM);
    int had = from.shape().get(1);
    int area = from.shape().get(2) * from.shape().get(3);
    float[] in = model.weights().store(from);
    float[] out = weights.store(to);
    for (int o = 0; o < config.initFeatures(); o++) {
      for (int p = 0; p < area; p++) {
        double sum = 0;
        for (int c = 0; c < had; c++) {
          sum += in[from.at() + (o * had + c) * area + p];
        }
        for (int c = 0; c < channels; c++) {
          float repeated = in[from.at() + (o * had + c % had) * area + p];
          out[to.at() + (o * channels + c) * area + p] =
              channels == 1 ? (float) sum : repeated * had / channels;
        }
      }
    }
    weights.changed();
    return new Model(
        config, weights, model.classNames(), model.input().withChannels(channels), model.output());
  }

  private static void copyAllBut(String name, Weights from, Weights to) {
    for (Slot slot : to.layout().slots()) {
      if (!slot.name().startsWith(name)) {
        Slot source = from.layout().slot(slot.name());
        System.arraycopy(from.store(source), source.at(), to.store(slot), slot.at(), slot.size());
      }
    }
    to.batchesTracked(from.batchesTracked());
    to.changed();
  }
}
