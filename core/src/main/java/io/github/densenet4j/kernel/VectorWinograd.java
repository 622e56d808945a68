package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** {@link Winograd}'s transforms: the lanes run along a row, so loads and stores are contiguous. */
final class VectorWinograd {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorWinograd() {}

  // v (6,R,P) = B^T (6,6) * d (R,6,P)
  static void input(
      float[] d,
      int dAt,
      int dLine,
      int dRow,
      int rows,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vRow) {
    for (int r = 0; r < rows; r++) {
      int from = dAt + r * dRow;
      int to = vAt + r * vRow;
      for (int j = 0; j < p; j += L) {
        FloatVector d0 = FloatVector.fromArray(S, d, from + j);
        FloatVector d1 = FloatVector.fromArray(S, d, from + j + dLine);
        FloatVector d2 = FloatVector.fromArray(S, d, from + j + 2 * dLine);
        FloatVector d3 = FloatVector.fromArray(S, d, from + j + 3 * dLine);
        FloatVector d4 = FloatVector.fromArray(S, d, from + j + 4 * dLine);
        FloatVector d5 = FloatVector.fromArray(S, d, from + j + 5 * dLine);
        FloatVector v0 = d0.mul(4).sub(d2.mul(5)).add(d4);
        FloatVector a = d4.sub(d2.mul(4));
        FloatVector b = d3.sub(d1.mul(4));
        FloatVector c = d4.sub(d2);
        FloatVector e = d3.sub(d1).mul(2);
        FloatVector v5 = d1.mul(4).sub(d3.mul(5)).add(d5);
        if (j + L <= p) {
          v0.intoArray(v, to + j);
          a.add(b).intoArray(v, to + j + vPlane);
          a.sub(b).intoArray(v, to + j + 2 * vPlane);
          c.add(e).intoArray(v, to + j + 3 * vPlane);
          c.sub(e).intoArray(v, to + j + 4 * vPlane);
          v5.intoArray(v, to + j + 5 * vPlane);
        } else {
          VectorMask<Float> mask = S.indexInRange(j, p);
          v0.intoArray(v, to + j, mask);
          a.add(b).intoArray(v, to + j + vPlane, mask);
          a.sub(b).intoArray(v, to + j + 2 * vPlane, mask);
          c.add(e).intoArray(v, to + j + 3 * vPlane, mask);
          c.sub(e).intoArray(v, to + j + 4 * vPlane, mask);
          v5.intoArray(v, to + j + 5 * vPlane, mask);
        }
      }
    }
  }

  // y (R,lines,P) = A^T (4,6) * m (6,R,P) + bias (R)
  static void output(
      float[] m,
      int mAt,
      int mPlane,
      int mRow,
      int rows,
      int p,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yRow,
      int yLine,
      int lines) {
    for (int r = 0; r < rows; r++) {
      float shift = bias == null ? 0 : bias[biasAt + r];
      int from = mAt + r * mRow;
      int to = yAt + r * yRow;
      for (int j = 0; j < p; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, p);
        FloatVector m1 = FloatVector.fromArray(S, m, from + j + mPlane);
        FloatVector m2 = FloatVector.fromArray(S, m, from + j + 2 * mPlane);
        FloatVector m3 = FloatVector.fromArray(S, m, from + j + 3 * mPlane);
        FloatVector m4 = FloatVector.fromArray(S, m, from + j + 4 * mPlane);
        FloatVector sum12 = m1.add(m2).add(shift);
        FloatVector sum34 = m3.add(m4);
        FloatVector difference12 = m1.sub(m2).add(shift);
        FloatVector difference34 = m3.sub(m4);
        FloatVector.fromArray(S, m, from + j).add(sum12).add(sum34).intoArray(y, to + j, mask);
        if (lines > 1) {
          difference12.add(difference34.mul(2)).intoArray(y, to + j + yLine, mask);
        }
        if (lines > 2) {
          sum12.add(sum34.mul(4)).intoArray(y, to + j + 2 * yLine, mask);
        }
        if (lines > 3) {
          FloatVector.fromArray(S, m, from + j + 5 * mPlane)
              .add(difference12)
              .add(difference34.mul(8))
              .intoArray(y, to + j + 3 * yLine, mask);
        }
      }
    }
  }
}
