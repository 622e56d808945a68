package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the inputs, a row of tiles of a channel at a time. Down the
 * columns the lanes are pixels of a line: all is contiguous. Along the rows the lanes are tiles:
 * vectors of a transformed line are sorted into the places of their tiles. The order matters:
 * transformed first, lines are sorted once, and what lies between is a few lines that stay in the
 * first cache.
 *
 * <p>Tile j has the pixels {@code step * j - 1} to {@code step * j + step} of a line: a vector of
 * tiles its own pixels, sorted, and at both ends one of the tiles beside it.
 */
final class VectorWinogradInput {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;
  private static final IntVector EVEN = Lanes.EVEN;
  private static final IntVector ODD = Lanes.ODD;

  // what the tiles before and behind have: a lane of the second vector, and those of the first
  private static final IntVector BEFORE = Lanes.indices(i -> i > 0 ? i - 1 : L);
  private static final IntVector BEHIND = Lanes.indices(i -> i + 1);
  private static final FloatVector PLUS_2 = FloatVector.broadcast(S, 2);
  private static final FloatVector PLUS_4 = FloatVector.broadcast(S, 4);
  private static final FloatVector MINUS_2 = FloatVector.broadcast(S, -2);
  private static final FloatVector MINUS_4 = FloatVector.broadcast(S, -4);
  private static final FloatVector MINUS_5 = FloatVector.broadcast(S, -5);

  private VectorWinogradInput() {}

  // v (planes,C,P) = B^T x B for the tiles of x (C,size,W), zeros to the left and right
  static void input(
      Winograd f,
      boolean relu,
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int width,
      float[] v,
      int vAt,
      int vPlane,
      int vPanel,
      int position,
      float[] scratch,
      int scratchAt) {
    int line = Kernels.wholeLines(width) + 16; // a line and the zeros around it
    int t = scratchAt + 16;
    Arrays.fill(scratch, scratchAt, t + f.size() * line, 0);
    int p = Math.ceilDiv(width, f.step());
    for (int c = 0; c < channels; c++) {
      int from = xAt + c * xChannel;
      int to = vAt + c * PANEL;
      if (f == Winograd.F4) {
        columns4(relu, x, from, width, scratch, t, line);
        rows4(scratch, t, line, p, v, to, vPlane, vPanel, position);
      } else {
        columns2(relu, x, from, width, scratch, t, line);
        rows2(scratch, t, line, p, v, to, vPlane, vPanel, position);
      }
    }
  }

