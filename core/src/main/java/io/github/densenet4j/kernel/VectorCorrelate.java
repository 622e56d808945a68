package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of the weights: dw (K,M) += x (K,P) * dy (M,P)^T, a sum over pixels.
 *
 * <p>The lanes of a vector are rows of dy, which {@link VectorTranspose} has laid side by side: so
 * a pixel is one element of x, broadcast, times a vector or two, as in {@link VectorProduct}, and
 * no sum over lanes is ever needed. Rows beyond the last are replaced by the last one and their
 * results left out.
 *
 * <p>One method a shape, as in {@link VectorProduct}, and for its reasons. They hold nothing but
 * their loop: with the sums or an edge inlined, the JVM's first compiler runs out of registers,
 * gives up profiling, and the method may never reach the second one.
 */
final class VectorCorrelate {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;
  private static final int ROWS = VectorProduct.MANY_REGISTERS ? 8 : 4;

  private VectorCorrelate() {}

  // dw (K,M) += x (K,P) * dy (P,M)
  static void correlate(
      float[] x,
      int xAt,
      int[] xRow,
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
    for (int c = 0; c < m; c += 2 * L) {
      int columns = Math.min(2 * L, m - c);
      int y = dyAt + c / PANEL * PANEL * p + c % PANEL;
      for (int row = 0; row < k; row += ROWS) {
        int rows = Math.min(ROWS, k - row);
        if (VectorProduct.MANY_REGISTERS && columns > L) {
          tile8x2(x, xAt, xRow, row, rows, dy, y, p, scratch, scratchAt);
        } else if (VectorProduct.MANY_REGISTERS) {
          tile8x1(x, xAt, xRow, row, rows, dy, y, p, scratch, scratchAt);
        } else if (columns > L) {
          tile4x2(x, xAt, xRow, row, rows, dy, y, p, scratch, scratchAt);
        } else {
          tile4x1(x, xAt, xRow, row, rows, dy, y, p, scratch, scratchAt);
        }
        add(scratch, scratchAt, rows, columns, dw, dwAt + row * dwPitch + c, dwPitch);
      }
    }
  }

