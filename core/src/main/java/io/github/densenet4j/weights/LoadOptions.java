package io.github.densenet4j.weights;

import java.util.List;

/**
 * What may differ from what a file says; by default nothing.
 *
 * @param arch a network's name that the file has to agree with, or null to take what is inferred
 * @param allowMissing names whose tensors may be missing and are drawn anew, e.g. {@code
 *     classifier}
 * @param classes another number of classes: the classifier is drawn anew; 0 for the file's
 * @param channels another number of input channels: the stem is summed (for 1), or repeated and
 *     scaled (for others), as timm does; 0 for the file's
 */
public record LoadOptions(String arch, List<String> allowMissing, int classes, int channels) {
  /** Checks the numbers. */
  public LoadOptions {
    allowMissing = List.copyOf(allowMissing);
    if (classes < 0 || channels < 0) {
      throw new IllegalArgumentException(
          "classes is " + classes + ", channels " + channels + ": both must be at least 0.");
    }
  }

  /** The file as it is. */
  public static LoadOptions strict() {
    return new LoadOptions(null, List.of(), 0, 0);
  }

  /** The file has to hold this network. */
  public LoadOptions withArch(String value) {
    return new LoadOptions(value, allowMissing, classes, channels);
  }

  /** Tensors of these names may be missing. */
  public LoadOptions withAllowMissing(List<String> value) {
    return new LoadOptions(arch, value, classes, channels);
  }

  /** Another number of classes. */
  public LoadOptions withClasses(int value) {
    return new LoadOptions(arch, allowMissing, value, channels);
  }

  /** Another number of input channels. */
  public LoadOptions withChannels(int value) {
    return new LoadOptions(arch, allowMissing, classes, value);
  }
}