  // t (6,W) = B^T (6,6) * x (6,W), zeros behind
  private static void columns4(
      boolean relu, float[] x, int xAt, int width, float[] t, int tAt, int line) {
    for (int j = 0; j < width; j += L) {
      VectorMask<Float> mask = S.indexInRange(j, width);
      int at = xAt + j;
      FloatVector x0 = FloatVector.fromArray(S, x, at, mask);
      FloatVector x1 = FloatVector.fromArray(S, x, at + width, mask);
      FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * width, mask);
      FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * width, mask);
      FloatVector x4 = FloatVector.fromArray(S, x, at + 4 * width, mask);
      FloatVector x5 = FloatVector.fromArray(S, x, at + 5 * width, mask);
      if (relu) {
        x0 = x0.blend(0, x0.compare(VectorOperators.LT, 0));
        x1 = x1.blend(0, x1.compare(VectorOperators.LT, 0));
        x2 = x2.blend(0, x2.compare(VectorOperators.LT, 0));
        x3 = x3.blend(0, x3.compare(VectorOperators.LT, 0));
        x4 = x4.blend(0, x4.compare(VectorOperators.LT, 0));
        x5 = x5.blend(0, x5.compare(VectorOperators.LT, 0));
      }
      FloatVector a = x2.fma(MINUS_4, x4);
      FloatVector b = x1.fma(MINUS_4, x3);
      FloatVector c = x4.sub(x2);
      FloatVector d = x3.sub(x1);
      int to = tAt + j;
      x2.fma(MINUS_5, x0.fma(PLUS_4, x4)).intoArray(t, to);
      a.add(b).intoArray(t, to + line);
      a.sub(b).intoArray(t, to + 2 * line);
      d.fma(PLUS_2, c).intoArray(t, to + 3 * line);
      d.fma(MINUS_2, c).intoArray(t, to + 4 * line);
      x3.fma(MINUS_5, x1.fma(PLUS_4, x5)).intoArray(t, to + 5 * line);
    }
  }

  // t (4,W) = B^T (4,4) * x (4,W), zeros behind
  private static void columns2(
      boolean relu, float[] x, int xAt, int width, float[] t, int tAt, int line) {
    for (int j = 0; j < width; j += L) {
      VectorMask<Float> mask = S.indexInRange(j, width);
      int at = xAt + j;
      FloatVector x0 = FloatVector.fromArray(S, x, at, mask);
      FloatVector x1 = FloatVector.fromArray(S, x, at + width, mask);
      FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * width, mask);
      FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * width, mask);
      if (relu) {
        x0 = x0.blend(0, x0.compare(VectorOperators.LT, 0));
        x1 = x1.blend(0, x1.compare(VectorOperators.LT, 0));
        x2 = x2.blend(0, x2.compare(VectorOperators.LT, 0));
        x3 = x3.blend(0, x3.compare(VectorOperators.LT, 0));
      }
      int to = tAt + j;
      x0.sub(x2).intoArray(t, to);
      x1.add(x2).intoArray(t, to + line);
      x2.sub(x1).intoArray(t, to + 2 * line);
      x1.sub(x3).intoArray(t, to + 3 * line);
    }
  }

  // v (6,6,P) = t (6,4 * P) B
  private static void rows4(
      float[] t,
      int tAt,
      int line,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vPanel,
      int position) {
    int count;
    for (int j = 0; j < p; j += count) {
      int column = (position + j) % PANEL;
      count = Math.min(Math.min(L, PANEL - column), p - j);
      VectorMask<Float> mask = S.indexInRange(0, count);
      for (int i = 0; i < 6; i++) {
        int at = tAt + i * line + 4 * j;
        IntVector first = FloatVector.fromArray(S, t, at).reinterpretAsInts();
        IntVector second = FloatVector.fromArray(S, t, at + L).reinterpretAsInts();
        IntVector third = FloatVector.fromArray(S, t, at + 2 * L).reinterpretAsInts();
        IntVector fourth = FloatVector.fromArray(S, t, at + 3 * L).reinterpretAsInts();
        IntVector even = EVEN.selectFrom(first, second);
        IntVector odd = ODD.selectFrom(first, second);
        IntVector laterEven = EVEN.selectFrom(third, fourth);
        IntVector laterOdd = ODD.selectFrom(third, fourth);
        IntVector own1 = EVEN.selectFrom(even, laterEven);
        IntVector own4 = ODD.selectFrom(odd, laterOdd);
        FloatVector d1 = own1.reinterpretAsFloats();
        FloatVector d2 = EVEN.selectFrom(odd, laterOdd).reinterpretAsFloats();
        FloatVector d3 = ODD.selectFrom(even, laterEven).reinterpretAsFloats();
        FloatVector d4 = own4.reinterpretAsFloats();
        IntVector left = FloatVector.broadcast(S, t[at - 1]).reinterpretAsInts();
        IntVector right = FloatVector.broadcast(S, t[at + 4 * L]).reinterpretAsInts();
        FloatVector d0 = BEFORE.selectFrom(own4, left).reinterpretAsFloats();
        FloatVector d5 = BEHIND.selectFrom(own1, right).reinterpretAsFloats();
        FloatVector a = d2.fma(MINUS_4, d4);
        FloatVector b = d1.fma(MINUS_4, d3);
        FloatVector c = d4.sub(d2);
        FloatVector d = d3.sub(d1);
        int to = vAt + (position + j) / PANEL * vPanel + column + 6 * i * vPlane;
        d2.fma(MINUS_5, d0.fma(PLUS_4, d4)).intoArray(v, to, mask);
        a.add(b).intoArray(v, to + vPlane, mask);
        a.sub(b).intoArray(v, to + 2 * vPlane, mask);
        d.fma(PLUS_2, c).intoArray(v, to + 3 * vPlane, mask);
        d.fma(MINUS_2, c).intoArray(v, to + 4 * vPlane, mask);
        d3.fma(MINUS_5, d1.fma(PLUS_4, d5)).intoArray(v, to + 5 * vPlane, mask);
      }
    }
  }

  // v (4,4,P) = t (4,2 * P) B
  private static void rows2(
      float[] t,
      int tAt,
      int line,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vPanel,
      int position) {
    int count;
    for (int j = 0; j < p; j += count) {
      int column = (position + j) % PANEL;
      count = Math.min(Math.min(L, PANEL - column), p - j);
      VectorMask<Float> mask = S.indexInRange(0, count);
      for (int i = 0; i < 4; i++) {
        int at = tAt + i * line + 2 * j;
        IntVector first = FloatVector.fromArray(S, t, at).reinterpretAsInts();
        IntVector second = FloatVector.fromArray(S, t, at + L).reinterpretAsInts();
        IntVector own1 = EVEN.selectFrom(first, second);
        IntVector own2 = ODD.selectFrom(first, second);
        IntVector left = FloatVector.broadcast(S, t[at - 1]).reinterpretAsInts();
        IntVector right = FloatVector.broadcast(S, t[at + 2 * L]).reinterpretAsInts();
        FloatVector d0 = BEFORE.selectFrom(own2, left).reinterpretAsFloats();
        FloatVector d1 = own1.reinterpretAsFloats();
        FloatVector d2 = own2.reinterpretAsFloats();
        FloatVector d3 = BEHIND.selectFrom(own1, right).reinterpretAsFloats();
        int to = vAt + (position + j) / PANEL * vPanel + column + 4 * i * vPlane;
        d0.sub(d2).intoArray(v, to, mask);
        d1.add(d2).intoArray(v, to + vPlane, mask);
        d2.sub(d1).intoArray(v, to + 2 * vPlane, mask);
        d1.sub(d3).intoArray(v, to + 3 * vPlane, mask);
      }
    }
  }
}
