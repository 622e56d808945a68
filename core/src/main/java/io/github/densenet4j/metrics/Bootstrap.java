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
    double[][] drawn = new double[values.length][replicates];
    for (int r = 0; r < replicates; r++) {
      long key = Randomness.key(seed, r);
      for (int i = 0; i < n; i++) {
        indices[i] = (int) Math.unsignedMultiplyHigh(Randomness.bits(key, i), n);
      }
      double[] again = figures.apply(indices);
      for (int f = 0; f < values.length; f++) {
        drawn[f][r] = again[f];
      }
    }
    Interval[] out = new Interval[values.length];
    for (int f = 0; f < values.length; f++) {
      Arrays.sort(drawn[f]);
      double tail = (1 - level) / 2;
      out[f] = new Interval(values[f], quantile(drawn[f], tail), quantile(drawn[f], 1 - tail));
    }
    return out;
  }

  /** Linear between the sorted values, as NumPy's default. */
  private static double quantile(double[] sorted, double q) {
    double at = q * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
