package io.github.densenet4j.data;

import java.io.IOException;

/**
 * Data that cannot be used: the message names the file, what was expected, what was found and what
 * to do.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public DataException(String message) {
    super(message);
  }

  /** With a message for the user and what led to it. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
