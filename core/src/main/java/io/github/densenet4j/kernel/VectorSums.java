package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over rows of pixels: moments for batch normalisation, gradients of biases, means of
 * pictures.
 */
final class VectorSums {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorSums() {}

  // mean (R), m2 (R) of x (R,P)
  static void moments(
      float[] x, int xAt, int xPitch, int rows, int p, double[] mean, double[] m2, int at) {
    FloatVector zero = FloatVector.zero(S);
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * xPitch;
      float rough = sum(x, from, p) / p;
      FloatVector centre = FloatVector.broadcast(S, rough);
      FloatVector s = zero;
      FloatVector q = zero;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector d = FloatVector.fromArray(S, x, from + j).sub(centre);
        s = s.add(d);
        q = d.fma(d, q);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector d = zero.blend(FloatVector.fromArray(S, x, from + j, mask).sub(centre), mask);
        s = s.add(d);
        q = d.fma(d, q);
      }
      // The deviations from a rounded mean do not sum to zero: what is left corrects mean and
      // squares.
      double rest = (double) Lanes.total(s) / p;
      mean[at + r] = rough + rest;
      m2[at + r] = Math.max(0, Lanes.total(q) - rest * rest * p);
    }
  }

  // sum (R) = sum of x (R,P)
  static void sums(float[] x, int xAt, int xPitch, int rows, int p, double[] sum, int sumAt) {
    for (int r = 0; r < rows; r++) {
      double total = 0;
      for (int done = 0; done < p; done += 4096) { // a run short enough for floats
        total += sum(x, xAt + r * xPitch + done, Math.min(4096, p - done));
      }
      sum[sumAt + r] = total;
    }
  }

  // x (1,N) = the sum of x (R,N) over its rows
  static void sumRows(float[] x, int xAt, int xPitch, int rows, int n) {
    for (int j = 0; j < n; j += L) {
      int at = xAt + j;
      FloatVector s = FloatVector.fromArray(S, x, at);
      for (int r = 1; r < rows; r++) {
        s = s.add(FloatVector.fromArray(S, x, at + r * xPitch));
      }
      s.intoArray(x, at);
    }
  }

  private static float sum(float[] x, int from, int p) {
    FloatVector s = FloatVector.zero(S);
    int j = 0;
    for (; j <= p - L; j += L) {
      s = s.add(FloatVector.fromArray(S, x, from + j));
    }
    if (j < p) {
      s = s.add(FloatVector.fromArray(S, x, from + j, S.indexInRange(j, p)));
    }
    return Lanes.total(s);
  }

  // returns the mean of relu(scale * x (P) + shift)
  static float globalAverage(float[] x, int xAt, int p, float scale, float shift) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    FloatVector s = zero;
    int j = 0;
    for (; j <= p - L; j += L) {
      FloatVector v = a.fma(FloatVector.fromArray(S, x, xAt + j), b);
      s = s.add(v.blend(0, v.compare(VectorOperators.LT, 0)));
    }
    if (j < p) {
      VectorMask<Float> mask = S.indexInRange(j, p);
      FloatVector v = zero.blend(a.fma(FloatVector.fromArray(S, x, xAt + j, mask), b), mask);
      s = s.add(v.blend(0, v.compare(VectorOperators.LT, 0)));
    }
    return Lanes.total(s) / p;
  }
}