  // dw (rows,columns) += a tile of 2 vectors a row
  private static void add(
      float[] tile, int at, int rows, int columns, float[] dw, int dwAt, int dwPitch) {
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c += L) {
        int to = dwAt + r * dwPitch + c;
        FloatVector sum = FloatVector.fromArray(S, tile, at + r * 2 * L + c);
        FloatVector.fromArray(S, dw, to).add(sum).intoArray(dw, to);
      }
    }
  }

  // tile (8,2 vectors) = x (8,P) * dy (P,2 vectors)
  private static void tile8x2(
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int rows,
      float[] dy,
      int dyAt,
      int p,
      float[] tile,
      int at) {
    int x0 = xAt + xRow[first];
    int x1 = xAt + xRow[first + Math.min(1, rows - 1)];
    int x2 = xAt + xRow[first + Math.min(2, rows - 1)];
    int x3 = xAt + xRow[first + Math.min(3, rows - 1)];
    int x4 = xAt + xRow[first + Math.min(4, rows - 1)];
    int x5 = xAt + xRow[first + Math.min(5, rows - 1)];
    int x6 = xAt + xRow[first + Math.min(6, rows - 1)];
    int x7 = xAt + xRow[first + Math.min(7, rows - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s40 = s00;
    FloatVector s41 = s00;
    FloatVector s50 = s00;
    FloatVector s51 = s00;
    FloatVector s60 = s00;
    FloatVector s61 = s00;
    FloatVector s70 = s00;
    FloatVector s71 = s00;
    for (int j = 0; j < p; j++) {
      FloatVector y0 = FloatVector.fromArray(S, dy, dyAt + j * PANEL);
      FloatVector y1 = FloatVector.fromArray(S, dy, dyAt + j * PANEL + L);
      FloatVector a0 = FloatVector.broadcast(S, x[x0 + j]);
      s00 = a0.fma(y0, s00);
      s01 = a0.fma(y1, s01);
      FloatVector a1 = FloatVector.broadcast(S, x[x1 + j]);
      s10 = a1.fma(y0, s10);
      s11 = a1.fma(y1, s11);
      FloatVector a2 = FloatVector.broadcast(S, x[x2 + j]);
      s20 = a2.fma(y0, s20);
      s21 = a2.fma(y1, s21);
      FloatVector a3 = FloatVector.broadcast(S, x[x3 + j]);
      s30 = a3.fma(y0, s30);
      s31 = a3.fma(y1, s31);
      FloatVector a4 = FloatVector.broadcast(S, x[x4 + j]);
      s40 = a4.fma(y0, s40);
      s41 = a4.fma(y1, s41);
      FloatVector a5 = FloatVector.broadcast(S, x[x5 + j]);
      s50 = a5.fma(y0, s50);
      s51 = a5.fma(y1, s51);
      FloatVector a6 = FloatVector.broadcast(S, x[x6 + j]);
      s60 = a6.fma(y0, s60);
      s61 = a6.fma(y1, s61);
      FloatVector a7 = FloatVector.broadcast(S, x[x7 + j]);
      s70 = a7.fma(y0, s70);
      s71 = a7.fma(y1, s71);
    }
    s00.intoArray(tile, at);
    s01.intoArray(tile, at + L);
    s10.intoArray(tile, at + 2 * L);
    s11.intoArray(tile, at + 3 * L);
    s20.intoArray(tile, at + 4 * L);
    s21.intoArray(tile, at + 5 * L);
    s30.intoArray(tile, at + 6 * L);
    s31.intoArray(tile, at + 7 * L);
    s40.intoArray(tile, at + 8 * L);
    s41.intoArray(tile, at + 9 * L);
    s50.intoArray(tile, at + 10 * L);
    s51.intoArray(tile, at + 11 * L);
    s60.intoArray(tile, at + 12 * L);
    s61.intoArray(tile, at + 13 * L);
    s70.intoArray(tile, at + 14 * L);
    s71.intoArray(tile, at + 15 * L);
  }

  // tile (8,1 vector) = x (8,P) * dy (P,1 vector)
  private static void tile8x1(
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int rows,
      float[] dy,
      int dyAt,
      int p,
      float[] tile,
      int at) {
    int x0 = xAt + xRow[first];
    int x1 = xAt + xRow[first + Math.min(1, rows - 1)];
    int x2 = xAt + xRow[first + Math.min(2, rows - 1)];
    int x3 = xAt + xRow[first + Math.min(3, rows - 1)];
    int x4 = xAt + xRow[first + Math.min(4, rows - 1)];
    int x5 = xAt + xRow[first + Math.min(5, rows - 1)];
    int x6 = xAt + xRow[first + Math.min(6, rows - 1)];
    int x7 = xAt + xRow[first + Math.min(7, rows - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s10 = s00;
    FloatVector s20 = s00;
    FloatVector s30 = s00;
    FloatVector s40 = s00;
    FloatVector s50 = s00;
    FloatVector s60 = s00;
    FloatVector s70 = s00;
    for (int j = 0; j < p; j++) {
      FloatVector y0 = FloatVector.fromArray(S, dy, dyAt + j * PANEL);
      FloatVector a0 = FloatVector.broadcast(S, x[x0 + j]);
      s00 = a0.fma(y0, s00);
      FloatVector a1 = FloatVector.broadcast(S, x[x1 + j]);
      s10 = a1.fma(y0, s10);
      FloatVector a2 = FloatVector.broadcast(S, x[x2 + j]);
      s20 = a2.fma(y0, s20);
      FloatVector a3 = FloatVector.broadcast(S, x[x3 + j]);
      s30 = a3.fma(y0, s30);
      FloatVector a4 = FloatVector.broadcast(S, x[x4 + j]);
      s40 = a4.fma(y0, s40);
      FloatVector a5 = FloatVector.broadcast(S, x[x5 + j]);
      s50 = a5.fma(y0, s50);
      FloatVector a6 = FloatVector.broadcast(S, x[x6 + j]);
      s60 = a6.fma(y0, s60);
      FloatVector a7 = FloatVector.broadcast(S, x[x7 + j]);
      s70 = a7.fma(y0, s70);
    }
    s00.intoArray(tile, at);
    s10.intoArray(tile, at + 2 * L);
    s20.intoArray(tile, at + 4 * L);
    s30.intoArray(tile, at + 6 * L);
    s40.intoArray(tile, at + 8 * L);
    s50.intoArray(tile, at + 10 * L);
    s60.intoArray(tile, at + 12 * L);
    s70.intoArray(tile, at + 14 * L);
  }

  // tile (4,2 vectors) = x (4,P) * dy (P,2 vectors)
  private static void tile4x2(
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int rows,
      float[] dy,
      int dyAt,
      int p,
      float[] tile,
      int at) {
    int x0 = xAt + xRow[first];
    int x1 = xAt + xRow[first + Math.min(1, rows - 1)];
    int x2 = xAt + xRow[first + Math.min(2, rows - 1)];
    int x3 = xAt + xRow[first + Math.min(3, rows - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    for (int j = 0; j < p; j++) {
      FloatVector y0 = FloatVector.fromArray(S, dy, dyAt + j * PANEL);
      FloatVector y1 = FloatVector.fromArray(S, dy, dyAt + j * PANEL + L);
      FloatVector a0 = FloatVector.broadcast(S, x[x0 + j]);
      s00 = a0.fma(y0, s00);
      s01 = a0.fma(y1, s01);
      FloatVector a1 = FloatVector.broadcast(S, x[x1 + j]);
      s10 = a1.fma(y0, s10);
      s11 = a1.fma(y1, s11);
      FloatVector a2 = FloatVector.broadcast(S, x[x2 + j]);
      s20 = a2.fma(y0, s20);
      s21 = a2.fma(y1, s21);
      FloatVector a3 = FloatVector.broadcast(S, x[x3 + j]);
      s30 = a3.fma(y0, s30);
      s31 = a3.fma(y1, s31);
    }
    s00.intoArray(tile, at);
    s01.intoArray(tile, at + L);
    s10.intoArray(tile, at + 2 * L);
    s11.intoArray(tile, at + 3 * L);
    s20.intoArray(tile, at + 4 * L);
    s21.intoArray(tile, at + 5 * L);
    s30.intoArray(tile, at + 6 * L);
    s31.intoArray(tile, at + 7 * L);
  }

  // tile (4,1 vector) = x (4,P) * dy (P,1 vector)
  private static void tile4x1(
      float[] x,
      int xAt,
      int[] xRow,
      int first,
      int rows,
      float[] dy,
      int dyAt,
      int p,
      float[] tile,
      int at) {
    int x0 = xAt + xRow[first];
    int x1 = xAt + xRow[first + Math.min(1, rows - 1)];
    int x2 = xAt + xRow[first + Math.min(2, rows - 1)];
    int x3 = xAt + xRow[first + Math.min(3, rows - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s10 = s00;
    FloatVector s20 = s00;
    FloatVector s30 = s00;
    for (int j = 0; j < p; j++) {
      FloatVector y0 = FloatVector.fromArray(S, dy, dyAt + j * PANEL);
      FloatVector a0 = FloatVector.broadcast(S, x[x0 + j]);
      s00 = a0.fma(y0, s00);
      FloatVector a1 = FloatVector.broadcast(S, x[x1 + j]);
      s10 = a1.fma(y0, s10);
      FloatVector a2 = FloatVector.broadcast(S, x[x2 + j]);
      s20 = a2.fma(y0, s20);
      FloatVector a3 = FloatVector.broadcast(S, x[x3 + j]);
      s30 = a3.fma(y0, s30);
    }
    s00.intoArray(tile, at);
    s10.intoArray(tile, at + 2 * L);
    s20.intoArray(tile, at + 4 * L);
    s30.intoArray(tile, at + 6 * L);
  }
}
