package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** One dimension of {@link Winograd}'s transform of weights, a vector of kernels at a time. */
final class VectorWinogradWeights {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final float SIXTH = 1 / 6f;

  private VectorWinogradWeights() {}

  // u (size,N) = G (size,3) * w (3,N)
  static void transform(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uRow) {
    for (int j = 0; j < n; j += L) {
      FloatVector w0 = FloatVector.fromArray(S, w, wAt + j);
      FloatVector w1 = FloatVector.fromArray(S, w, wAt + wRow + j);
      FloatVector w2 = FloatVector.fromArray(S, w, wAt + 2 * wRow + j);
      int to = uAt + j;
      if (f == Winograd.F4) {
        FloatVector sum = w0.add(w2).mul(-SIXTH);
        FloatVector middle = w1.mul(SIXTH);
        FloatVector wide = w0.mul(0.25f).add(w2).mul(SIXTH);
        FloatVector half = w1.mul(0.5f * SIXTH);
        w0.mul(0.25f).intoArray(u, to);
        sum.sub(middle).intoArray(u, to + uRow);
        sum.add(middle).intoArray(u, to + 2 * uRow);
        wide.add(half).intoArray(u, to + 3 * uRow);
        wide.sub(half).intoArray(u, to + 4 * uRow);
        w2.intoArray(u, to + 5 * uRow);
      } else {
        FloatVector half = w0.add(w2).mul(0.5f);
        FloatVector middle = w1.mul(0.5f);
        w0.intoArray(u, to);
        half.add(middle).intoArray(u, to + uRow);
        half.sub(middle).intoArray(u, to + 2 * uRow);
        w2.intoArray(u, to + 3 * uRow);
      }
    }
  }
}
