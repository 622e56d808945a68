package io.github.densenet4j.report;

import io.github.densenet4j.metrics.Bootstrap;
import io.github.densenet4j.metrics.Interval;
import java.util.Arrays;

/** What is known about the difference of two runs in one figure. */
sealed interface Evidence {
  /** The difference. */
  double value();

  /** The interval in which it lies with some confidence, in (0, 1). */
  Interval at(double level);

  /** Twice the chance of a difference of the other sign, at most 1. */
  double p();

  /**
   * Both runs were judged by the same pictures, which were drawn anew for both together.
   *
   * @param value the difference
   * @param sorted that of every draw, ascending
   */
  record Paired(double value, double[] sorted) implements Evidence {
    static Paired of(double value, double[] first, double[] second) {
      double[] differences = new double[first.length];
      Arrays.setAll(differences, r -> first[r] - second[r]);
      Arrays.sort(differences);
      return new Paired(value, differences);
    }

    @Override
    public Interval at(double level) {
      return Bootstrap.percentiles(value, sorted, level);
    }

    @Override
    public double p() {
      int below = 0;
      int above = 0;
      for (double difference : sorted) {
        below += difference <= 0 ? 1 : 0;
        above += difference >= 0 ? 1 : 0;
      }
      return Math.min(1, 2.0 * (1 + Math.min(below, above)) / (1 + sorted.length));
    }
  }

  /**
   * Each run has an interval of its own: they are taken as independent, and their errors as normal.
   *
   * @param value the difference
   * @param below how far its interval of 95 % reaches down
   * @param above how far it reaches up
   */
  record Independent(double value, double below, double above) implements Evidence {
    private static final double LEVEL = 0.95;

    /** Distances to the intervals' ends add up as independent errors do. */
    static Independent of(Interval a, Interval b) {
      return new Independent(
          a.value() - b.value(),
          Math.hypot(a.value() - a.low(), b.high() - b.value()),
          Math.hypot(a.high() - a.value(), b.value() - b.low()));
    }

    @Override
    public Interval at(double level) {
      double wider = Normal.quantile((1 + level) / 2) / Normal.quantile((1 + LEVEL) / 2);
      return new Interval(value, value - wider * below, value + wider * above);
    }

    @Override
    public double p() {
      double reach = value > 0 ? below : above; // towards zero
      double deviations = Math.abs(value) / reach * Normal.quantile((1 + LEVEL) / 2);
      return reach == 0 ? (value == 0 ? 1 : 0) : 2 * (1 - Normal.cdf(deviations));
    }
  }
}
