package io.github.densenet4j.metrics;

/**
 * A figure and how sure it is.
 *
 * @param value measured on all pictures
 * @param low where the confidence interval begins
 * @param high where it ends
 */
public record Interval(double value, double low, double high) {
  /** Whether a value lies inside, the ends included. */
  public boolean contains(double x) {
    return low <= x && x <= high;
  }
}
