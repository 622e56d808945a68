package io.github.densenet4j.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * How often a class was taken for another.
 *
 * @param counts (classes, classes); row: the right class, column: the named one
 */
public record ConfusionMatrix(long[][] counts) {
  /**
   * Counts.
   *
   * @param labels (n) the right classes, in 0 to classes-1
   * @param predicted (n) the named classes
   * @throws IllegalArgumentException if the lengths differ or a class is out of range
   */
  public static ConfusionMatrix of(int[] labels, int[] predicted, int classes) {
    if (labels.length != predicted.length) {
      throw new IllegalArgumentException(
          "There are %,d labels and %,d predictions: one each a picture."
              .formatted(labels.length, predicted.length));
    }
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes || predicted[i] < 0 || predicted[i] >= classes) {
        throw new IllegalArgumentException(
            "Picture %,d has the class %d and was named %d: classes are 0 to %d."
                .formatted(i, labels[i], predicted[i], classes - 1));
      }
      counts[labels[i]][predicted[i]]++;
    }
    return new ConfusionMatrix(counts);
  }

  /** Number of classes. */
  public int classes() {
    return counts.length;
  }

  private long[] rowSums() {
    long[] sums = new long[classes()];
    for (int r = 0; r < sums.length; r++) {
      for (long count : counts[r]) {
        sums[r] += count;
      }
    }
    return sums;
  }

  private long[] columnSums() {
    long[] sums = new long[classes()];
    for (long[] row : counts) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += row[c];
      }
    }
    return sums;
  }

  /** Each class against all others. */
  public List<ClassMetrics> perClass() {
    long[] rows = rowSums();
    long[] columns = columnSums();
    List<ClassMetrics> out = new ArrayList<>();
    for (int c = 0; c < classes(); c++) {
      long hits = counts[c][c];
      out.add(ClassMetrics.of(hits, columns[c] - hits, rows[c] - hits));
    }
    return out;
  }

  /** The mean over the classes that occur, as labels or as predictions. */
  public ClassMetrics macro() {
    return ClassMetrics.macro(occurring());
  }

  /** The mean over the classes, weighted by their number of pictures. */
  public ClassMetrics weighted() {
    return ClassMetrics.weighted(occurring());
  }

  private List<ClassMetrics> occurring() {
    List<ClassMetrics> all = perClass();
    long[] columns = columnSums();
    List<ClassMetrics> out = new ArrayList<>();
    for (int c = 0; c < classes(); c++) {
      if (all.get(c).support() + columns[c] > 0) {
        out.add(all.get(c));
      }
    }
    return out;
  }

  /**
   * Cohen's kappa (1960): agreement beyond chance; 1 perfect, 0 no better than chance; NaN if there
   * is only one class.
   */
  public double kappa() {
    long[] rows = rowSums();
    long[] columns = columnSums();
    double n = 0;
    double agreed = 0;
    double byChance = 0;
    for (int c = 0; c < classes(); c++) {
      n += rows[c];
      agreed += counts[c][c];
      byChance += (double) rows[c] * columns[c];
    }
    byChance /= n;
    return (agreed - byChance) / (n - byChance);
  }
}
