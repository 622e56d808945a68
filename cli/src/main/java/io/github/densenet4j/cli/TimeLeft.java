package io.github.densenet4j.cli;

/**
 * How long a run will take, by what it has done since its first step; that one does not count, as
 * the JVM compiles the kernels in it.
 */
final class TimeLeft {
  private static final int STEPS = 10;
  private static final double SECONDS = 10;

  private int steps;
  private long firstDone;
  private long firstNanos;
  private long lastNanos;
  private long done;
  private long total;

  /**
   * After a step.
   *
   * @param done pictures so far, of all epochs
   * @param total pictures of all epochs
   * @param nanos the time, as {@link System#nanoTime} tells it
   */
  void step(long done, long total, long nanos) {
    if (steps == 0) {
      firstDone = done;
      firstNanos = nanos;
    }
    steps++;
    lastNanos = nanos;
    this.done = done;
    this.total = total;
  }

  /** Whether enough has been done to tell. */
  boolean isMeaningful() {
    return steps > STEPS && measured() > SECONDS;
  }

  /** Seconds that are left, validations between epochs included. */
  double seconds() {
    return (total - done) * measured() / (done - firstDone);
  }

  private double measured() {
    return (lastNanos - firstNanos) * 1e-9;
  }
}
