package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of pixels into rows that are pixels: into panels, the right side of a product, or into
 * blocks, its left side.
 *
 * <p>A few rows of vectors are a deck of cards, and a perfect shuffle of it (first half and second
 * half, card by card) turns the bits of a card's number by one: after log2(rows) shuffles, all in
 * registers, rows and columns have changed places. Where a vector is wider than eight rows, two
 * such blocks are put side by side afterwards.
 *
 * <p>No vector is handed to another method, and selecting from two vectors stands where it is used:
 * in a method of its own, or in one with several callers, the vectors become objects.
 */
final class VectorTranspose {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;
  private static final int BLOCK = 8;
  private static final int RUN = 128; // pixels that are put side by side together

  /** The first and the second half of two vectors' lanes, taken in turn. */
  private static final IntVector FIRST = Lanes.indices(i -> i / 2 + i % 2 * L);

  private static final IntVector SECOND = Lanes.indices(i -> L / 2 + i / 2 + i % 2 * L);

  /** The first halves of two vectors, one behind the other, and the second ones. */
  private static final IntVector LOW = Lanes.indices(i -> i % (L / 2) + i / (L / 2) * L);

  private static final IntVector HIGH = Lanes.indices(i -> L / 2 + i % (L / 2) + i / (L / 2) * L);

  private VectorTranspose() {}

  // y (P,M) = f(x (M,P))^T in panels, the last row again beyond M
  static void transpose(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int xPanel,
      int m,
      int p,
      float[] y,
      int yAt,
      float[] scratch,
      int scratchAt) {
    int second = scratchAt + RUN * BLOCK;
    for (int row = 0; row < m; row += Math.max(L, BLOCK)) {
      int panel = yAt + row / PANEL * PANEL * p + row % PANEL;
      int end;
      for (int j = 0; j < p; j = end) {
        end = Math.min(p, j + RUN);
        eightRows(relu, scale, shift, at, x, xAt, xRow, xPanel, row, m, j, end, scratch, scratchAt);
        if (L > BLOCK) {
          int next = row + BLOCK;
          eightRows(relu, scale, shift, at, x, xAt, xRow, xPanel, next, m, j, end, scratch, second);
          sideBySide(scratch, scratchAt, second, end - j, y, panel + j * PANEL);
        } else {
          for (int i = 0; i < (end - j) * BLOCK; i += L) {
            int to = panel + (j + i / BLOCK) * PANEL + i % BLOCK;
            FloatVector.fromArray(S, scratch, scratchAt + i).intoArray(y, to);
          }
        }
      }
    }
  }

  // y (P,16) in a panel = x (P,8) and z (P,8)
  private static void sideBySide(float[] x, int xAt, int zAt, int p, float[] y, int yAt) {
    for (int j = 0; j < p; j += 2) {
      IntVector a = FloatVector.fromArray(S, x, xAt + j * BLOCK).reinterpretAsInts();
      IntVector b = FloatVector.fromArray(S, x, zAt + j * BLOCK).reinterpretAsInts();
      LOW.selectFrom(a, b).reinterpretAsFloats().intoArray(y, yAt + j * PANEL);
      if (j + 1 < p) {
        HIGH.selectFrom(a, b).reinterpretAsFloats().intoArray(y, yAt + (j + 1) * PANEL);
      }
    }
  }

  // packed = f(x (K,P)) as a product's left side, whose depth is P: blocks of rows, each [P][rows]
  static void packRows(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int from,
      int to,
      int p,
      float[] packed,
      int packedAt,
      float[] scratch,
      int scratchAt) {
    int whole = p - p % L;
    int block;
    int place = packedAt;
    for (int row = from; row < to; row += block) {
      block = VectorProduct.blockRows(to - row);
      if (block == BLOCK) {
        eightRows(relu, scale, shift, at, x, xAt, xRow, PANEL, row, to, 0, whole, packed, place);
      } else {
        fourRows(relu, scale, shift, at, x, xAt, xRow, PANEL, row, to, 0, whole, packed, place);
      }
      if (whole < p) { // not beyond the last pixel
        if (block == BLOCK) {
          eightRows(
              relu, scale, shift, at, x, xAt, xRow, PANEL, row, to, whole, p, scratch, scratchAt);
        } else {
          fourRows(
              relu, scale, shift, at, x, xAt, xRow, PANEL, row, to, whole, p, scratch, scratchAt);
        }
        System.arraycopy(scratch, scratchAt, packed, place + whole * block, (p - whole) * block);
      }
      place += block * p;
    }
  }

