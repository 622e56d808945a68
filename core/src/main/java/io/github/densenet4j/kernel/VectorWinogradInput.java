package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the inputs, some rows of tiles of a channel at a time: as many as
 * fill a vector with tiles, or one. Down the columns the lanes are pixels of a line: all is
 * contiguous. Along the rows the lanes are tiles: vectors of a transformed line are sorted into the
 * places of their tiles. The order matters: transformed first, lines are sorted once, and what lies
 * between is a few lines that stay in the first cache.
 *
 * <p>Tile j has the pixels {@code step * j - 1} to {@code step * j + step} of a line: a vector of
 * tiles its own pixels, sorted, and at both ends one of the tiles beside it. Where lines lie side
 * by side, the tiles at their ends are masked.
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

  // v (planes,C,P) = B^T f(x) B for rows of tiles of x (C,H,W), zeros around it
  static void input(
      Winograd f,
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int xPitch,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel,
      int vPanel,
      int position,
      int pitch,
      float[] scratch,
      int scratchAt) {
    int step = f.step();
    int together = Math.max(1, L / pitch); // rows of tiles in a vector
    int group = Math.max(together, Kernels.WINOGRAD_ROWS); // rows of tiles between the passes
    long starts = 0; // of the lines in a vector, a bit for each lane
    for (int i = 0; together > 1 && i < together; i++) {
      starts |= 1L << i * pitch;
    }
    long ends = starts << pitch - 1;
    int linePitch = Kernels.wholeLines(width);
    int tRow = together > 1 ? pitch * step : Kernels.wholeLines(Math.max(width, pitch * step)) + 16;
    int tLine = Kernels.wholeLines(group * tRow) + 16;
    int tAt = scratchAt + (group * step + 2) * linePitch + 16;
    Arrays.fill(scratch, tAt - 16, tAt + f.size() * tLine, 0);
    for (int c = 0; c < channels; c++) {
      int to = vAt + c * vChannel;
      int count;
      for (int i = 0; i < tileRows; i += count) {
        count = Math.min(group, tileRows - i);
        lay(
            relu,
            scale,
            shift,
            at + c,
            x,
            xAt + c * xPitch,
            height,
            width,
            row + i * step - 1,
            count * step + 2,
            scratch,
            scratchAt,
            linePitch);
        if (f == Winograd.F4) {
          columns4(scratch, scratchAt, linePitch, width, count, tAt, tRow, tLine);
        } else {
          columns2(scratch, scratchAt, linePitch, width, count, tAt, tRow, tLine);
        }
        for (int r = 0; r < count; r += together) {
          int t = tAt + r * tRow;
          int p = Math.min(together, count - r) * pitch;
          int q = position + (i + r) * pitch;
          if (f == Winograd.F4) {
            rows4(scratch, t, tLine, p, starts, ends, v, to, vPlane, vPanel, q);
          } else {
            rows2(scratch, t, tLine, p, starts, ends, v, to, vPlane, vPanel, q);
          }
        }
      }
    }
  }

  // y (lines,W) = f(lines [top, top + lines) of x (H,W)), zeros above, below and behind
  private static void lay(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int height,
      int width,
      int top,
      int lines,
      float[] y,
      int yAt,
      int yPitch) {
    int first = Math.max(0, -top);
    int end = Math.min(lines, height - top);
    if (first > 0) {
      Arrays.fill(y, yAt, yAt + first * yPitch, 0);
    }
    if (end < lines) {
      Arrays.fill(y, yAt + end * yPitch, yAt + lines * yPitch, 0);
    }
    FloatVector a = FloatVector.broadcast(S, scale == null ? 1 : scale[at]);
    FloatVector b = FloatVector.broadcast(S, scale == null ? 0 : shift[at]);
    for (int j = 0; j < width; j += L) {
      VectorMask<Float> mask = S.indexInRange(j, width);
      for (int i = first; i < end; i++) {
        FloatVector v = FloatVector.fromArray(S, x, xAt + (top + i) * width + j, mask);
        if (scale != null) {
          v = v.lanewise(VectorOperators.FMA, a, b, mask);
        }
        if (relu) {
          v = v.blend(0, v.compare(VectorOperators.LT, 0));
        }
        v.intoArray(y, yAt + i * yPitch + j);
      }
    }
  }

  // t (6,rows,W) = B^T (6,6) * x (6,W) for rows of tiles, whole vectors; t lies in the array of x,
  // behind it
  private static void columns4(
      float[] x, int xAt, int line, int width, int rows, int tAt, int tRow, int tLine) {
    int vectors = Math.ceilDiv(width, L);
    int at = xAt;
    int to = tAt;
    int j = 0;
    for (int i = 0; i < rows * vectors; i++) { // one loop: many short ones take longer to begin
      FloatVector x0 = FloatVector.fromArray(S, x, at);
      FloatVector x1 = FloatVector.fromArray(S, x, at + line);
      FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * line);
      FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * line);
      FloatVector x4 = FloatVector.fromArray(S, x, at + 4 * line);
      FloatVector x5 = FloatVector.fromArray(S, x, at + 5 * line);
      FloatVector a = x2.fma(MINUS_4, x4);
      FloatVector b = x1.fma(MINUS_4, x3);
      FloatVector c = x4.sub(x2);
      FloatVector d = x3.sub(x1);
      x2.fma(MINUS_5, x0.fma(PLUS_4, x4)).intoArray(x, to);
      a.add(b).intoArray(x, to + tLine);
      a.sub(b).intoArray(x, to + 2 * tLine);
      d.fma(PLUS_2, c).intoArray(x, to + 3 * tLine);
      d.fma(MINUS_2, c).intoArray(x, to + 4 * tLine);
      x3.fma(MINUS_5, x1.fma(PLUS_4, x5)).intoArray(x, to + 5 * tLine);
      at += L;
      to += L;
      if (++j == vectors) {
        j = 0;
        at += 4 * line - vectors * L;
        to += tRow - vectors * L;
      }
    }
  }

  // t (4,rows,W) = B^T (4,4) * x (4,W), as columns4
  private static void columns2(
      float[] x, int xAt, int line, int width, int rows, int tAt, int tRow, int tLine) {
    int vectors = Math.ceilDiv(width, L);
    int at = xAt;
    int to = tAt;
    int j = 0;
    for (int i = 0; i < rows * vectors; i++) { // one loop: many short ones take longer to begin
      FloatVector x0 = FloatVector.fromArray(S, x, at);
      FloatVector x1 = FloatVector.fromArray(S, x, at + line);
      FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * line);
      FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * line);
      x0.sub(x2).intoArray(x, to);
      x1.add(x2).intoArray(x, to + tLine);
      x2.sub(x1).intoArray(x, to + 2 * tLine);
      x1.sub(x3).intoArray(x, to + 3 * tLine);
      at += L;
      to += L;
      if (++j == vectors) {
        j = 0;
        at += 2 * line - vectors * L;
        to += tRow - vectors * L;
      }
    }
  }

  // v (6,6,P) = t (6,4 * P) B
  private static void rows4(
      float[] t,
      int tAt,
      int line,
      int p,
      long starts,
      long ends,
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
      VectorMask<Float> start = VectorMask.fromLong(S, starts >>> j);
      VectorMask<Float> end = VectorMask.fromLong(S, ends >>> j);
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
        FloatVector d0 = BEFORE.selectFrom(own4, left).reinterpretAsFloats().blend(0, start);
        FloatVector d5 = BEHIND.selectFrom(own1, right).reinterpretAsFloats().blend(0, end);
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
      long starts,
      long ends,
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
      VectorMask<Float> start = VectorMask.fromLong(S, starts >>> j);
      VectorMask<Float> end = VectorMask.fromLong(S, ends >>> j);
      for (int i = 0; i < 4; i++) {
        int at = tAt + i * line + 2 * j;
        IntVector first = FloatVector.fromArray(S, t, at).reinterpretAsInts();
        IntVector second = FloatVector.fromArray(S, t, at + L).reinterpretAsInts();
        IntVector own1 = EVEN.selectFrom(first, second);
        IntVector own2 = ODD.selectFrom(first, second);
        IntVector left = FloatVector.broadcast(S, t[at - 1]).reinterpretAsInts();
        IntVector right = FloatVector.broadcast(S, t[at + 2 * L]).reinterpretAsInts();
        FloatVector d0 = BEFORE.selectFrom(own2, left).reinterpretAsFloats().blend(0, start);
        FloatVector d1 = own1.reinterpretAsFloats();
        FloatVector d2 = own2.reinterpretAsFloats();
        FloatVector d3 = BEHIND.selectFrom(own1, right).reinterpretAsFloats().blend(0, end);
        int to = vAt + (position + j) / PANEL * vPanel + column + 4 * i * vPlane;
        d0.sub(d2).intoArray(v, to, mask);
        d1.add(d2).intoArray(v, to + vPlane, mask);
        d2.sub(d1).intoArray(v, to + 2 * vPlane, mask);
        d1.sub(d3).intoArray(v, to + 3 * vPlane, mask);
      }
    }
  }
}
