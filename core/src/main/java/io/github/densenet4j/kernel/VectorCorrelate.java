package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of the weights: dw (M,K) += dy (M,P) * x (K,P)^T, dot products over long rows of
 * pixels.
 *
 * <p>A micro-kernel keeps a tile of dot products, one vector of partial sums each, and adds up the
 * lanes once at the end. Rows beyond the last are replaced by the last one and their results left
 * out.
 */
final class VectorCorrelate {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorCorrelate() {}

  // dw (M,K) += dy (M,P) * x (K,P)^T
  static void correlate(
      float[] dy,
      int dyAt,
      int dyPitch,
      int m,
      float[] x,
      int xAt,
      int[] xRow,
      int xRowAt,
      int k,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch) {
    if (VectorProduct.MANY_REGISTERS) {
      for (int i = 0; i < k; i += 6) {
        for (int r = 0; r < m; r += 4) {
          tile4x6(
              dy,
              dyAt + r * dyPitch,
              dyPitch,
              Math.min(4, m - r),
              x,
              xAt,
              xRow,
              xRowAt + i,
              Math.min(6, k - i),
              p,
              dw,
              dwAt + r * dwPitch + i,
              dwPitch);
        }
      }
    } else {
      for (int i = 0; i < k; i += 4) {
        for (int r = 0; r < m; r += 3) {
          tile3x4(
              dy,
              dyAt + r * dyPitch,
              dyPitch,
              Math.min(3, m - r),
              x,
              xAt,
              xRow,
              xRowAt + i,
              Math.min(4, k - i),
              p,
              dw,
              dwAt + r * dwPitch + i,
              dwPitch);
        }
      }
    }
  }

