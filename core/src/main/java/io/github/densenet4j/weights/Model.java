package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import java.util.List;

/**
 * All that is needed to classify pictures.
 *
 * @param config the network
 * @param weights its values
 * @param classNames a name for each class, or empty
 * @param input how a picture becomes the network's input
 * @param output how its logits become probabilities
 */
public record Model(
    DenseNetConfig config,
    Weights weights,
    List<String> classNames,
    InputTransform input,
    OutputTransform output) {
  /** Checks that there is a name and a threshold for each class or none. */
  public Model {
    classNames = List.copyOf(classNames);
    require("class names", classNames.size(), config);
    require("thresholds", output.thresholds().size(), config);
    if (input.channels() != config.channels()) {
      throw new IllegalArgumentException(
          "The input's normalisation has %d channels, the network takes %d."
              .formatted(input.channels(), config.channels()));
    }
  }

  /** A model whose classes exclude each other. */
  public Model(
      DenseNetConfig config, Weights weights, List<String> classNames, InputTransform input) {
    this(config, weights, classNames, input, OutputTransform.softmax());
  }

  private static void require(String what, int count, DenseNetConfig config) {
    if (count != 0 && count != config.classes()) {
      throw new IllegalArgumentException(
          "There are " + count + " " + what + " for " + config.classes() + " classes.");
    }
  }

  /** The name of a class; its index if it has none. */
  public String label(int index) {
    return classNames.isEmpty() ? Integer.toString(index) : classNames.get(index);
  }

  /** This model with other class names. */
  public Model withClassNames(List<String> value) {
    return new Model(config, weights, value, input, output);
  }

  /** This model for pictures that are prepared in another way. */
  public Model withInput(InputTransform value) {
    return new Model(config, weights, classNames, value, output);
  }

  /** This model with another way to probabilities. */
  public Model withOutput(OutputTransform value) {
    return new Model(config, weights, classNames, input, value);
  }
}
