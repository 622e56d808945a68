package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transforms in the other direction, for the gradient of the weights. The lanes
 * are the rows of a block and tiles side by side, as {@link VectorTranspose} lays them: so what
 * neighbouring tiles have at one place is contiguous, and nothing is sorted.
 */
final class VectorWinogradGradient {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final float SIXTH = 1 / 6f;

  private VectorWinogradGradient() {}

  // z (planes,M,P) = A dy A^T for dy (M,H,W), whole tiles, both in blocks of rows
  static void result(
      Winograd f,
      float[] dy,
      int dyAt,
      int m,
      int height,
      int width,
      float[] z,
      int zAt,
      int zPlane,
      float[] scratch,
      int scratchAt) {
    int step = f.step();
    int from = dyAt;
    int to = zAt;
    int block;
    for (int r = 0; r < m; r += block) {
      block = VectorProduct.blockRows(m - r);
      int line = width * block;
      int run = line / step; // of a phase
      for (int row = 0; row < height; row += step) {
        // whole vectors: what is too much, the next row of tiles or the next block overwrites
        for (int j = 0; j < run; j += L) {
          // down the columns, then along the rows
          if (f == Winograd.F4) {
            expand4(dy, from + j, line, run, 4, scratch, scratchAt, 4 * L, L);
            expand4(scratch, scratchAt, L, 4 * L, 6, z, to + j, zPlane, 6 * zPlane);
          } else {
            expand2(dy, from + j, line, run, 2, scratch, scratchAt, 2 * L, L);
            expand2(scratch, scratchAt, L, 2 * L, 4, z, to + j, zPlane, 4 * zPlane);
          }
        }
        from += step * line;
        to += run;
      }
    }
  }

  // y (6,N) = A (6,4) * x (4,N), one dimension, for N vectors
  private static void expand4(
      float[] x, int xAt, int xRow, int xNext, int n, float[] y, int yAt, int yRow, int yNext) {
    for (int i = 0; i < n; i++) {
      int from = xAt + i * xNext;
      int to = yAt + i * yNext;
      FloatVector d0 = FloatVector.fromArray(S, x, from);
      FloatVector d1 = FloatVector.fromArray(S, x, from + xRow);
      FloatVector d2 = FloatVector.fromArray(S, x, from + 2 * xRow);
      FloatVector d3 = FloatVector.fromArray(S, x, from + 3 * xRow);
      FloatVector even = d0.add(d2);
      FloatVector odd = d1.add(d3);
      FloatVector wideEven = d2.mul(4).add(d0);
      FloatVector wideOdd = d3.mul(4).add(d1).mul(2);
      d0.intoArray(y, to);
      even.add(odd).intoArray(y, to + yRow);
      even.sub(odd).intoArray(y, to + 2 * yRow);
      wideEven.add(wideOdd).intoArray(y, to + 3 * yRow);
      wideEven.sub(wideOdd).intoArray(y, to + 4 * yRow);
      d3.intoArray(y, to + 5 * yRow);
    }
  }

  // y (4,N) = A (4,2) * x (2,N), as expand4
  private static void expand2(
      float[] x, int xAt, int xRow, int xNext, int n, float[] y, int yAt, int yRow, int yNext) {
    for (int i = 0; i < n; i++) {
      int to = yAt + i * yNext;
      FloatVector d0 = FloatVector.fromArray(S, x, xAt + i * xNext);
      FloatVector d1 = FloatVector.fromArray(S, x, xAt + i * xNext + xRow);
      d0.intoArray(y, to);
      d0.add(d1).intoArray(y, to + yRow);
      d0.sub(d1).intoArray(y, to + 2 * yRow);
      d1.neg().intoArray(y, to + 3 * yRow);
    }
  }

  // w (3,N) = G^T (3,size) * u (size,N)
  static void weights(
      Winograd f, float[] u, int uAt, int uRow, int n, float[] w, int wAt, int wRow) {
    for (int j = 0; j < n; j += L) {
      int from = uAt + j;
      int to = wAt + j;
      FloatVector u0 = FloatVector.fromArray(S, u, from);
      FloatVector u1 = FloatVector.fromArray(S, u, from + uRow);
      FloatVector u2 = FloatVector.fromArray(S, u, from + 2 * uRow);
      FloatVector u3 = FloatVector.fromArray(S, u, from + 3 * uRow);
      if (f == Winograd.F4) {
        FloatVector u4 = FloatVector.fromArray(S, u, from + 4 * uRow);
        FloatVector u5 = FloatVector.fromArray(S, u, from + 5 * uRow);
        FloatVector near = u1.add(u2).mul(-SIXTH);
        FloatVector far = u3.add(u4).mul(SIXTH);
        FloatVector nearOdd = u2.sub(u1).mul(SIXTH);
        FloatVector farOdd = u3.sub(u4).mul(0.5f * SIXTH);
        u0.add(far).mul(0.25f).add(near).intoArray(w, to);
        nearOdd.add(farOdd).intoArray(w, to + wRow);
        near.add(far).add(u5).intoArray(w, to + 2 * wRow);
      } else {
        FloatVector half = u1.add(u2).mul(0.5f);
        u0.add(half).intoArray(w, to);
        u1.sub(u2).mul(0.5f).intoArray(w, to + wRow);
        half.add(u3).intoArray(w, to + 2 * wRow);
      }
    }
  }
}