  // y (P,8) = f(x (8,P)) for whole vectors of pixels; rows from K on are the last one again
  private static void eightRows(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int xPanel,
      int row,
      int k,
      int from,
      int to,
      float[] y,
      int yAt) {
    int r0 = Math.min(row, k - 1);
    int r1 = Math.min(row + 1, k - 1);
    int r2 = Math.min(row + 2, k - 1);
    int r3 = Math.min(row + 3, k - 1);
    int r4 = Math.min(row + 4, k - 1);
    int r5 = Math.min(row + 5, k - 1);
    int r6 = Math.min(row + 6, k - 1);
    int r7 = Math.min(row + 7, k - 1);
    boolean affine = scale != null;
    FloatVector a0 = FloatVector.broadcast(S, affine ? scale[at + r0] : 1);
    FloatVector a1 = FloatVector.broadcast(S, affine ? scale[at + r1] : 1);
    FloatVector a2 = FloatVector.broadcast(S, affine ? scale[at + r2] : 1);
    FloatVector a3 = FloatVector.broadcast(S, affine ? scale[at + r3] : 1);
    FloatVector a4 = FloatVector.broadcast(S, affine ? scale[at + r4] : 1);
    FloatVector a5 = FloatVector.broadcast(S, affine ? scale[at + r5] : 1);
    FloatVector a6 = FloatVector.broadcast(S, affine ? scale[at + r6] : 1);
    FloatVector a7 = FloatVector.broadcast(S, affine ? scale[at + r7] : 1);
    FloatVector b0 = FloatVector.broadcast(S, affine ? shift[at + r0] : 0);
    FloatVector b1 = FloatVector.broadcast(S, affine ? shift[at + r1] : 0);
    FloatVector b2 = FloatVector.broadcast(S, affine ? shift[at + r2] : 0);
    FloatVector b3 = FloatVector.broadcast(S, affine ? shift[at + r3] : 0);
    FloatVector b4 = FloatVector.broadcast(S, affine ? shift[at + r4] : 0);
    FloatVector b5 = FloatVector.broadcast(S, affine ? shift[at + r5] : 0);
    FloatVector b6 = FloatVector.broadcast(S, affine ? shift[at + r6] : 0);
    FloatVector b7 = FloatVector.broadcast(S, affine ? shift[at + r7] : 0);
    int x0 = xAt + xRow[r0];
    int x1 = xAt + xRow[r1];
    int x2 = xAt + xRow[r2];
    int x3 = xAt + xRow[r3];
    int x4 = xAt + xRow[r4];
    int x5 = xAt + xRow[r5];
    int x6 = xAt + xRow[r6];
    int x7 = xAt + xRow[r7];
    for (int j = from; j < to; j += L) {
      int column = j / PANEL * xPanel + j % PANEL;
      FloatVector v0 = a0.fma(FloatVector.fromArray(S, x, x0 + column), b0);
      FloatVector v1 = a1.fma(FloatVector.fromArray(S, x, x1 + column), b1);
      FloatVector v2 = a2.fma(FloatVector.fromArray(S, x, x2 + column), b2);
      FloatVector v3 = a3.fma(FloatVector.fromArray(S, x, x3 + column), b3);
      FloatVector v4 = a4.fma(FloatVector.fromArray(S, x, x4 + column), b4);
      FloatVector v5 = a5.fma(FloatVector.fromArray(S, x, x5 + column), b5);
      FloatVector v6 = a6.fma(FloatVector.fromArray(S, x, x6 + column), b6);
      FloatVector v7 = a7.fma(FloatVector.fromArray(S, x, x7 + column), b7);
      if (relu) {
        v0 = v0.blend(0, v0.compare(VectorOperators.LT, 0));
        v1 = v1.blend(0, v1.compare(VectorOperators.LT, 0));
        v2 = v2.blend(0, v2.compare(VectorOperators.LT, 0));
        v3 = v3.blend(0, v3.compare(VectorOperators.LT, 0));
        v4 = v4.blend(0, v4.compare(VectorOperators.LT, 0));
        v5 = v5.blend(0, v5.compare(VectorOperators.LT, 0));
        v6 = v6.blend(0, v6.compare(VectorOperators.LT, 0));
        v7 = v7.blend(0, v7.compare(VectorOperators.LT, 0));
      }
      IntVector s0 = v0.reinterpretAsInts();
      IntVector s1 = v1.reinterpretAsInts();
      IntVector s2 = v2.reinterpretAsInts();
      IntVector s3 = v3.reinterpretAsInts();
      IntVector s4 = v4.reinterpretAsInts();
      IntVector s5 = v5.reinterpretAsInts();
      IntVector s6 = v6.reinterpretAsInts();
      IntVector s7 = v7.reinterpretAsInts();
      IntVector t0 = FIRST.selectFrom(s0, s4);
      IntVector t1 = SECOND.selectFrom(s0, s4);
      IntVector t2 = FIRST.selectFrom(s1, s5);
      IntVector t3 = SECOND.selectFrom(s1, s5);
      IntVector t4 = FIRST.selectFrom(s2, s6);
      IntVector t5 = SECOND.selectFrom(s2, s6);
      IntVector t6 = FIRST.selectFrom(s3, s7);
      IntVector t7 = SECOND.selectFrom(s3, s7);
      s0 = FIRST.selectFrom(t0, t4);
      s1 = SECOND.selectFrom(t0, t4);
      s2 = FIRST.selectFrom(t1, t5);
      s3 = SECOND.selectFrom(t1, t5);
      s4 = FIRST.selectFrom(t2, t6);
      s5 = SECOND.selectFrom(t2, t6);
      s6 = FIRST.selectFrom(t3, t7);
      s7 = SECOND.selectFrom(t3, t7);
      int place = yAt + (j - from) * 8;
      FIRST.selectFrom(s0, s4).reinterpretAsFloats().intoArray(y, place);
      SECOND.selectFrom(s0, s4).reinterpretAsFloats().intoArray(y, place + L);
      FIRST.selectFrom(s1, s5).reinterpretAsFloats().intoArray(y, place + 2 * L);
      SECOND.selectFrom(s1, s5).reinterpretAsFloats().intoArray(y, place + 3 * L);
      FIRST.selectFrom(s2, s6).reinterpretAsFloats().intoArray(y, place + 4 * L);
      SECOND.selectFrom(s2, s6).reinterpretAsFloats().intoArray(y, place + 5 * L);
      FIRST.selectFrom(s3, s7).reinterpretAsFloats().intoArray(y, place + 6 * L);
      SECOND.selectFrom(s3, s7).reinterpretAsFloats().intoArray(y, place + 7 * L);
    }
  }

