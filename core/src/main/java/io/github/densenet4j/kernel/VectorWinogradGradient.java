package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transforms in the other direction, for the gradient of the weights. The lanes
 * are output channels, as {@link VectorTranspose} lays them: so a tile is one vector for each of
 * its pixels, and nothing is sorted.
 */
final class VectorWinogradGradient {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;
  private static final float SIXTH = 1 / 6f;

  private VectorWinogradGradient() {}

  // z (planes,P,M) = A dy A^T for dy (H,W,M), whole tiles
  static void result(
      Winograd f,
      float[] dy,
      int dyAt,
      int dyPanel,
      int m,
      int height,
      int width,
      float[] z,
      int zAt,
      int zPlane,
      int zPanel,
      float[] scratch,
      int scratchAt) {
    int step = f.step();
    for (int c = 0; c < m; c += L) {
      int from = dyAt + c / PANEL * dyPanel + c % PANEL;
      int to = zAt + c / PANEL * zPanel + c % PANEL;
      for (int row = 0; row < height; row += step) {
        for (int column = 0; column < width; column += step) {
          int at = from + (row * width + column) * PANEL;
          if (f == Winograd.F4) {
            columns4(dy, at, width * PANEL, scratch, scratchAt);
            rows4(scratch, scratchAt, z, to, zPlane);
          } else {
            columns2(dy, at, width * PANEL, scratch, scratchAt);
            rows2(scratch, scratchAt, z, to, zPlane);
          }
          to += PANEL;
        }
      }
    }
  }

  // t (6,4) = A (6,4) * dy (4,4)
  private static void columns4(float[] dy, int at, int line, float[] t, int tAt) {
    for (int j = 0; j < 4; j++) {
      int from = at + j * PANEL;
      int to = tAt + j * L;
      FloatVector d0 = FloatVector.fromArray(S, dy, from);
      FloatVector d1 = FloatVector.fromArray(S, dy, from + line);
      FloatVector d2 = FloatVector.fromArray(S, dy, from + 2 * line);
      FloatVector d3 = FloatVector.fromArray(S, dy, from + 3 * line);
      FloatVector even = d0.add(d2);
      FloatVector odd = d1.add(d3);
      FloatVector wideEven = d2.mul(4).add(d0);
      FloatVector wideOdd = d3.mul(4).add(d1).mul(2);
      d0.intoArray(t, to);
      even.add(odd).intoArray(t, to + 4 * L);
      even.sub(odd).intoArray(t, to + 8 * L);
      wideEven.add(wideOdd).intoArray(t, to + 12 * L);
      wideEven.sub(wideOdd).intoArray(t, to + 16 * L);
      d3.intoArray(t, to + 20 * L);
    }
  }

  // z (6,6) = t (6,4) * A^T (4,6)
  private static void rows4(float[] t, int tAt, float[] z, int zAt, int plane) {
    for (int i = 0; i < 6; i++) {
      int from = tAt + i * 4 * L;
      int to = zAt + i * 6 * plane;
      FloatVector d0 = FloatVector.fromArray(S, t, from);
      FloatVector d1 = FloatVector.fromArray(S, t, from + L);
      FloatVector d2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector d3 = FloatVector.fromArray(S, t, from + 3 * L);
      FloatVector even = d0.add(d2);
      FloatVector odd = d1.add(d3);
      FloatVector wideEven = d2.mul(4).add(d0);
      FloatVector wideOdd = d3.mul(4).add(d1).mul(2);
      d0.intoArray(z, to);
      even.add(odd).intoArray(z, to + plane);
      even.sub(odd).intoArray(z, to + 2 * plane);
      wideEven.add(wideOdd).intoArray(z, to + 3 * plane);
      wideEven.sub(wideOdd).intoArray(z, to + 4 * plane);
      d3.intoArray(z, to + 5 * plane);
    }
  }

  // t (4,2) = A (4,2) * dy (2,2)
  private static void columns2(float[] dy, int at, int line, float[] t, int tAt) {
    for (int j = 0; j < 2; j++) {
      int from = at + j * PANEL;
      int to = tAt + j * L;
      FloatVector d0 = FloatVector.fromArray(S, dy, from);
      FloatVector d1 = FloatVector.fromArray(S, dy, from + line);
      d0.intoArray(t, to);
      d0.add(d1).intoArray(t, to + 2 * L);
      d0.sub(d1).intoArray(t, to + 4 * L);
      d1.neg().intoArray(t, to + 6 * L);
    }
  }

  // z (4,4) = t (4,2) * A^T (2,4)
  private static void rows2(float[] t, int tAt, float[] z, int zAt, int plane) {
    for (int i = 0; i < 4; i++) {
      int from = tAt + i * 2 * L;
      int to = zAt + i * 4 * plane;
      FloatVector d0 = FloatVector.fromArray(S, t, from);
      FloatVector d1 = FloatVector.fromArray(S, t, from + L);
      d0.intoArray(z, to);
      d0.add(d1).intoArray(z, to + plane);
      d0.sub(d1).intoArray(z, to + 2 * plane);
      d1.neg().intoArray(z, to + 3 * plane);
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
