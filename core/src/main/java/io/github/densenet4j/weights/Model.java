package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import java.util.List;

/**
 * All that is needed to classify pictures.
 *
 * @param config the network
 * @param weights its values
 * @param classNames a name for each class, or empty
 * @param input how a picture becomes the network's input
 */
public record Model(
    DenseNetConfig config, Weights weights, List<String> classNames, InputTransform input) {
  /** Checks that there is a name for each class or none. */
  public Model {
    classNames = List.copyOf(classNames);
    if (!classNames.isEmpty() && classNames.size() != config.classes()) {
      throw new IllegalArgumentException(
          "There are " + classNames.size() + " class names for " + config.classes() + " classes.");
    }
  }

  /** The name of a class; its index if it has none. */
  public String label(int index) {
    return classNames.isEmpty() ? Integer.toString(index) : classNames.get(index);
  }
}
