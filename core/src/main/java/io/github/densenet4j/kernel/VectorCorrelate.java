package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of the weights: dw (M,K) += dy (M,P) * x (K,P)^T, dot products over long rows of
 * pixels.
 *
 * <p>A micro-kernel keeps a tile of dot products, one vector of partial sums each, and leaves them
 * in scratch, whose lanes are added up once at the end. Rows beyond the last are replaced by the
 * last one and their results left out.
 *
 * <p>The micro-kernels hold nothing but their loop: with the sums or the tail inlined, the JVM's
 * first compiler runs out of registers, gives up profiling, and the method may never reach the
 * second one.
 */
final class VectorCorrelate {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int ROWS = VectorProduct.MANY_REGISTERS ? 4 : 3;
  private static final int COLUMNS = VectorProduct.MANY_REGISTERS ? 6 : 4;

  private VectorCorrelate() {}

  // dw (M,K) += dy (M,P) * x (K,P)^T; whole vectors first, then the tail
  static void correlate(
      float[] dy,
      int dyAt,
      int dyPitch,
      int m,
      float[] x,
      int xAt,
      int[] xRow,
      int k,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch,
      float[] scratch,
      int scratchAt) {
    int whole = p / L * L;
    for (int i = 0; i < k && whole > 0; i += COLUMNS) {
      int columns = Math.min(COLUMNS, k - i);
      for (int r = 0; r < m; r += ROWS) {
        int rows = Math.min(ROWS, m - r);
        int at = dyAt + r * dyPitch;
        if (VectorProduct.MANY_REGISTERS) {
          tile4x6(dy, at, dyPitch, rows, x, xAt, xRow, i, columns, whole, scratch, scratchAt);
        } else {
          tile3x4(dy, at, dyPitch, rows, x, xAt, xRow, i, columns, whole, scratch, scratchAt);
        }
        addTotals(scratch, scratchAt, rows, columns, dw, dwAt + r * dwPitch + i, dwPitch);
      }
    }
    if (whole < p) {
      tail(dy, dyAt + whole, dyPitch, m, x, xAt + whole, xRow, k, p - whole, dw, dwAt, dwPitch);
    }
  }

