package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link StemWinograd}'s transforms, a vector of a line at a time. */
final class VectorStemWinograd {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorStemWinograd() {}

  // t (7,C,4 phases,W) = B^T x (C,4 phases,7 lines,W)
  static void input(
      float[] x,
      int xAt,
      int xPhase,
      int channels,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tPhase) {
    for (int i = 0; i < StemWinograd.PHASES * channels; i++) {
      for (int j = 0; j < width; j += L) {
        int from = xAt + i * xPhase + j;
        int to = tAt + i * tPhase + j;
        if (StemWinograd.evenRows(i)) {
          even(x, from, width, t, to, tPlane);
        } else {
          VectorColumnWinograd.columns(x, from, width, t, to, tPlane);
        }
      }
    }
  }

  // the planes that odd rows have too: F(4,3)'s of d[i] / 2 + d[i + 1], laid where they will be
  private static void even(float[] x, int at, int width, float[] t, int to, int plane) {
    FloatVector d = FloatVector.fromArray(S, x, at);
    for (int i = 0; i < 6; i++) {
      FloatVector next = FloatVector.fromArray(S, x, at + (i + 1) * width);
      d.mul(0.5f).add(next).intoArray(t, to + i * plane);
      d = next;
    }
    VectorColumnWinograd.columns(t, to, plane, t, to, plane);
    FloatVector d1 = FloatVector.fromArray(S, x, at + width);
    FloatVector d3 = FloatVector.fromArray(S, x, at + 3 * width);
    FloatVector d5 = FloatVector.fromArray(S, x, at + 5 * width);
    d1.mul(4).sub(d3.mul(5)).add(d5).intoArray(t, to + StemWinograd.EVEN_PLANE * plane);
  }

  // lines [first, end) of y (R,4,W) = A^T m (7,R,W) + bias (R)
  static void output(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int first,
      int end,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int yLine) {
    for (int r = 0; r < rows; r++) {
      float shift = bias == null ? 0 : bias[biasAt + r];
      for (int j = 0; j < width; j += L) {
        int at = mAt + r * mPitch + j;
        lines(m, at, mPlane, shift, first, end, y, yAt + r * yPitch + j, yLine);
      }
    }
  }

  private static void lines(
      float[] m, int at, int plane, float bias, int first, int end, float[] y, int to, int line) {
    FloatVector m1 = FloatVector.fromArray(S, m, at + plane);
    FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * plane);
    FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * plane);
    FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * plane);
    FloatVector m6 = FloatVector.fromArray(S, m, at + 6 * plane);
    FloatVector sum12 = m1.add(m2).add(bias);
    FloatVector sum34 = m3.add(m4);
    FloatVector difference12 = m1.sub(m2).add(bias);
    FloatVector difference34 = m3.sub(m4);
    if (first <= 0) {
      FloatVector.fromArray(S, m, at).add(sum12).add(sum34).add(m6).intoArray(y, to);
    }
    if (first <= 1 && end > 1) {
      difference12.add(difference34.mul(2)).sub(m6.mul(0.5f)).intoArray(y, to + line);
    }
    if (first <= 2 && end > 2) {
      sum12.add(sum34.mul(4)).add(m6.mul(0.25f)).intoArray(y, to + 2 * line);
    }
    if (end > 3) {
      FloatVector.fromArray(S, m, at + 5 * plane)
          .add(difference12)
          .add(difference34.mul(8))
          .sub(m6.mul(0.125f))
          .intoArray(y, to + 3 * line);
    }
  }
}
