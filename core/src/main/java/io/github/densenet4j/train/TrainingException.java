package io.github.densenet4j.train;

/** Training that cannot go on: the message says why and what to try. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message for the user. */
  public TrainingException(String message) {
    super(message);
  }
}
