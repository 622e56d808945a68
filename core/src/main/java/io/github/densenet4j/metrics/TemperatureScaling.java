package io.github.densenet4j.metrics;

import java.util.function.DoubleUnaryOperator;

/**
 * The one number by which logits are divided so that probabilities can be believed (Guo et al.,
 * ICML 2017): it minimises the cross-entropy on pictures that were not learned from. Which class
 * comes first does not change.
 */
public final class TemperatureScaling {
  private static final double LOWEST = 1e-3;
  private static final double HIGHEST = 1e3;
  private static final double PRECISION = 1e-9;

  private TemperatureScaling() {}

  /**
   * Fits it for classes that exclude each other.
   *
   * @return the temperature, in [0.001, 1000]; an end of it if the optimum lies beyond, as with
   *     pictures that are all right
   */
  public static double fit(Outputs outputs) {
    return minimise(beta -> slope(outputs, beta));
  }

  /**
   * Fits it for several classes at once.
   *
   * @param logits (n, classes)
   * @param present (n, classes)
   * @return the temperature, in [0.001, 1000]
   */
  public static double fit(float[] logits, boolean[] present) {
    return minimise(
        beta -> {
          double slope = 0;
          for (int j = 0; j < logits.length; j++) {
            double p = 1 / (1 + Math.exp(-beta * logits[j]));
            slope += logits[j] * (p - (present[j] ? 1 : 0));
          }
          return slope;
        });
  }

  private static double slope(Outputs outputs, double beta) {
    double slope = 0;
    for (int i = 0; i < outputs.size(); i++) {
      double largest = outputs.logit(i, outputs.predicted(i));
      double sum = 0;
      double mean = 0;
      for (int c = 0; c < outputs.classes(); c++) {
        double z = outputs.logit(i, c) - largest;
        double e = Math.exp(beta * z);
        sum += e;
        mean += e * z;
      }
      slope += mean / sum - (outputs.logit(i, outputs.labels()[i]) - largest);
    }
    return slope;
  }

  /**
   * The loss is convex in the inverse temperature: halves the range where its slope changes sign.
   */
  private static double minimise(DoubleUnaryOperator slope) {
    double low = 1 / HIGHEST;
    double high = 1 / LOWEST;
    if (slope.applyAsDouble(high) <= 0) {
      return LOWEST;
    }
    while (high / low > 1 + PRECISION) {
      double middle = Math.sqrt(low * high);
      if (slope.applyAsDouble(middle) > 0) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return 1 / high;
  }
}
