package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of the weights: dw (K,M) += x (K,P) * dy (P,M), a product over pixels, both of whose
 * sides {@link VectorTranspose} has laid out. It goes group by group of rows through scratch, from
 * where it is added.
 */
final class VectorCorrelate {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int ROWS = Kernels.CORRELATE_ROWS;

  private VectorCorrelate() {}

  // dw (K,M) += x (K,P) * dy (P,M)
  static void correlate(
      float[] x,
      int xAt,
      int k,
      float[] dy,
      int dyAt,
      int m,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch,
      float[] scratch,
      int scratchAt) {
    int at = scratchAt + Kernels.TILE_SCRATCH;
    for (int row = 0; row < k; row += ROWS) {
      int rows = Math.min(ROWS, k - row);
      VectorProduct.product(
          x, xAt + row * p, rows, p, dy, dyAt, null, 0, scratch, at, m, m, scratch, scratchAt);
      for (int r = 0; r < rows; r++) {
        int to = dwAt + (row + r) * dwPitch;
        for (int j = 0; j < m; j += L) {
          FloatVector sum = FloatVector.fromArray(S, scratch, at + r * m + j);
          FloatVector.fromArray(S, dw, to + j).add(sum).intoArray(dw, to + j);
        }
      }
    }
  }
}
