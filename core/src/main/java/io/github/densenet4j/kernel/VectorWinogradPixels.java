package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the inputs with channels in the lanes, for the gradient of the
 * weights: a tile is one vector for each of its pixels, and beside a picture's border they are read
 * from a row of zeros.
 */
final class VectorWinogradPixels {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;

  private VectorWinogradPixels() {}

  // v (planes,P,C) = B^T x B for rows of tiles of x (H,W,C), zeros around it
  static void pixels(
      Winograd f,
      float[] x,
      int xAt,
      int zeroAt,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      float[] scratch,
      int scratchAt) {
    int step = f.step();
    int size = f.size();
    int to = vAt;
    for (int top = row - 1; top < row - 1 + tileRows * step; top += step) {
      for (int left = -1; left < width - 1; left += step) {
        for (int c = 0; c < channels; c += L) {
          for (int i = 0; i < size; i++) {
            int w = left + i;
            int column = w < 0 || w >= width ? -1 : c + f.place(w, width) * PANEL;
            if (f == Winograd.F4) {
              column4(x, xAt, zeroAt, column, top, height, width, scratch, scratchAt + i * L);
            } else {
              column2(x, xAt, zeroAt, column, top, height, width, scratch, scratchAt + i * L);
            }
          }
          if (f == Winograd.F4) {
            rows4(scratch, scratchAt, v, to + c, vPlane);
          } else {
            rows2(scratch, scratchAt, v, to + c, vPlane);
          }
        }
        to += PANEL;
      }
    }
  }

  /** Where a line's pixel is, or zeros. */
  private static int pixel(int xAt, int zeroAt, int column, int h, int height, int width) {
    return column < 0 || h < 0 || h >= height ? zeroAt : xAt + h * width * PANEL + column;
  }

  // a column of t (6,6) = B^T (6,6) * x (6,6)
  private static void column4(
      float[] x,
      int xAt,
      int zeroAt,
      int column,
      int top,
      int height,
      int width,
      float[] t,
      int tAt) {
    FloatVector x0 = FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top, height, width));
    FloatVector x1 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 1, height, width));
    FloatVector x2 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 2, height, width));
    FloatVector x3 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 3, height, width));
    FloatVector x4 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 4, height, width));
    FloatVector x5 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 5, height, width));
    FloatVector a = x2.fma(FloatVector.broadcast(S, -4), x4);
    FloatVector b = x1.fma(FloatVector.broadcast(S, -4), x3);
    FloatVector d = x4.sub(x2);
    FloatVector e = x3.sub(x1);
    x2.fma(FloatVector.broadcast(S, -5), x0.fma(FloatVector.broadcast(S, 4), x4)).intoArray(t, tAt);
    a.add(b).intoArray(t, tAt + 6 * L);
    a.sub(b).intoArray(t, tAt + 12 * L);
    e.fma(FloatVector.broadcast(S, 2), d).intoArray(t, tAt + 18 * L);
    e.fma(FloatVector.broadcast(S, -2), d).intoArray(t, tAt + 24 * L);
    x3.fma(FloatVector.broadcast(S, -5), x1.fma(FloatVector.broadcast(S, 4), x5))
        .intoArray(t, tAt + 30 * L);
  }

  // a column of t (4,4) = B^T (4,4) * x (4,4)
  private static void column2(
      float[] x,
      int xAt,
      int zeroAt,
      int column,
      int top,
      int height,
      int width,
      float[] t,
      int tAt) {
    FloatVector x0 = FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top, height, width));
    FloatVector x1 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 1, height, width));
    FloatVector x2 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 2, height, width));
    FloatVector x3 =
        FloatVector.fromArray(S, x, pixel(xAt, zeroAt, column, top + 3, height, width));
    x0.sub(x2).intoArray(t, tAt);
    x1.add(x2).intoArray(t, tAt + 4 * L);
    x2.sub(x1).intoArray(t, tAt + 8 * L);
    x1.sub(x3).intoArray(t, tAt + 12 * L);
  }

  // v (6,6) = t (6,6) B
  private static void rows4(float[] t, int tAt, float[] v, int vAt, int vPlane) {
    for (int i = 0; i < 6; i++) {
      int from = tAt + 6 * i * L;
      int to = vAt + 6 * i * vPlane;
      FloatVector x0 = FloatVector.fromArray(S, t, from);
      FloatVector x1 = FloatVector.fromArray(S, t, from + L);
      FloatVector x2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector x3 = FloatVector.fromArray(S, t, from + 3 * L);
      FloatVector x4 = FloatVector.fromArray(S, t, from + 4 * L);
      FloatVector x5 = FloatVector.fromArray(S, t, from + 5 * L);
      FloatVector a = x2.fma(FloatVector.broadcast(S, -4), x4);
      FloatVector b = x1.fma(FloatVector.broadcast(S, -4), x3);
      FloatVector d = x4.sub(x2);
      FloatVector e = x3.sub(x1);
      x2.fma(FloatVector.broadcast(S, -5), x0.fma(FloatVector.broadcast(S, 4), x4))
          .intoArray(v, to);
      a.add(b).intoArray(v, to + vPlane);
      a.sub(b).intoArray(v, to + 2 * vPlane);
      e.fma(FloatVector.broadcast(S, 2), d).intoArray(v, to + 3 * vPlane);
      e.fma(FloatVector.broadcast(S, -2), d).intoArray(v, to + 4 * vPlane);
      x3.fma(FloatVector.broadcast(S, -5), x1.fma(FloatVector.broadcast(S, 4), x5))
          .intoArray(v, to + 5 * vPlane);
    }
  }

  // v (4,4) = t (4,4) B
  private static void rows2(float[] t, int tAt, float[] v, int vAt, int vPlane) {
    for (int i = 0; i < 4; i++) {
      int from = tAt + 4 * i * L;
      int to = vAt + 4 * i * vPlane;
      FloatVector x0 = FloatVector.fromArray(S, t, from);
      FloatVector x1 = FloatVector.fromArray(S, t, from + L);
      FloatVector x2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector x3 = FloatVector.fromArray(S, t, from + 3 * L);
      x0.sub(x2).intoArray(v, to);
      x1.add(x2).intoArray(v, to + vPlane);
      x2.sub(x1).intoArray(v, to + 2 * vPlane);
      x1.sub(x3).intoArray(v, to + 3 * vPlane);
    }
  }
}
