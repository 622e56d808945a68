package io.github.densenet4j.weights;

import java.io.IOException;

/**
 * A file of weights that cannot be used: the message names the file, what was expected and what was
 * found.
 */
public final class WeightsException extends IOException {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public WeightsException(String message) {
    super(message);
  }

  /** With a message for the user and what led to it. */
  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
