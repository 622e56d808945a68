package io.github.densenet4j.report;

import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.weights.Model;
import java.util.Arrays;
import java.util.List;

/** Models that carry what was found on validation pictures. */
public final class Recalibrated {
  private Recalibrated() {}

  /** The model whose logits are divided by a temperature: its classifier is. */
  public static Model atTemperature(Model model, double temperature) {
    Weights scaled = model.weights().copy();
    for (String name : List.of("classifier.weight", "classifier.bias")) {
      Slot slot = scaled.layout().slot(name);
      float[] store = scaled.store(slot);
      for (int i = slot.at(); i < slot.at() + slot.size(); i++) {
        store[i] = (float) (store[i] / temperature);
      }
    }
    scaled.changed();
    return new Model(model.config(), scaled, model.classNames(), model.input(), model.output());
  }

  /** The model with thresholds; one whose thresholds move its sigmoid keeps them. */
  public static Model withThresholds(Model model, double[] thresholds) {
    return model.output().kind() == OutputTransform.Kind.SIGMOID
        ? model.withOutput(OutputTransform.sigmoid(Arrays.stream(thresholds).boxed().toList()))
        : model;
  }
}
