package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of pixels into panels whose rows are pixels.
 *
 * <p>A square of vectors is a deck of cards, and a perfect shuffle of it (first half and second
 * half, card by card) turns the bits of a card's number by one; after log2(lanes) shuffles row and
 * column have changed places.
 */
final class VectorTranspose {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int SQUARE = L * L;
  private static final int PANEL = Kernels.PANEL;

  /** The first and the second half of two vectors' lanes, taken in turn. */
  private static final IntVector FIRST = Lanes.indices(i -> i / 2 + i % 2 * L);

  private static final IntVector SECOND = Lanes.indices(i -> L / 2 + i / 2 + i % 2 * L);

  private VectorTranspose() {}

  // y (P,M) = x (M,P)^T in panels, zeros beyond M up to a whole vector
  static void transpose(
      float[] x,
      int xAt,
      int xPitch,
      int xPanel,
      int m,
      int p,
      float[] y,
      int yAt,
      float[] scratch,
      int at) {
    for (int row = 0; row < m; row += L) {
      int rows = Math.min(L, m - row);
      int panel = yAt + row / PANEL * PANEL * p + row % PANEL;
      for (int j = 0; j < p; j += L) {
        lay(x, xAt + row * xPitch + j / PANEL * xPanel + j % PANEL, xPitch, rows, scratch, at);
        int from = at;
        for (int lanes = L; lanes > 2; lanes /= 2) {
          int to = 2 * at + SQUARE - from;
          shuffle(scratch, from, scratch, to, L);
          from = to;
        }
        if (p - j >= L) {
          shuffle(scratch, from, y, panel + j * PANEL, PANEL);
        } else {
          int to = 2 * at + SQUARE - from;
          shuffle(scratch, from, scratch, to, L);
          for (int i = 0; i < p - j; i++) {
            FloatVector.fromArray(S, scratch, to + i * L).intoArray(y, panel + (j + i) * PANEL);
          }
        }
      }
    }
  }

  // square (L,L) = x (rows,L), zeros below
  private static void lay(float[] x, int xAt, int xPitch, int rows, float[] square, int at) {
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(S, x, xAt + r * xPitch).intoArray(square, at + r * L);
    }
    for (int r = rows; r < L; r++) {
      FloatVector.zero(S).intoArray(square, at + r * L);
    }
  }

  // y (L,L) = the cards of x (L,L), the first half and the second half in turn
  private static void shuffle(float[] x, int xAt, float[] y, int yAt, int yPitch) {
    for (int i = 0; i < L / 2; i++) {
      IntVector a = FloatVector.fromArray(S, x, xAt + i * L).reinterpretAsInts();
      IntVector b = FloatVector.fromArray(S, x, xAt + (i + L / 2) * L).reinterpretAsInts();
      FIRST.selectFrom(a, b).reinterpretAsFloats().intoArray(y, yAt + 2 * i * yPitch);
      SECOND.selectFrom(a, b).reinterpretAsFloats().intoArray(y, yAt + (2 * i + 1) * yPitch);
    }
  }
}