  // y (P,4) = f(x (4,P)) for whole vectors of pixels; rows from K on are the last one again
  private static void fourRows(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int xPanel,
      int row,
      int k,
      int from,
      int to,
      float[] y,
      int yAt) {
    int r0 = Math.min(row, k - 1);
    int r1 = Math.min(row + 1, k - 1);
    int r2 = Math.min(row + 2, k - 1);
    int r3 = Math.min(row + 3, k - 1);
    boolean affine = scale != null;
    FloatVector a0 = FloatVector.broadcast(S, affine ? scale[at + r0] : 1);
    FloatVector a1 = FloatVector.broadcast(S, affine ? scale[at + r1] : 1);
    FloatVector a2 = FloatVector.broadcast(S, affine ? scale[at + r2] : 1);
    FloatVector a3 = FloatVector.broadcast(S, affine ? scale[at + r3] : 1);
    FloatVector b0 = FloatVector.broadcast(S, affine ? shift[at + r0] : 0);
    FloatVector b1 = FloatVector.broadcast(S, affine ? shift[at + r1] : 0);
    FloatVector b2 = FloatVector.broadcast(S, affine ? shift[at + r2] : 0);
    FloatVector b3 = FloatVector.broadcast(S, affine ? shift[at + r3] : 0);
    int x0 = xAt + xRow[r0];
    int x1 = xAt + xRow[r1];
    int x2 = xAt + xRow[r2];
    int x3 = xAt + xRow[r3];
    for (int j = from; j < to; j += L) {
      int column = j / PANEL * xPanel + j % PANEL;
      FloatVector v0 = a0.fma(FloatVector.fromArray(S, x, x0 + column), b0);
      FloatVector v1 = a1.fma(FloatVector.fromArray(S, x, x1 + column), b1);
      FloatVector v2 = a2.fma(FloatVector.fromArray(S, x, x2 + column), b2);
      FloatVector v3 = a3.fma(FloatVector.fromArray(S, x, x3 + column), b3);
      if (relu) {
        v0 = v0.blend(0, v0.compare(VectorOperators.LT, 0));
        v1 = v1.blend(0, v1.compare(VectorOperators.LT, 0));
        v2 = v2.blend(0, v2.compare(VectorOperators.LT, 0));
        v3 = v3.blend(0, v3.compare(VectorOperators.LT, 0));
      }
      IntVector s0 = v0.reinterpretAsInts();
      IntVector s1 = v1.reinterpretAsInts();
      IntVector s2 = v2.reinterpretAsInts();
      IntVector s3 = v3.reinterpretAsInts();
      IntVector t0 = FIRST.selectFrom(s0, s2);
      IntVector t1 = SECOND.selectFrom(s0, s2);
      IntVector t2 = FIRST.selectFrom(s1, s3);
      IntVector t3 = SECOND.selectFrom(s1, s3);
      int place = yAt + (j - from) * 4;
      FIRST.selectFrom(t0, t2).reinterpretAsFloats().intoArray(y, place);
      SECOND.selectFrom(t0, t2).reinterpretAsFloats().intoArray(y, place + L);
      FIRST.selectFrom(t1, t3).reinterpretAsFloats().intoArray(y, place + 2 * L);
      SECOND.selectFrom(t1, t3).reinterpretAsFloats().intoArray(y, place + 3 * L);
    }
  }
}
