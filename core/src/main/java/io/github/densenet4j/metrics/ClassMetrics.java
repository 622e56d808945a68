package io.github.densenet4j.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How one class is recognised, or the mean over classes.
 *
 * @param precision of those named so, the fraction that is so; 0 if none is named so
 * @param recall of those that are so, the fraction named so; 0 if none is so
 * @param f1 harmonic mean of the two; 0 if both are
 * @param support number that are so
 */
public record ClassMetrics(double precision, double recall, double f1, long support) {
  /** From counts: rightly named, wrongly named, missed. */
  static ClassMetrics of(long hits, long falseAlarms, long misses) {
    return new ClassMetrics(
        ratio(hits, hits + falseAlarms),
        ratio(hits, hits + misses),
        ratio(2 * hits, 2 * hits + falseAlarms + misses),
        hits + misses);
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** The mean of classes, each as important as the other. */
  static ClassMetrics macro(List<ClassMetrics> classes) {
    return mean(classes, _ -> 1);
  }

  /** The mean of classes, each as important as it is frequent. */
  static ClassMetrics weighted(List<ClassMetrics> classes) {
    return mean(classes, ClassMetrics::support);
  }

  private static ClassMetrics mean(
      List<ClassMetrics> classes, ToDoubleFunction<ClassMetrics> weight) {
    double total = 0;
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    long support = 0;
    for (ClassMetrics c : classes) {
      double w = weight.applyAsDouble(c);
      total += w;
      precision += w * c.precision;
      recall += w * c.recall;
      f1 += w * c.f1;
      support += c.support;
    }
    return total == 0
        ? new ClassMetrics(0, 0, 0, support)
        : new ClassMetrics(precision / total, recall / total, f1 / total, support);
  }
}
