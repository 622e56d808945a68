package io.github.densenet4j.cli;

/** Options that contradict each other or the data: exit code 2. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
