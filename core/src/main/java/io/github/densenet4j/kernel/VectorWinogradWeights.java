package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of weights, a vector of kernels at a time: both dimensions, in which
 * what lies between stays in registers, or the columns alone.
 *
 * <p>Each row of planes is written out: a helper's argument or an array would box its vectors.
 */
final class VectorWinogradWeights {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final float SIXTH = 1 / 6f;

  private VectorWinogradWeights() {}

  // u (size,N) = G (size,3) * w (3,N)
  static void columns(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uRow) {
    for (int j = 0; j < n; j += L) {
      FloatVector w0 = FloatVector.fromArray(S, w, wAt + j);
      FloatVector w1 = FloatVector.fromArray(S, w, wAt + wRow + j);
      FloatVector w2 = FloatVector.fromArray(S, w, wAt + 2 * wRow + j);
      int to = uAt + j;
      if (f == Winograd.F4) {
        FloatVector sum = w0.add(w2).mul(-SIXTH);
        FloatVector middle = w1.mul(SIXTH);
        FloatVector wide = w0.mul(0.25f).add(w2).mul(SIXTH);
        FloatVector half = w1.mul(0.5f * SIXTH);
        w0.mul(0.25f).intoArray(u, to);
        sum.sub(middle).intoArray(u, to + uRow);
        sum.add(middle).intoArray(u, to + 2 * uRow);
        wide.add(half).intoArray(u, to + 3 * uRow);
        wide.sub(half).intoArray(u, to + 4 * uRow);
        w2.intoArray(u, to + 5 * uRow);
      } else {
        FloatVector half = w0.add(w2).mul(0.5f);
        FloatVector middle = w1.mul(0.5f);
        w0.intoArray(u, to);
        half.add(middle).intoArray(u, to + uRow);
        half.sub(middle).intoArray(u, to + 2 * uRow);
        w2.intoArray(u, to + 3 * uRow);
      }
    }
  }

  // u (6,6,N) = G w (3,3,N) G^T
  static void planes4(float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uPlane) {
    for (int j = 0; j < n; j += L) {
      FloatVector a0 = FloatVector.fromArray(S, w, wAt + j);
      FloatVector a1 = FloatVector.fromArray(S, w, wAt + 3 * wRow + j);
      FloatVector a2 = FloatVector.fromArray(S, w, wAt + 6 * wRow + j);
      FloatVector b0 = FloatVector.fromArray(S, w, wAt + wRow + j);
      FloatVector b1 = FloatVector.fromArray(S, w, wAt + 4 * wRow + j);
      FloatVector b2 = FloatVector.fromArray(S, w, wAt + 7 * wRow + j);
      FloatVector c0 = FloatVector.fromArray(S, w, wAt + 2 * wRow + j);
      FloatVector c1 = FloatVector.fromArray(S, w, wAt + 5 * wRow + j);
      FloatVector c2 = FloatVector.fromArray(S, w, wAt + 8 * wRow + j);
      FloatVector sumA = a0.add(a2).mul(-SIXTH);
      FloatVector middleA = a1.mul(SIXTH);
      FloatVector wideA = a0.mul(0.25f).add(a2).mul(SIXTH);
      FloatVector halfA = a1.mul(0.5f * SIXTH);
      FloatVector sumB = b0.add(b2).mul(-SIXTH);
      FloatVector middleB = b1.mul(SIXTH);
      FloatVector wideB = b0.mul(0.25f).add(b2).mul(SIXTH);
      FloatVector halfB = b1.mul(0.5f * SIXTH);
      FloatVector sumC = c0.add(c2).mul(-SIXTH);
      FloatVector middleC = c1.mul(SIXTH);
      FloatVector wideC = c0.mul(0.25f).add(c2).mul(SIXTH);
      FloatVector halfC = c1.mul(0.5f * SIXTH);
      int to = uAt + j;
      FloatVector x0 = a0.mul(0.25f);
      FloatVector x1 = b0.mul(0.25f);
      FloatVector x2 = c0.mul(0.25f);
      FloatVector sum = x0.add(x2).mul(-SIXTH);
      FloatVector middle = x1.mul(SIXTH);
      FloatVector wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      FloatVector half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
      to += 6 * uPlane;
      x0 = sumA.sub(middleA);
      x1 = sumB.sub(middleB);
      x2 = sumC.sub(middleC);
      sum = x0.add(x2).mul(-SIXTH);
      middle = x1.mul(SIXTH);
      wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
      to += 6 * uPlane;
      x0 = sumA.add(middleA);
      x1 = sumB.add(middleB);
      x2 = sumC.add(middleC);
      sum = x0.add(x2).mul(-SIXTH);
      middle = x1.mul(SIXTH);
      wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
      to += 6 * uPlane;
      x0 = wideA.add(halfA);
      x1 = wideB.add(halfB);
      x2 = wideC.add(halfC);
      sum = x0.add(x2).mul(-SIXTH);
      middle = x1.mul(SIXTH);
      wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
      to += 6 * uPlane;
      x0 = wideA.sub(halfA);
      x1 = wideB.sub(halfB);
      x2 = wideC.sub(halfC);
      sum = x0.add(x2).mul(-SIXTH);
      middle = x1.mul(SIXTH);
      wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
      to += 6 * uPlane;
      x0 = a2;
      x1 = b2;
      x2 = c2;
      sum = x0.add(x2).mul(-SIXTH);
      middle = x1.mul(SIXTH);
      wide = x0.mul(0.25f).add(x2).mul(SIXTH);
      half = x1.mul(0.5f * SIXTH);
      x0.mul(0.25f).intoArray(u, to);
      sum.sub(middle).intoArray(u, to + uPlane);
      sum.add(middle).intoArray(u, to + 2 * uPlane);
      wide.add(half).intoArray(u, to + 3 * uPlane);
      wide.sub(half).intoArray(u, to + 4 * uPlane);
      x2.intoArray(u, to + 5 * uPlane);
    }
  }