  // dw (4,6) += dy (4,P) * x (6,P)^T
  private static void tile4x6(
      float[] dy,
      int dyAt,
      int dyPitch,
      int rows,
      float[] x,
      int xAt,
      int[] xRow,
      int xRowAt,
      int columns,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch) {
    int a0 = dyAt;
    int a1 = dyAt + Math.min(1, rows - 1) * dyPitch;
    int a2 = dyAt + Math.min(2, rows - 1) * dyPitch;
    int a3 = dyAt + Math.min(3, rows - 1) * dyPitch;
    int b0 = xAt + xRow[xRowAt];
    int b1 = xAt + xRow[xRowAt + Math.min(1, columns - 1)];
    int b2 = xAt + xRow[xRowAt + Math.min(2, columns - 1)];
    int b3 = xAt + xRow[xRowAt + Math.min(3, columns - 1)];
    int b4 = xAt + xRow[xRowAt + Math.min(4, columns - 1)];
    int b5 = xAt + xRow[xRowAt + Math.min(5, columns - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    FloatVector s04 = FloatVector.zero(S);
    FloatVector s05 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s13 = FloatVector.zero(S);
    FloatVector s14 = FloatVector.zero(S);
    FloatVector s15 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s23 = FloatVector.zero(S);
    FloatVector s24 = FloatVector.zero(S);
    FloatVector s25 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s32 = FloatVector.zero(S);
    FloatVector s33 = FloatVector.zero(S);
    FloatVector s34 = FloatVector.zero(S);
    FloatVector s35 = FloatVector.zero(S);
    int j = 0;
    for (; j <= p - L; j += L) {
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
    if (j < p) {
      VectorMask<Float> mask = S.indexInRange(j, p);
      FloatVector y0 = FloatVector.fromArray(S, dy, a0 + j, mask);
      FloatVector y1 = FloatVector.fromArray(S, dy, a1 + j, mask);
      FloatVector y2 = FloatVector.fromArray(S, dy, a2 + j, mask);
      FloatVector y3 = FloatVector.fromArray(S, dy, a3 + j, mask);
      FloatVector x0 = FloatVector.fromArray(S, x, b0 + j, mask);
      s00 = y0.fma(x0, s00);
      s10 = y1.fma(x0, s10);
      s20 = y2.fma(x0, s20);
      s30 = y3.fma(x0, s30);
      FloatVector x1 = FloatVector.fromArray(S, x, b1 + j, mask);
      s01 = y0.fma(x1, s01);
      s11 = y1.fma(x1, s11);
      s21 = y2.fma(x1, s21);
      s31 = y3.fma(x1, s31);
      FloatVector x2 = FloatVector.fromArray(S, x, b2 + j, mask);
      s02 = y0.fma(x2, s02);
      s12 = y1.fma(x2, s12);
      s22 = y2.fma(x2, s22);
      s32 = y3.fma(x2, s32);
      FloatVector x3 = FloatVector.fromArray(S, x, b3 + j, mask);
      s03 = y0.fma(x3, s03);
      s13 = y1.fma(x3, s13);
      s23 = y2.fma(x3, s23);
      s33 = y3.fma(x3, s33);
      FloatVector x4 = FloatVector.fromArray(S, x, b4 + j, mask);
      s04 = y0.fma(x4, s04);
      s14 = y1.fma(x4, s14);
      s24 = y2.fma(x4, s24);
      s34 = y3.fma(x4, s34);
      FloatVector x5 = FloatVector.fromArray(S, x, b5 + j, mask);
      s05 = y0.fma(x5, s05);
      s15 = y1.fma(x5, s15);
      s25 = y2.fma(x5, s25);
      s35 = y3.fma(x5, s35);
    }
    dw[dwAt] += Lanes.total(s00);
    if (columns > 1) {
      dw[dwAt + 1] += Lanes.total(s01);
    }
    if (columns > 2) {
      dw[dwAt + 2] += Lanes.total(s02);
    }
    if (columns > 3) {
      dw[dwAt + 3] += Lanes.total(s03);
    }
    if (columns > 4) {
      dw[dwAt + 4] += Lanes.total(s04);
    }
    if (columns > 5) {
      dw[dwAt + 5] += Lanes.total(s05);
    }
    if (rows > 1) {
      dw[dwAt + dwPitch] += Lanes.total(s10);
      if (columns > 1) {
        dw[dwAt + dwPitch + 1] += Lanes.total(s11);
      }
      if (columns > 2) {
        dw[dwAt + dwPitch + 2] += Lanes.total(s12);
      }
      if (columns > 3) {
        dw[dwAt + dwPitch + 3] += Lanes.total(s13);
      }
      if (columns > 4) {
        dw[dwAt + dwPitch + 4] += Lanes.total(s14);
      }
      if (columns > 5) {
        dw[dwAt + dwPitch + 5] += Lanes.total(s15);
      }
    }
    if (rows > 2) {
      dw[dwAt + 2 * dwPitch] += Lanes.total(s20);
      if (columns > 1) {
        dw[dwAt + 2 * dwPitch + 1] += Lanes.total(s21);
      }
      if (columns > 2) {
        dw[dwAt + 2 * dwPitch + 2] += Lanes.total(s22);
      }
      if (columns > 3) {
        dw[dwAt + 2 * dwPitch + 3] += Lanes.total(s23);
      }
      if (columns > 4) {
        dw[dwAt + 2 * dwPitch + 4] += Lanes.total(s24);
      }
      if (columns > 5) {
        dw[dwAt + 2 * dwPitch + 5] += Lanes.total(s25);
      }
    }
    if (rows > 3) {
      dw[dwAt + 3 * dwPitch] += Lanes.total(s30);
      if (columns > 1) {
        dw[dwAt + 3 * dwPitch + 1] += Lanes.total(s31);
      }
      if (columns > 2) {
        dw[dwAt + 3 * dwPitch + 2] += Lanes.total(s32);
      }
      if (columns > 3) {
        dw[dwAt + 3 * dwPitch + 3] += Lanes.total(s33);
      }
      if (columns > 4) {
        dw[dwAt + 3 * dwPitch + 4] += Lanes.total(s34);
      }
      if (columns > 5) {
        dw[dwAt + 3 * dwPitch + 5] += Lanes.total(s35);
      }
    }
  }

  // dw (3,4) += dy (3,P) * x (4,P)^T
  private static void tile3x4(
      float[] dy,
      int dyAt,
      int dyPitch,
      int rows,
      float[] x,
      int xAt,
      int[] xRow,
      int xRowAt,
      int columns,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch) {
    int a0 = dyAt;
    int a1 = dyAt + Math.min(1, rows - 1) * dyPitch;
    int a2 = dyAt + Math.min(2, rows - 1) * dyPitch;
    int b0 = xAt + xRow[xRowAt];
    int b1 = xAt + xRow[xRowAt + Math.min(1, columns - 1)];
    int b2 = xAt + xRow[xRowAt + Math.min(2, columns - 1)];
    int b3 = xAt + xRow[xRowAt + Math.min(3, columns - 1)];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s03 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s13 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s23 = FloatVector.zero(S);
    int j = 0;
    for (; j <= p - L; j += L) {
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
    if (j < p) {
      VectorMask<Float> mask = S.indexInRange(j, p);
      FloatVector y0 = FloatVector.fromArray(S, dy, a0 + j, mask);
      FloatVector y1 = FloatVector.fromArray(S, dy, a1 + j, mask);
      FloatVector y2 = FloatVector.fromArray(S, dy, a2 + j, mask);
      FloatVector x0 = FloatVector.fromArray(S, x, b0 + j, mask);
      s00 = y0.fma(x0, s00);
      s10 = y1.fma(x0, s10);
      s20 = y2.fma(x0, s20);
      FloatVector x1 = FloatVector.fromArray(S, x, b1 + j, mask);
      s01 = y0.fma(x1, s01);
      s11 = y1.fma(x1, s11);
      s21 = y2.fma(x1, s21);
      FloatVector x2 = FloatVector.fromArray(S, x, b2 + j, mask);
      s02 = y0.fma(x2, s02);
      s12 = y1.fma(x2, s12);
      s22 = y2.fma(x2, s22);
      FloatVector x3 = FloatVector.fromArray(S, x, b3 + j, mask);
      s03 = y0.fma(x3, s03);
      s13 = y1.fma(x3, s13);
      s23 = y2.fma(x3, s23);
    }
    dw[dwAt] += Lanes.total(s00);
    if (columns > 1) {
      dw[dwAt + 1] += Lanes.total(s01);
    }
    if (columns > 2) {
      dw[dwAt + 2] += Lanes.total(s02);
    }
    if (columns > 3) {
      dw[dwAt + 3] += Lanes.total(s03);
    }
    if (rows > 1) {
      dw[dwAt + dwPitch] += Lanes.total(s10);
      if (columns > 1) {
        dw[dwAt + dwPitch + 1] += Lanes.total(s11);
      }
      if (columns > 2) {
        dw[dwAt + dwPitch + 2] += Lanes.total(s12);
      }
      if (columns > 3) {
        dw[dwAt + dwPitch + 3] += Lanes.total(s13);
      }
    }
    if (rows > 2) {
      dw[dwAt + 2 * dwPitch] += Lanes.total(s20);
      if (columns > 1) {
        dw[dwAt + 2 * dwPitch + 1] += Lanes.total(s21);
      }
      if (columns > 2) {
        dw[dwAt + 2 * dwPitch + 2] += Lanes.total(s22);
      }
      if (columns > 3) {
        dw[dwAt + 2 * dwPitch + 3] += Lanes.total(s23);
      }
    }
  }
}
