package io.github.densenet4j.report;

/** The standard normal distribution. */
final class Normal {
  private static final double FARTHEST = 8; // beyond it lies less than a double can tell from 1
  private static final double LOG_ROOT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

  private Normal() {}

  /** The part below x: Taylor's series (Marsaglia, "Evaluating the Normal Distribution", 2004). */
  static double cdf(double x) {
    if (Math.abs(x) > FARTHEST) {
      return x > 0 ? 1 : 0;
    }
    double sum = x;
    double term = x;
    double before = Double.NaN;
    for (int i = 3; sum != before; i += 2) {
      before = sum;
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * x * x - LOG_ROOT_TWO_PI);
  }

  /** The x below which a part p lies, in (0, 1). */
  static double quantile(double p) {
    double low = -FARTHEST;
    double high = FARTHEST;
    while (high - low > 1e-12) {
      double middle = (low + high) / 2;
      if (cdf(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }
}
