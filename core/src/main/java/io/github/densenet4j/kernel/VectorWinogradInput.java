package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the inputs, some rows of tiles of a channel at a time. The lanes
 * are tiles, row after row of them: since lines lie in phases, what they have at one place is
 * contiguous, and what the tiles beside them have there begins a lane earlier or later.
 *
 * <p>First the lines are laid out so that the rows of tiles follow each other, with what comes
 * before the convolution and with zeros around the picture; then come the two passes. All of it
 * stays in the first cache.
 *
 * <p>Constants are broadcast where they are used: a vector in a static field is an object, whose
 * floats lie across two cache lines and are read again at every use.
 */
final class VectorWinogradInput {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;

  private VectorWinogradInput() {}

  // v (planes,C,P) = B^T f(x) B for rows of tiles of x (C,H,W) in phases, zeros around it
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
    int group = Kernels.winogradRows(pitch);
    int run = Kernels.winogradRun(pitch);
    int lineAt = scratchAt + Kernels.wholeLines(pitch); // of the first row of tiles
    int tAt = scratchAt + f.phases() * run + 16;
    for (int c = 0; c < channels; c++) {
      int to = vAt + c * vChannel;
      int count;
      for (int i = 0; i < tileRows; i += count) {
        count = Math.min(group, tileRows - i);
        int p = count * pitch;
        float a = scale == null ? 1 : scale[at + c];
        float b = scale == null ? 0 : shift[at + c];
        int top = row + i * step - 1;
        int lines = count * step + 2;
        int first = Math.max(0, -top);
        int end = Math.min(lines, height - top);
        int from = xAt + c * xPitch + (top + first) * width;
        // whole vectors: what one writes behind its row, the next row or the next vectors overwrite
        for (int j = (pitch - 1) / L * L; j >= 0; j -= L) {
          if (f == Winograd.F4) {
            lay4(relu, a, b, x, from, width, first, end, lines, j, pitch, scratch, lineAt, run);
          } else {
            lay2(relu, a, b, x, from, width, first, end, lines, j, pitch, scratch, lineAt, run);
          }
        }
        if (f == Winograd.F4) {
          columns4(scratch, lineAt, pitch, p, tAt, run);
          rows4(scratch, tAt, run, pitch, p, v, to, vPlane, vPanel, position + i * pitch);
        } else {
          columns2(scratch, lineAt, pitch, p, tAt, run);
          rows2(scratch, tAt, run, pitch, p, v, to, vPlane, vPanel, position + i * pitch);
        }
      }
    }
  }

  // a vector of each phase of y (lines,4) = f(x (lines [first, end),W)), zeros where tiles are void
  // and where there are no lines; line 0 is the one above the first row of tiles
  private static void lay4(
      boolean relu,
      float scale,
      float shift,
      float[] x,
      int xAt,
      int width,
      int first,
      int end,
      int lines,
      int j,
      int pitch,
      float[] y,
      int yAt,
      int run) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    int tiles1 = (width + 2) / 4;
    int tiles2 = (width + 1) / 4;
    int tiles3 = width / 4;
    int at1 = (width + 3) / 4;
    int at2 = at1 + tiles1;
    int at3 = at2 + tiles2;
    VectorMask<Float> void0 = S.indexInRange(j, at1).not();
    VectorMask<Float> void1 = S.indexInRange(j, tiles1).not();
    VectorMask<Float> void2 = S.indexInRange(j, tiles2).not();
    VectorMask<Float> void3 = S.indexInRange(j, tiles3).not();
    int from = xAt + j;
    int to = yAt + 12 * run - pitch + j; // the last line of a row of tiles, the one before
    int i = 3;
    for (int line = 0; line < lines; line++) {
      if (line < first || line >= end) {
        FloatVector.zero(S).intoArray(y, to);
        FloatVector.zero(S).intoArray(y, to + run);
        FloatVector.zero(S).intoArray(y, to + 2 * run);
        FloatVector.zero(S).intoArray(y, to + 3 * run);
      } else {
        FloatVector v0 = FloatVector.fromArray(S, x, from).fma(a, b);
        FloatVector v1 = FloatVector.fromArray(S, x, from + at1).fma(a, b);
        FloatVector v2 = FloatVector.fromArray(S, x, from + at2).fma(a, b);
        FloatVector v3 = FloatVector.fromArray(S, x, from + at3).fma(a, b);
        if (relu) {
          v0 = v0.blend(0, v0.compare(VectorOperators.LT, 0));
          v1 = v1.blend(0, v1.compare(VectorOperators.LT, 0));
          v2 = v2.blend(0, v2.compare(VectorOperators.LT, 0));
          v3 = v3.blend(0, v3.compare(VectorOperators.LT, 0));
        }
        v0.blend(0, void0).intoArray(y, to);
        v1.blend(0, void1).intoArray(y, to + run);
        v2.blend(0, void2).intoArray(y, to + 2 * run);
        v3.blend(0, void3).intoArray(y, to + 3 * run);
        from += width;
      }
      to += 4 * run;
      if (++i == 4) {
        i = 0;
        to += pitch - 16 * run;
      }
    }
  }

  // the same in 2 phases
  private static void lay2(
      boolean relu,
      float scale,
      float shift,
      float[] x,
      int xAt,
      int width,
      int first,
      int end,
      int lines,
      int j,
      int pitch,
      float[] y,
      int yAt,
      int run) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    int at1 = (width + 1) / 2;
    VectorMask<Float> void0 = S.indexInRange(j, at1).not();
    VectorMask<Float> void1 = S.indexInRange(j, width / 2).not();
    int from = xAt + j;
    int to = yAt + 2 * run - pitch + j; // the last line of a row of tiles, the one before
    int i = 1;
    for (int line = 0; line < lines; line++) {
      if (line < first || line >= end) {
        FloatVector.zero(S).intoArray(y, to);
        FloatVector.zero(S).intoArray(y, to + run);
      } else {
        FloatVector v0 = FloatVector.fromArray(S, x, from).fma(a, b);
        FloatVector v1 = FloatVector.fromArray(S, x, from + at1).fma(a, b);
        if (relu) {
          v0 = v0.blend(0, v0.compare(VectorOperators.LT, 0));
          v1 = v1.blend(0, v1.compare(VectorOperators.LT, 0));
        }
        v0.blend(0, void0).intoArray(y, to);
        v1.blend(0, void1).intoArray(y, to + run);
        from += width;
      }
      to += 2 * run;
      if (++i == 2) {
        i = 0;
        to += pitch - 4 * run;
      }
    }
  }

  // t (6,4,P) = B^T (6,6) * x (6,4,P)
  private static void columns4(float[] x, int xAt, int pitch, int p, int tAt, int run) {
    FloatVector plus2 = FloatVector.broadcast(S, 2);
    FloatVector plus4 = FloatVector.broadcast(S, 4);
    FloatVector minus2 = FloatVector.broadcast(S, -2);
    FloatVector minus4 = FloatVector.broadcast(S, -4);
    FloatVector minus5 = FloatVector.broadcast(S, -5);
    int next = 4 * run;
    int vectors = Math.ceilDiv(p, L);
    int at = xAt;
    int to = tAt;
    int j = 0;
    for (int i = 0; i < 4 * vectors; i++) { // one loop: many short ones take longer to begin
      FloatVector x0 = FloatVector.fromArray(S, x, at + 3 * next - pitch);
      FloatVector x1 = FloatVector.fromArray(S, x, at);
      FloatVector x2 = FloatVector.fromArray(S, x, at + next);
      FloatVector x3 = FloatVector.fromArray(S, x, at + 2 * next);
      FloatVector x4 = FloatVector.fromArray(S, x, at + 3 * next);
      FloatVector x5 = FloatVector.fromArray(S, x, at + pitch);
      FloatVector a = x2.fma(minus4, x4);
      FloatVector b = x1.fma(minus4, x3);
      FloatVector d = x4.sub(x2);
      FloatVector e = x3.sub(x1);
      x2.fma(minus5, x0.fma(plus4, x4)).intoArray(x, to);
      a.add(b).intoArray(x, to + next);
      a.sub(b).intoArray(x, to + 2 * next);
      e.fma(plus2, d).intoArray(x, to + 3 * next);
      e.fma(minus2, d).intoArray(x, to + 4 * next);
      x3.fma(minus5, x1.fma(plus4, x5)).intoArray(x, to + 5 * next);
      at += L;
      to += L;
      if (++j == vectors) {
        j = 0;
        at += run - vectors * L;
        to += run - vectors * L;
      }
    }
  }

  // t (4,2,P) = B^T (4,4) * x (4,2,P)
  private static void columns2(float[] x, int xAt, int pitch, int p, int tAt, int run) {
    int next = 2 * run;
    int vectors = Math.ceilDiv(p, L);
    int at = xAt;
    int to = tAt;
    int j = 0;
    for (int i = 0; i < 2 * vectors; i++) { // one loop: many short ones take longer to begin
      FloatVector x0 = FloatVector.fromArray(S, x, at + next - pitch);
      FloatVector x1 = FloatVector.fromArray(S, x, at);
      FloatVector x2 = FloatVector.fromArray(S, x, at + next);
      FloatVector x3 = FloatVector.fromArray(S, x, at + pitch);
      x0.sub(x2).intoArray(x, to);
      x1.add(x2).intoArray(x, to + next);
      x2.sub(x1).intoArray(x, to + 2 * next);
      x1.sub(x3).intoArray(x, to + 3 * next);
      at += L;
      to += L;
      if (++j == vectors) {
        j = 0;
        at += run - vectors * L;
        to += run - vectors * L;
      }
    }
  }

  /** The lanes of a vector of positions from {@code j} on that begin a row of tiles. */
  private static long starts(int j, int pitch) {
    long starts = 0;
    for (int lane = (pitch - j % pitch) % pitch; lane < L; lane += pitch) {
      starts |= 1L << lane;
    }
    return starts;
  }

  // v (6,6,P) = t (6,4,P) B
  private static void rows4(
      float[] t,
      int tAt,
      int run,
      int pitch,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vPanel,
      int position) {
    FloatVector plus2 = FloatVector.broadcast(S, 2);
    FloatVector plus4 = FloatVector.broadcast(S, 4);
    FloatVector minus2 = FloatVector.broadcast(S, -2);
    FloatVector minus4 = FloatVector.broadcast(S, -4);
    FloatVector minus5 = FloatVector.broadcast(S, -5);
    int count;
    for (int j = 0; j < p; j += count) {
      int column = (position + j) % PANEL;
      count = Math.min(Math.min(L, PANEL - column), p - j);
      VectorMask<Float> mask = S.indexInRange(0, count);
      VectorMask<Float> start = VectorMask.fromLong(S, starts(j, pitch));
      VectorMask<Float> end = VectorMask.fromLong(S, starts(j + 1, pitch));
      for (int i = 0; i < 6; i++) {
        int at = tAt + 4 * i * run + j;
        FloatVector d0 = FloatVector.fromArray(S, t, at + 3 * run - 1).blend(0, start);
        FloatVector d1 = FloatVector.fromArray(S, t, at);
        FloatVector d2 = FloatVector.fromArray(S, t, at + run);
        FloatVector d3 = FloatVector.fromArray(S, t, at + 2 * run);
        FloatVector d4 = FloatVector.fromArray(S, t, at + 3 * run);
        FloatVector d5 = FloatVector.fromArray(S, t, at + 1).blend(0, end);
        FloatVector a = d2.fma(minus4, d4);
        FloatVector b = d1.fma(minus4, d3);
        FloatVector c = d4.sub(d2);
        FloatVector d = d3.sub(d1);
        int to = vAt + (position + j) / PANEL * vPanel + column + 6 * i * vPlane;
        d2.fma(minus5, d0.fma(plus4, d4)).intoArray(v, to, mask);
        a.add(b).intoArray(v, to + vPlane, mask);
        a.sub(b).intoArray(v, to + 2 * vPlane, mask);
        d.fma(plus2, c).intoArray(v, to + 3 * vPlane, mask);
        d.fma(minus2, c).intoArray(v, to + 4 * vPlane, mask);
        d3.fma(minus5, d1.fma(plus4, d5)).intoArray(v, to + 5 * vPlane, mask);
      }
    }
  }

  // v (4,4,P) = t (4,2,P) B
  private static void rows2(
      float[] t,
      int tAt,
      int run,
      int pitch,
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
      VectorMask<Float> start = VectorMask.fromLong(S, starts(j, pitch));
      VectorMask<Float> end = VectorMask.fromLong(S, starts(j + 1, pitch));
      for (int i = 0; i < 4; i++) {
        int at = tAt + 2 * i * run + j;
        FloatVector d0 = FloatVector.fromArray(S, t, at + run - 1).blend(0, start);
        FloatVector d1 = FloatVector.fromArray(S, t, at);
        FloatVector d2 = FloatVector.fromArray(S, t, at + run);
        FloatVector d3 = FloatVector.fromArray(S, t, at + 1).blend(0, end);
        int to = vAt + (position + j) / PANEL * vPanel + column + 4 * i * vPlane;
        d0.sub(d2).intoArray(v, to, mask);
        d1.add(d2).intoArray(v, to + vPlane, mask);
        d2.sub(d1).intoArray(v, to + 2 * vPlane, mask);
        d1.sub(d3).intoArray(v, to + 3 * vPlane, mask);
      }
    }
  }
}
