package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the inputs, in two passes. Down the columns the lanes are pixels
 * of a line: all is contiguous. Along the rows the lanes are tiles: vectors of a line are sorted
 * into the places of their tiles. The order matters: transformed first, lines are sorted once, and
 * less is stored than if all lines of the picture were sorted before.
 */
final class VectorWinogradInput {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final IntVector EVEN = Lanes.EVEN;
  private static final IntVector ODD = Lanes.ODD;

  // a vector without its first lane and then one lane of the next vector: what the tile behind has
  private static final IntVector NEXT = Lanes.indices(i -> i < L - 1 ? i + 1 : L);
  private static final IntVector AFTER = Lanes.indices(i -> i < L - 1 ? i + 1 : L + 1);
  private static final FloatVector PLUS_2 = FloatVector.broadcast(S, 2);
  private static final FloatVector PLUS_4 = FloatVector.broadcast(S, 4);
  private static final FloatVector MINUS_2 = FloatVector.broadcast(S, -2);
  private static final FloatVector MINUS_4 = FloatVector.broadcast(S, -4);
  private static final FloatVector MINUS_5 = FloatVector.broadcast(S, -5);

  private VectorWinogradInput() {}

  // t (size,C,rows,tLine) = B^T x (C,step * rows + 2,W), zeros to the left and right
  static void columns(
      Winograd f,
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int rows,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel,
      int tLine) {
    FloatVector zero = FloatVector.zero(S);
    int step = f.step();
    for (int c = 0; c < channels; c++) {
      int to = tAt + c * tChannel;
      for (int i = 0; i < f.size(); i++) {
        t[to + i * tPlane] = 0;
      }
      for (int r = 0; r < rows; r++) {
        int from = xAt + c * xChannel + r * step * width;
        int line = to + r * tLine;
        for (int j = 0; j < width; j += L) {
          if (f == Winograd.F4) {
            columns4(x, from + j, width, t, line + 1 + j, tPlane);
          } else {
            columns2(x, from + j, width, t, line + 1 + j, tPlane);
          }
        }
        // the margins behind this line and before the next one, which is written later
        for (int i = 0; i < f.size(); i++) {
          zero.intoArray(t, line + 1 + width + i * tPlane);
        }
      }
    }
  }

