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
      int yPitch) {
    for (int r = 0; r < rows; r++) {
      FloatVector a = FloatVector.broadcast(S, scale[at + r]);
      FloatVector b = FloatVector.broadcast(S, shift[at + r]);
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector v = a.fma(FloatVector.fromArray(S, x, from + j), b);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + j);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector v = a.fma(FloatVector.fromArray(S, x, from + j, mask), b);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + j, mask);
      }
    }
  }

  // y (R,P) = max(0, x (R,P))
  static void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch) {
    for (int r = 0; r < rows; r++) {
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector v = FloatVector.fromArray(S, x, from + j);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + j);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector v = FloatVector.fromArray(S, x, from + j, mask);
        v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(y, to + j, mask);
      }
    }
  }

  // u (R,P) = du (R,P) where scale * x + shift > 0, else 0; sum (R) = sum u; dot (R) = sum u * (x -
  // centre)
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
      int at,
      int rows,
      int p,
      double[] sum,
      double[] dot,
      int sumAt) {
    FloatVector zero = FloatVector.zero(S);
    for (int r = 0; r < rows; r++) {
      FloatVector a = FloatVector.broadcast(S, scale[at + r]);
      FloatVector b = FloatVector.broadcast(S, shift[at + r]);
      FloatVector c = FloatVector.broadcast(S, centre[at + r]);
      FloatVector s = zero;
      FloatVector d = zero;
      int from = xAt + r * xPitch;
      int to = duAt + r * duPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        FloatVector v = FloatVector.fromArray(S, x, from + j);
        FloatVector u =
            zero.blend(
                FloatVector.fromArray(S, du, to + j), a.fma(v, b).compare(VectorOperators.GT, 0));
        u.intoArray(du, to + j);
        s = s.add(u);
        d = u.fma(v.sub(c), d);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector v = FloatVector.fromArray(S, x, from + j, mask);
        FloatVector u =
            zero.blend(
                FloatVector.fromArray(S, du, to + j, mask),
                a.fma(v, b).compare(VectorOperators.GT, 0));
        u.intoArray(du, to + j, mask);
        s = s.add(u);
        d = u.fma(v.sub(c), d);
      }
      sum[sumAt + r] = Lanes.total(s);
      dot[sumAt + r] = Lanes.total(d);
    }
  }

  // y (R,P) += a (R) * x (R,P)
  static void addScaled(
      float[] x,
      int xAt,
      int xPitch,
      float[] a,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch) {
    for (int r = 0; r < rows; r++) {
      FloatVector factor = FloatVector.broadcast(S, a[at + r]);
      int from = xAt + r * xPitch;
      int to = yAt + r * yPitch;
      int j = 0;
      for (; j <= p - L; j += L) {
        factor
            .fma(FloatVector.fromArray(S, x, from + j), FloatVector.fromArray(S, y, to + j))
            .intoArray(y, to + j);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        factor
            .fma(
                FloatVector.fromArray(S, x, from + j, mask),
                FloatVector.fromArray(S, y, to + j, mask))
            .intoArray(y, to + j, mask);
      }
    }
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
      int yPitch) {
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
        va.fma(FloatVector.fromArray(S, u, fromU + j), rest).intoArray(y, to + j);
      }
      if (j < p) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector rest = vb.fma(FloatVector.fromArray(S, x, fromX + j, mask), vc);
        va.fma(FloatVector.fromArray(S, u, fromU + j, mask), rest).intoArray(y, to + j, mask);
      }
    }
  }
}
