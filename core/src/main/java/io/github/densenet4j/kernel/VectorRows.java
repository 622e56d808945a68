package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What happens to rows of pixels between the products: normalise and rectify, and the way back. */
final class VectorRows {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorRows() {}

  // y (K,PANEL) = rows of x by a table
  static void gather(float[] x, int xAt, int[] xRow, int k, float[] y, int yAt) {
    for (int i = 0; i < k; i++) {
      int from = xAt + xRow[i];
      for (int j = 0; j < Kernels.PANEL; j += L) {
        FloatVector.fromArray(S, x, from + j).intoArray(y, yAt + i * Kernels.PANEL + j);
      }
    }
  }

  // y (R,P) = max(0, scale (R) * x (R,P) + shift (R)); a comparison instead of max keeps NaN and is
  // quicker
  static void affineRelu(
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel) {
    int whole = p - p % L;
    int fours = rows - rows % 4;
    for (int r = 0; r < fours; r += 4) {
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      fourRows(x, from, xPitch, scale, shift, at + r, whole, y, to, yPitch, yPanel);
    }
    for (int r = 0; r < rows; r++) {
      FloatVector a = FloatVector.broadcast(S, scale[at + r]);
      FloatVector b = FloatVector.broadcast(S, shift[at + r]);
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      for (int j = r < fours ? whole : 0; j < whole; j += L) {
        FloatVector v = a.fma(FloatVector.fromArray(S, x, from + j), b);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + panelled(j, yPanel));
      }
      if (whole < p) {
        VectorMask<Float> mask = S.indexInRange(whole, p);
        FloatVector v = a.fma(FloatVector.fromArray(S, x, from + whole, mask), b);
        v.blend(0, v.compare(VectorOperators.LT, 0))
            .intoArray(y, to + panelled(whole, yPanel), mask);
      }
    }
  }

  // y (4,P) = max(0, scale (4) * x (4,P) + shift (4)), P whole vectors: features come from the
  // third
  // cache, four rows side by side as four streams
  private static void fourRows(
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      int at,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel) {
    FloatVector a0 = FloatVector.broadcast(S, scale[at]);
    FloatVector a1 = FloatVector.broadcast(S, scale[at + 1]);
    FloatVector a2 = FloatVector.broadcast(S, scale[at + 2]);
    FloatVector a3 = FloatVector.broadcast(S, scale[at + 3]);
    FloatVector b0 = FloatVector.broadcast(S, shift[at]);
    FloatVector b1 = FloatVector.broadcast(S, shift[at + 1]);
    FloatVector b2 = FloatVector.broadcast(S, shift[at + 2]);
    FloatVector b3 = FloatVector.broadcast(S, shift[at + 3]);
    for (int j = 0; j < p; j += L) {
      int to = yAt + panelled(j, yPanel);
      FloatVector v0 = a0.fma(FloatVector.fromArray(S, x, xAt + j), b0);
      FloatVector v1 = a1.fma(FloatVector.fromArray(S, x, xAt + xPitch + j), b1);
      FloatVector v2 = a2.fma(FloatVector.fromArray(S, x, xAt + 2 * xPitch + j), b2);
      FloatVector v3 = a3.fma(FloatVector.fromArray(S, x, xAt + 3 * xPitch + j), b3);
      v0.blend(0, v0.compare(VectorOperators.LT, 0)).intoArray(y, to);
      v1.blend(0, v1.compare(VectorOperators.LT, 0)).intoArray(y, to + yPitch);
      v2.blend(0, v2.compare(VectorOperators.LT, 0)).intoArray(y, to + 2 * yPitch);
      v3.blend(0, v3.compare(VectorOperators.LT, 0)).intoArray(y, to + 3 * yPitch);
    }
  }

  /** Where column j of a row in panels is. */
  private static int panelled(int j, int panel) {
    return j / Kernels.PANEL * panel + j % Kernels.PANEL;
  }

  // y (R,P) = max(0, x (R,P))
  static void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch, int yPanel) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector v = FloatVector.fromArray(S, x, from + j);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + panelled(j, yPanel));
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector v = FloatVector.fromArray(S, x, from + j, mask);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + panelled(j, yPanel), mask);
      }
    }
  }

  // dx (R,P) += share (R) * u (R,P), u = du (R,P) where scale * x + shift > 0, else 0; sum (R) =
  // sum u; dot (R) = sum u * (x - centre)
  static void affineReluGradient(
      float[] du,
      int duAt,
      int duPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      float[] centre,
      float[] share,
      int at,
      int rows,
      int p,
      float[] dx,
      int dxAt,
      int dxPitch,
      double[] sum,
      double[] dot,
      int sumAt) {
    int twos = p % L == 0 ? rows - rows % 2 : 0;
    for (int r = 0; r < twos; r += 2) {
      twoRowsGradient(
          du,
          duAt + r * duPitch,
          duPitch,
          x,
          xAt + r * xPitch,
          xPitch,
          scale,
          shift,
          centre,
          share,
          at + r,
          p,
          dx,
          dxAt + r * dxPitch,
          dxPitch,
          sum,
          dot,
          sumAt + r);
    }
    rowsGradient(
        du, duAt, duPitch, x, xAt, xPitch, scale, shift, centre, share, at, twos, rows, p, dx, dxAt,
        dxPitch, sum, dot, sumAt);
  }

  // the same for rows [first, R), one by one; by itself, since beside the call above the JVM
  // compiled
  // it into something three times as slow
  private static void rowsGradient(
      float[] du,
      int duAt,
      int duPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      float[] centre,
      float[] share,
      int at,
      int first,
      int rows,
      int p,
      float[] dx,
      int dxAt,
      int dxPitch,
      double[] sum,
      double[] dot,
      int sumAt) {
    FloatVector zero = FloatVector.zero(S);
    for (int r = first; r < rows; r++) {
      FloatVector a = FloatVector.broadcast(S, scale[at + r]);
      FloatVector b = FloatVector.broadcast(S, shift[at + r]);
      FloatVector c = FloatVector.broadcast(S, centre[at + r]);
      FloatVector factor = FloatVector.broadcast(S, share[at + r]);
      FloatVector s = zero;
      FloatVector d = zero;
      int from = xAt + r * xPitch;
      int up = duAt + r * duPitch;
      int to = dxAt + r * dxPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector v = FloatVector.fromArray(S, x, from + j);
        FloatVector u =
            zero.blend(
                FloatVector.fromArray(S, du, up + j), a.fma(v, b).compare(VectorOperators.GT, 0));
        s = s.add(u);
        d = u.fma(v.sub(c), d);
        factor.fma(u, FloatVector.fromArray(S, dx, to + j)).intoArray(dx, to + j);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector v = FloatVector.fromArray(S, x, from + j, mask);
        FloatVector u =
            zero.blend(
                FloatVector.fromArray(S, du, up + j, mask),
                a.fma(v, b).compare(VectorOperators.GT, 0));
        s = s.add(u);
        d = u.fma(v.sub(c), d);
        factor.fma(u, FloatVector.fromArray(S, dx, to + j, mask)).intoArray(dx, to + j, mask);
      }
      sum[sumAt + r] = Lanes.total(s);
      dot[sumAt + r] = Lanes.total(d);
    }
  }

  // the same for two rows of whole vectors: maps come from the third cache, where more streams are
  // quicker
  private static void twoRowsGradient(
      float[] du,
      int duAt,
      int duPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      float[] centre,
      float[] share,
      int at,
      int p,
      float[] dx,
      int dxAt,
      int dxPitch,
      double[] sum,
      double[] dot,
      int sumAt) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector a0 = FloatVector.broadcast(S, scale[at]);
    FloatVector a1 = FloatVector.broadcast(S, scale[at + 1]);
    FloatVector b0 = FloatVector.broadcast(S, shift[at]);
    FloatVector b1 = FloatVector.broadcast(S, shift[at + 1]);
    FloatVector c0 = FloatVector.broadcast(S, centre[at]);
    FloatVector c1 = FloatVector.broadcast(S, centre[at + 1]);
    FloatVector factor0 = FloatVector.broadcast(S, share[at]);
    FloatVector factor1 = FloatVector.broadcast(S, share[at + 1]);
    FloatVector s0 = zero;
    FloatVector s1 = zero;
    FloatVector d0 = zero;
    FloatVector d1 = zero;
    for (int j = 0; j < p; j += L) {
      int from = xAt + j;
      int up = duAt + j;
      int to = dxAt + j;
      FloatVector v0 = FloatVector.fromArray(S, x, from);
      FloatVector u0 =
          zero.blend(
              FloatVector.fromArray(S, du, up), a0.fma(v0, b0).compare(VectorOperators.GT, 0));
      s0 = s0.add(u0);
      d0 = u0.fma(v0.sub(c0), d0);
      factor0.fma(u0, FloatVector.fromArray(S, dx, to)).intoArray(dx, to);
      FloatVector v1 = FloatVector.fromArray(S, x, from + xPitch);
      FloatVector u1 =
          zero.blend(
              FloatVector.fromArray(S, du, up + duPitch),
              a1.fma(v1, b1).compare(VectorOperators.GT, 0));
      s1 = s1.add(u1);
      d1 = u1.fma(v1.sub(c1), d1);
      factor1.fma(u1, FloatVector.fromArray(S, dx, to + dxPitch)).intoArray(dx, to + dxPitch);
    }
    sum[sumAt] = Lanes.total(s0);
    sum[sumAt + 1] = Lanes.total(s1);
    dot[sumAt] = Lanes.total(d0);
    dot[sumAt + 1] = Lanes.total(d1);
  }

  // y (R,P) = a (R) * u (R,P) + (b (R) * x (R,P) + c (R))
  static void combine(
      float[] u,
      int uAt,
      int uPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] a,
      float[] b,
      float[] c,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel) {
    for (int r = 0; r < rows; r++) {
      FloatVector va = FloatVector.broadcast(S, a[at + r]);
      FloatVector vb = FloatVector.broadcast(S, b[at + r]);
      FloatVector vc = FloatVector.broadcast(S, c[at + r]);
      int fromU = uAt + r * uPitch;
      int fromX = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector rest = vb.fma(FloatVector.fromArray(S, x, fromX + j), vc);
        va.fma(FloatVector.fromArray(S, u, fromU + j), rest).intoArray(y, to + panelled(j, yPanel));
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector rest = vb.fma(FloatVector.fromArray(S, x, fromX + j, mask), vc);
        va.fma(FloatVector.fromArray(S, u, fromU + j, mask), rest)
            .intoArray(y, to + panelled(j, yPanel), mask);
      }
    }
  }
}