  // u (4,4,N) = G w (3,3,N) G^T
  static void planes2(float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uPlane) {
    for (int j = 0; j < n; j += L) {
      FloatVector a0 = FloatVector.fromArray(S, w, wAt + j);
      FloatVector a1 = FloatVector.fromArray(S, w, wAt + 3 * wRow + j);
      FloatVector a2 = FloatVector.fromArray(S, w, wAt + 6 * wRow + j);
      FloatVector b0 = FloatVector.fromArray(S, w, wAt + wRow + j);
      FloatVector b1 = FloatVector.fromArray(S, w, wAt + 4 * wRow + j);
      FloatVector b2 = FloatVector.fromArray(S, w, wAt + 7 * wRow + j);
      FloatVector c0 = FloatVector.fromArray(S, w, wAt + 2 * wRow + j);
      FloatVector c1 = FloatVector.fromArray(S, w, wAt + 5 * wRow + j);
      FloatVector c2 = FloatVector.fromArray(S, w, wAt + 8 * wRow + j);
      FloatVector halfA = a0.add(a2).mul(0.5f);
      FloatVector middleA = a1.mul(0.5f);
      FloatVector halfB = b0.add(b2).mul(0.5f);
      FloatVector middleB = b1.mul(0.5f);
      FloatVector halfC = c0.add(c2).mul(0.5f);
      FloatVector middleC = c1.mul(0.5f);
      int to = uAt + j;
      FloatVector x0 = a0;
      FloatVector x1 = b0;
      FloatVector x2 = c0;
      FloatVector half = x0.add(x2).mul(0.5f);
      FloatVector middle = x1.mul(0.5f);
      x0.intoArray(u, to);
      half.add(middle).intoArray(u, to + uPlane);
      half.sub(middle).intoArray(u, to + 2 * uPlane);
      x2.intoArray(u, to + 3 * uPlane);
      to += 4 * uPlane;
      x0 = halfA.add(middleA);
      x1 = halfB.add(middleB);
      x2 = halfC.add(middleC);
      half = x0.add(x2).mul(0.5f);
      middle = x1.mul(0.5f);
      x0.intoArray(u, to);
      half.add(middle).intoArray(u, to + uPlane);
      half.sub(middle).intoArray(u, to + 2 * uPlane);
      x2.intoArray(u, to + 3 * uPlane);
      to += 4 * uPlane;
      x0 = halfA.sub(middleA);
      x1 = halfB.sub(middleB);
      x2 = halfC.sub(middleC);
      half = x0.add(x2).mul(0.5f);
      middle = x1.mul(0.5f);
      x0.intoArray(u, to);
      half.add(middle).intoArray(u, to + uPlane);
      half.sub(middle).intoArray(u, to + 2 * uPlane);
      x2.intoArray(u, to + 3 * uPlane);
      to += 4 * uPlane;
      x0 = a2;
      x1 = b2;
      x2 = c2;
      half = x0.add(x2).mul(0.5f);
      middle = x1.mul(0.5f);
      x0.intoArray(u, to);
      half.add(middle).intoArray(u, to + uPlane);
      half.sub(middle).intoArray(u, to + 2 * uPlane);
      x2.intoArray(u, to + 3 * uPlane);
    }
  }
}