  // t (6,vector) = B^T (6,6) * x (6,vector)
  private static void columns4(float[] x, int at, int width, float[] t, int to, int plane) {
    FloatVector x0 = FloatVector.fromArray(S, x, at);
    FloatVector x1 = FloatVector.fromArray(S, x, at + width);
    FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * width);
    FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * width);
    FloatVector x4 = FloatVector.fromArray(S, x, at + 4 * width);
    FloatVector x5 = FloatVector.fromArray(S, x, at + 5 * width);
    FloatVector a = x2.fma(MINUS_4, x4);
    FloatVector b = x1.fma(MINUS_4, x3);
    FloatVector c = x4.sub(x2);
    FloatVector d = x3.sub(x1);
    x2.fma(MINUS_5, x0.fma(PLUS_4, x4)).intoArray(t, to);
    a.add(b).intoArray(t, to + plane);
    a.sub(b).intoArray(t, to + 2 * plane);
    d.fma(PLUS_2, c).intoArray(t, to + 3 * plane);
    d.fma(MINUS_2, c).intoArray(t, to + 4 * plane);
    x3.fma(MINUS_5, x1.fma(PLUS_4, x5)).intoArray(t, to + 5 * plane);
  }

  // t (4,vector) = B^T (4,4) * x (4,vector)
  private static void columns2(float[] x, int at, int width, float[] t, int to, int plane) {
    FloatVector x0 = FloatVector.fromArray(S, x, at);
    FloatVector x1 = FloatVector.fromArray(S, x, at + width);
    FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * width);
    FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * width);
    x0.sub(x2).intoArray(t, to);
    x1.add(x2).intoArray(t, to + plane);
    x2.sub(x1).intoArray(t, to + 2 * plane);
    x1.sub(x3).intoArray(t, to + 3 * plane);
  }

  // v (planes,C,P) = t (size,C,step * P) B
  static void rows(
      Winograd f,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel,
      int channels,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel) {
    for (int i = 0; i < f.size(); i++) {
      for (int c = 0; c < channels; c++) {
        for (int j = 0; j < p; j += L) {
          int from = tAt + i * tPlane + c * tChannel + j * f.step();
          int to = vAt + i * f.size() * vPlane + c * vChannel + j;
          if (f == Winograd.F4) {
            rows4(t, from, v, to, vPlane, p - j);
          } else {
            rows2(t, from, v, to, vPlane, p - j);
          }
        }
      }
    }
  }

  // v (6,vector) = B^T (6,6) * the six places of L tiles in t (4 * L + 2)
  private static void rows4(float[] t, int at, float[] v, int to, int plane, int left) {
    IntVector p = FloatVector.fromArray(S, t, at).reinterpretAsInts();
    IntVector q = FloatVector.fromArray(S, t, at + L).reinterpretAsInts();
    IntVector r = FloatVector.fromArray(S, t, at + 2 * L).reinterpretAsInts();
    IntVector s = FloatVector.fromArray(S, t, at + 3 * L).reinterpretAsInts();
    IntVector even = EVEN.selectFrom(p, q);
    IntVector odd = ODD.selectFrom(p, q);
    IntVector laterEven = EVEN.selectFrom(r, s);
    IntVector laterOdd = ODD.selectFrom(r, s);
    FloatVector d0 = EVEN.selectFrom(even, laterEven).reinterpretAsFloats();
    FloatVector d1 = EVEN.selectFrom(odd, laterOdd).reinterpretAsFloats();
    FloatVector d2 = ODD.selectFrom(even, laterEven).reinterpretAsFloats();
    FloatVector d3 = ODD.selectFrom(odd, laterOdd).reinterpretAsFloats();
    IntVector next = FloatVector.fromArray(S, t, at + 4 * L).reinterpretAsInts();
    FloatVector d4 = NEXT.selectFrom(d0.reinterpretAsInts(), next).reinterpretAsFloats();
    FloatVector d5 = AFTER.selectFrom(d1.reinterpretAsInts(), next).reinterpretAsFloats();
    FloatVector a = d2.fma(MINUS_4, d4);
    FloatVector b = d1.fma(MINUS_4, d3);
    FloatVector c = d4.sub(d2);
    FloatVector d = d3.sub(d1);
    FloatVector v0 = d2.fma(MINUS_5, d0.fma(PLUS_4, d4));
    FloatVector v5 = d3.fma(MINUS_5, d1.fma(PLUS_4, d5));
    if (left >= L) {
      v0.intoArray(v, to);
      a.add(b).intoArray(v, to + plane);
      a.sub(b).intoArray(v, to + 2 * plane);
      d.fma(PLUS_2, c).intoArray(v, to + 3 * plane);
      d.fma(MINUS_2, c).intoArray(v, to + 4 * plane);
      v5.intoArray(v, to + 5 * plane);
    } else {
      VectorMask<Float> mask = S.indexInRange(0, left);
      v0.intoArray(v, to, mask);
      a.add(b).intoArray(v, to + plane, mask);
      a.sub(b).intoArray(v, to + 2 * plane, mask);
      d.fma(PLUS_2, c).intoArray(v, to + 3 * plane, mask);
      d.fma(MINUS_2, c).intoArray(v, to + 4 * plane, mask);
      v5.intoArray(v, to + 5 * plane, mask);
    }
  }

  // v (4,vector) = B^T (4,4) * the four places of L tiles in t (2 * L + 2)
  private static void rows2(float[] t, int at, float[] v, int to, int plane, int left) {
    IntVector p = FloatVector.fromArray(S, t, at).reinterpretAsInts();
    IntVector q = FloatVector.fromArray(S, t, at + L).reinterpretAsInts();
    IntVector next = FloatVector.fromArray(S, t, at + 2 * L).reinterpretAsInts();
    IntVector even = EVEN.selectFrom(p, q);
    IntVector odd = ODD.selectFrom(p, q);
    FloatVector d0 = even.reinterpretAsFloats();
    FloatVector d1 = odd.reinterpretAsFloats();
    FloatVector d2 = NEXT.selectFrom(even, next).reinterpretAsFloats();
    FloatVector d3 = AFTER.selectFrom(odd, next).reinterpretAsFloats();
    if (left >= L) {
      d0.sub(d2).intoArray(v, to);
      d1.add(d2).intoArray(v, to + plane);
      d2.sub(d1).intoArray(v, to + 2 * plane);
      d1.sub(d3).intoArray(v, to + 3 * plane);
    } else {
      VectorMask<Float> mask = S.indexInRange(0, left);
      d0.sub(d2).intoArray(v, to, mask);
      d1.add(d2).intoArray(v, to + plane, mask);
      d2.sub(d1).intoArray(v, to + 2 * plane, mask);
      d1.sub(d3).intoArray(v, to + 3 * plane, mask);
    }
  }
}
