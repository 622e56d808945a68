package io.github.densenet4j.metrics;

import io.github.densenet4j.Randomness;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Confidence intervals by drawing the pictures anew, with replacement (Efron, 1979), percentile
 * method. The draws are a function of the seed, so the same figures come out each time.
 *
 * @param replicates how often all pictures are drawn; 1000 is usual
 * @param level of the intervals, e.g. 0.95
 * @param seed of the draws
 */
public record Bootstrap(int replicates, double level, long seed) {
  /** Checks the fields. */
  public Bootstrap {
    if (replicates < 1) {
      throw new IllegalArgumentException("replicates is " + replicates + ": it must be positive.");
    }
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("level is " + level + ": it must be in (0, 1).");
    }
  }

  /** 1000 draws, intervals of 95 %. */
  public static Bootstrap usual() {
    return new Bootstrap(1000, 0.95, 1);
  }

  /**
   * The intervals of some figures.
   *
   * @param n number of pictures, at least 1
   * @param figures computes them from the indices of n pictures, each in 0 to n-1, in which some
   *     occur several times; may keep nothing of the array
   */
  public Interval[] intervals(int n, Function<int[], double[]> figures) {
    int[] indices = new int[n];
    Arrays.setAll(indices, i -> i);
    double[] values = figures.apply(indices);
    double[][] drawn = replicates(n, figures);
    Interval[] out = new Interval[values.length];
    for (int f = 0; f < values.length; f++) {
      Arrays.sort(drawn[f]);
      out[f] = percentiles(values[f], drawn[f], level);
    }
    return out;
  }

  /**
   * The figures of every draw, for what is not an interval of one figure.
   *
   * @param n number of pictures, at least 1
   * @param figures as for {@link #intervals}
   * @return (figures, replicates), in the order of the draws
   */
  public double[][] replicates(int n, Function<int[], double[]> figures) {
    int[] indices = new int[n];
    double[][] drawn = null;
    for (int r = 0; r < replicates; r++) {
      long key = Randomness.key(seed, r);
      for (int i = 0; i < n; i++) {
        indices[i] = (int) Math.unsignedMultiplyHigh(Randomness.bits(key, i), n);
      }
      double[] again = figures.apply(indices);
      drawn = drawn == null ? new double[again.length][replicates] : drawn;
      for (int f = 0; f < again.length; f++) {
        drawn[f][r] = again[f];
      }
    }
    return drawn;
  }

  /**
   * The interval that leaves the same part of the draws out on both sides.
   *
   * @param value of the pictures themselves
   * @param sorted draws, ascending
   * @param level part of the draws within, in (0, 1)
   */
  public static Interval percentiles(double value, double[] sorted, double level) {
    double tail = (1 - level) / 2;
    return new Interval(value, quantile(sorted, tail), quantile(sorted, 1 - tail));
  }

  /** Linear between the sorted values, as NumPy's default. */
  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