  // dw (rows,columns) += the totals of (ROWS,COLUMNS) vectors
  private static void addTotals(
      float[] sums, int at, int rows, int columns, float[] dw, int dwAt, int dwPitch) {
    Lanes.totals(sums, at, ROWS * COLUMNS);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        dw[dwAt + r * dwPitch + c] += sums[at + r * COLUMNS + c];
      }
    }
  }

  // dw (M,K) += dy (M,P) * x (K,P)^T for the few pixels that fill no vector
  private static void tail(
      float[] dy,
      int dyAt,
      int dyPitch,
      int m,
      float[] x,
      int xAt,
      int[] xRow,
      int k,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch) {
    for (int r = 0; r < m; r++) {
      for (int i = 0; i < k; i++) {
        int from = xAt + xRow[i];
        float sum = 0;
        for (int j = 0; j < p; j++) {
          sum = Math.fma(dy[dyAt + r * dyPitch + j], x[from + j], sum);
        }
        dw[dwAt + r * dwPitch + i] += sum;
      }
    }
  }

  // sums (4,6) = dy (4,P) * x (6,P)^T, a vector of partial sums each
  private static void tile4x6(
      float[] dy,
      int dyAt,
      int dyPitch,
      int rows,
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int columns,
      int p,
      float[] sums,
      int at) {
    int a0 = dyAt;
    int a1 = dyAt + Math.min(1, rows - 1) * dyPitch;
    int a2 = dyAt + Math.min(2, rows - 1) * dyPitch;
    int a3 = dyAt + Math.min(3, rows - 1) * dyPitch;
    int b0 = xAt + xRow[first];
    int b1 = xAt + xRow[first + Math.min(1, columns - 1)];
    int b2 = xAt + xRow[first + Math.min(2, columns - 1)];
    int b3 = xAt + xRow[first + Math.min(3, columns - 1)];
    int b4 = xAt + xRow[first + Math.min(4, columns - 1)];
    int b5 = xAt + xRow[first + Math.min(5, columns - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s04 = s00;
    FloatVector s05 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s14 = s00;
    FloatVector s15 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    FloatVector s24 = s00;
    FloatVector s25 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    FloatVector s33 = s00;
    FloatVector s34 = s00;
    FloatVector s35 = s00;
    for (int j = 0; j < p; j += L) {
      FloatVector y0 = FloatVector.fromArray(S, dy, a0 + j);
      FloatVector y1 = FloatVector.fromArray(S, dy, a1 + j);
      FloatVector y2 = FloatVector.fromArray(S, dy, a2 + j);
      FloatVector y3 = FloatVector.fromArray(S, dy, a3 + j);
      FloatVector x0 = FloatVector.fromArray(S, x, b0 + j);
      s00 = y0.fma(x0, s00);
      s10 = y1.fma(x0, s10);
      s20 = y2.fma(x0, s20);
      s30 = y3.fma(x0, s30);
      FloatVector x1 = FloatVector.fromArray(S, x, b1 + j);
      s01 = y0.fma(x1, s01);
      s11 = y1.fma(x1, s11);
      s21 = y2.fma(x1, s21);
      s31 = y3.fma(x1, s31);
      FloatVector x2 = FloatVector.fromArray(S, x, b2 + j);
      s02 = y0.fma(x2, s02);
      s12 = y1.fma(x2, s12);
      s22 = y2.fma(x2, s22);
      s32 = y3.fma(x2, s32);
      FloatVector x3 = FloatVector.fromArray(S, x, b3 + j);
      s03 = y0.fma(x3, s03);
      s13 = y1.fma(x3, s13);
      s23 = y2.fma(x3, s23);
      s33 = y3.fma(x3, s33);
      FloatVector x4 = FloatVector.fromArray(S, x, b4 + j);
      s04 = y0.fma(x4, s04);
      s14 = y1.fma(x4, s14);
      s24 = y2.fma(x4, s24);
      s34 = y3.fma(x4, s34);
      FloatVector x5 = FloatVector.fromArray(S, x, b5 + j);
      s05 = y0.fma(x5, s05);
      s15 = y1.fma(x5, s15);
      s25 = y2.fma(x5, s25);
      s35 = y3.fma(x5, s35);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + L);
    s02.intoArray(sums, at + 2 * L);
    s03.intoArray(sums, at + 3 * L);
    s04.intoArray(sums, at + 4 * L);
    s05.intoArray(sums, at + 5 * L);
    s10.intoArray(sums, at + 6 * L);
    s11.intoArray(sums, at + 7 * L);
    s12.intoArray(sums, at + 8 * L);
    s13.intoArray(sums, at + 9 * L);
    s14.intoArray(sums, at + 10 * L);
    s15.intoArray(sums, at + 11 * L);
    s20.intoArray(sums, at + 12 * L);
    s21.intoArray(sums, at + 13 * L);
    s22.intoArray(sums, at + 14 * L);
    s23.intoArray(sums, at + 15 * L);
    s24.intoArray(sums, at + 16 * L);
    s25.intoArray(sums, at + 17 * L);
    s30.intoArray(sums, at + 18 * L);
    s31.intoArray(sums, at + 19 * L);
    s32.intoArray(sums, at + 20 * L);
    s33.intoArray(sums, at + 21 * L);
    s34.intoArray(sums, at + 22 * L);
    s35.intoArray(sums, at + 23 * L);
  }

  // sums (3,4) = dy (3,P) * x (4,P)^T, a vector of partial sums each
  private static void tile3x4(
      float[] dy,
      int dyAt,
      int dyPitch,
      int rows,
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int columns,
      int p,
      float[] sums,
      int at) {
    int a0 = dyAt;
    int a1 = dyAt + Math.min(1, rows - 1) * dyPitch;
    int a2 = dyAt + Math.min(2, rows - 1) * dyPitch;
    int b0 = xAt + xRow[first];
    int b1 = xAt + xRow[first + Math.min(1, columns - 1)];
    int b2 = xAt + xRow[first + Math.min(2, columns - 1)];
    int b3 = xAt + xRow[first + Math.min(3, columns - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    for (int j = 0; j < p; j += L) {
      FloatVector y0 = FloatVector.fromArray(S, dy, a0 + j);
      FloatVector y1 = FloatVector.fromArray(S, dy, a1 + j);
      FloatVector y2 = FloatVector.fromArray(S, dy, a2 + j);
      FloatVector x0 = FloatVector.fromArray(S, x, b0 + j);
      s00 = y0.fma(x0, s00);
      s10 = y1.fma(x0, s10);
      s20 = y2.fma(x0, s20);
      FloatVector x1 = FloatVector.fromArray(S, x, b1 + j);
      s01 = y0.fma(x1, s01);
      s11 = y1.fma(x1, s11);
      s21 = y2.fma(x1, s21);
      FloatVector x2 = FloatVector.fromArray(S, x, b2 + j);
      s02 = y0.fma(x2, s02);
      s12 = y1.fma(x2, s12);
      s22 = y2.fma(x2, s22);
      FloatVector x3 = FloatVector.fromArray(S, x, b3 + j);
      s03 = y0.fma(x3, s03);
      s13 = y1.fma(x3, s13);
      s23 = y2.fma(x3, s23);
    }
    s00.intoArray(sums, at);
    s01.intoArray(sums, at + L);
    s02.intoArray(sums, at + 2 * L);
    s03.intoArray(sums, at + 3 * L);
    s10.intoArray(sums, at + 4 * L);
    s11.intoArray(sums, at + 5 * L);
    s12.intoArray(sums, at + 6 * L);
    s13.intoArray(sums, at + 7 * L);
    s20.intoArray(sums, at + 8 * L);
    s21.intoArray(sums, at + 9 * L);
    s22.intoArray(sums, at + 10 * L);
    s23.intoArray(sums, at + 11 * L);
  }
}
