package io.github.densenet4j.train;

import io.github.densenet4j.Randomness;

/** Random numbers one after another, all of them a function of one key. */
final class Draws {
  private final long key;
  private long position;

  Draws(long key) {
    this.key = key;
  }

  /** A number in [0, 1). */
  double uniform() {
    return Randomness.uniform(key, position++);
  }

  /** A number in [from, to). */
  double between(double from, double to) {
    return from + (to - from) * uniform();
  }

  /** A whole number from 0, below a bound. */
  int below(int bound) {
    return (int) Long.remainderUnsigned(Randomness.bits(key, position++), bound);
  }

  /** Whether something of a probability happens. */
  boolean happens(double probability) {
    return uniform() < probability;
  }

  private double gaussian() {
    return Randomness.gaussian(key, position++ + (1L << 40));
  }

  /** A number of the Beta distribution with equal parameters. */
  double beta(double alpha) {
    double x = gamma(alpha);
    return x / (x + gamma(alpha));
  }

  /** The Gamma distribution by rejection (Marsaglia and Tsang, 2000). */
  private double gamma(double alpha) {
    if (alpha < 1) {
      double power = Math.pow(Math.max(uniform(), 0x1p-25), 1 / alpha);
      return Math.max(gamma(alpha + 1) * power, Double.MIN_NORMAL);
    }
    double d = alpha - 1 / 3.0;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = gaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }
}
