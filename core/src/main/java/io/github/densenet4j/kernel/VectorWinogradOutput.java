package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transform of the products: the lanes are tiles, so that every load and store
 * is contiguous. Two passes through a vector of scratch for every place of the window, down the
 * columns and along the rows, make the results in phases; these are joined to rows of a picture.
 *
 * <p>No vector is handed to another method: where the JVM does not put that method in line, it
 * makes an object of the vector.
 */
final class VectorWinogradOutput {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  // lanes of two vectors in turn: those of their lower and of their upper halves
  private static final IntVector LOW = Lanes.indices(i -> i / 2 + i % 2 * L);
  private static final IntVector HIGH = Lanes.indices(i -> (i + L) / 2 + i % 2 * L);

  private VectorWinogradOutput() {}

  // y (R,phases,P) = A^T m A + bias (R) for m (planes,R,P)
  static void output(
      Winograd f,
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
      int yPhase,
      float[] scratch,
      int scratchAt) {
    for (int r = 0; r < rows; r++) {
      float shift = bias == null ? 0 : bias[biasAt + r];
      for (int j = 0; j < p; j += L) {
        int from = mAt + r * mRow + j;
        int to = yAt + r * yRow + j;
        VectorMask<Float> mask = S.indexInRange(j, p);
        if (f == Winograd.F4) {
          outputColumns4(m, from, mPlane, scratch, scratchAt);
          outputRows4(scratch, scratchAt, shift, y, to, yPhase, mask);
        } else {
          outputColumns2(m, from, mPlane, scratch, scratchAt);
          outputRows2(scratch, scratchAt, shift, y, to, yPhase, mask);
        }
      }
    }
  }

  // t (4,6) = A^T (4,6) * m (6,6)
  private static void outputColumns4(float[] m, int at, int plane, float[] t, int tAt) {
    for (int j = 0; j < 6; j++) {
      int from = at + j * plane;
      int to = tAt + j * L;
      FloatVector m1 = FloatVector.fromArray(S, m, from + 6 * plane);
      FloatVector m2 = FloatVector.fromArray(S, m, from + 12 * plane);
      FloatVector m3 = FloatVector.fromArray(S, m, from + 18 * plane);
      FloatVector m4 = FloatVector.fromArray(S, m, from + 24 * plane);
      FloatVector sum12 = m1.add(m2);
      FloatVector sum34 = m3.add(m4);
      FloatVector difference12 = m1.sub(m2);
      FloatVector difference34 = m3.sub(m4);
      FloatVector.fromArray(S, m, from).add(sum12).add(sum34).intoArray(t, to);
      difference12.add(difference34.mul(2)).intoArray(t, to + 6 * L);
      sum12.add(sum34.mul(4)).intoArray(t, to + 12 * L);
      FloatVector.fromArray(S, m, from + 30 * plane)
          .add(difference12)
          .add(difference34.mul(8))
          .intoArray(t, to + 18 * L);
    }
  }

  // y (4,4) = t (4,6) * A (6,4) + bias
  private static void outputRows4(
      float[] t, int tAt, float bias, float[] y, int at, int phase, VectorMask<Float> mask) {
    for (int i = 0; i < 4; i++) {
      int from = tAt + i * 6 * L;
      int to = at + i * 4 * phase;
      FloatVector m1 = FloatVector.fromArray(S, t, from + L);
      FloatVector m2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector m3 = FloatVector.fromArray(S, t, from + 3 * L);
      FloatVector m4 = FloatVector.fromArray(S, t, from + 4 * L);
      FloatVector sum12 = m1.add(m2).add(bias);
      FloatVector sum34 = m3.add(m4);
      FloatVector difference12 = m1.sub(m2).add(bias);
      FloatVector difference34 = m3.sub(m4);
      FloatVector.fromArray(S, t, from).add(sum12).add(sum34).intoArray(y, to, mask);
      difference12.add(difference34.mul(2)).intoArray(y, to + phase, mask);
      sum12.add(sum34.mul(4)).intoArray(y, to + 2 * phase, mask);
      FloatVector.fromArray(S, t, from + 5 * L)
          .add(difference12)
          .add(difference34.mul(8))
          .intoArray(y, to + 3 * phase, mask);
    }
  }

  // t (2,4) = A^T (2,4) * m (4,4)
  private static void outputColumns2(float[] m, int at, int plane, float[] t, int tAt) {
    for (int j = 0; j < 4; j++) {
      int from = at + j * plane;
      FloatVector m1 = FloatVector.fromArray(S, m, from + 4 * plane);
      FloatVector m2 = FloatVector.fromArray(S, m, from + 8 * plane);
      FloatVector.fromArray(S, m, from).add(m1).add(m2).intoArray(t, tAt + j * L);
      m1.sub(m2)
          .sub(FloatVector.fromArray(S, m, from + 12 * plane))
          .intoArray(t, tAt + (4 + j) * L);
    }
  }

  // y (2,2) = t (2,4) * A (4,2) + bias
  private static void outputRows2(
      float[] t, int tAt, float bias, float[] y, int at, int phase, VectorMask<Float> mask) {
    for (int i = 0; i < 2; i++) {
      int from = tAt + i * 4 * L;
      int to = at + i * 2 * phase;
      FloatVector m1 = FloatVector.fromArray(S, t, from + L);
      FloatVector m2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector.fromArray(S, t, from).add(m1).add(m2).add(bias).intoArray(y, to, mask);
      m1.sub(m2)
          .sub(FloatVector.fromArray(S, t, from + 3 * L))
          .add(bias)
          .intoArray(y, to + phase, mask);
    }
  }

  // y (R,rows,W) = x (R,phases,rows / step,pitch)
  static void join(
      Winograd f,
      float[] x,
      int xAt,
      int xRow,
      int xPhase,
      int pitch,
      int channels,
      int rows,
      int width,
      float[] y,
      int yAt,
      int yPitch) {
    for (int c = 0; c < channels; c++) {
      int from = xAt + c * xRow;
      int to = yAt + c * yPitch;
      if (f == Winograd.F4 && 4 * pitch % L == 0) {
        for (int r = 0; r < Math.min(4, rows); r++) {
          int line = from + 4 * r * xPhase;
          joinTogether4(x, line, xPhase, pitch, r, rows, width, y, to);
        }
      } else if (f == Winograd.F4) {
        for (int r = 0; r < rows; r++) {
          int row = from + r % 4 * 4 * xPhase + r / 4 * pitch;
          for (int j = 0; 4 * j < width; j += L) {
            join4(x, row + j, xPhase, y, to + r * width + 4 * j, width - 4 * j);
          }
        }
      } else {
        for (int r = 0; r < rows; r++) {
          int row = from + r % 2 * 2 * xPhase + r / 2 * pitch;
          for (int j = 0; 2 * j < width; j += L) {
            join2(x, row + j, xPhase, y, to + r * width + 2 * j, width - 2 * j);
          }
        }
      }
    }
  }

  // rows first, first + 4, ... of y (rows,W) = x (4,P) in turn, where a vector has tiles of one row
  private static void joinTogether4(
      float[] x,
      int from,
      int phase,
      int pitch,
      int first,
      int rows,
      int width,
      float[] y,
      int to) {
    int row = first;
    int w = 0;
    for (int q = from; row < rows; q += L) {
      IntVector a = FloatVector.fromArray(S, x, q).reinterpretAsInts();
      IntVector b = FloatVector.fromArray(S, x, q + phase).reinterpretAsInts();
      IntVector c = FloatVector.fromArray(S, x, q + 2 * phase).reinterpretAsInts();
      IntVector d = FloatVector.fromArray(S, x, q + 3 * phase).reinterpretAsInts();
      IntVector even = LOW.selectFrom(a, c);
      IntVector odd = LOW.selectFrom(b, d);
      IntVector laterEven = HIGH.selectFrom(a, c);
      IntVector laterOdd = HIGH.selectFrom(b, d);
      for (int i = 0; i < 4 && row < rows; i++) {
        IntVector v =
            switch (i) {
              case 0 -> LOW.selectFrom(even, odd);
              case 1 -> HIGH.selectFrom(even, odd);
              case 2 -> LOW.selectFrom(laterEven, laterOdd);
              default -> HIGH.selectFrom(laterEven, laterOdd);
            };
        v.reinterpretAsFloats().intoArray(y, to + row * width + w, S.indexInRange(w, width));
        w += L;
        if (w == 4 * pitch) {
          w = 0;
          row += 4;
        }
      }
    }
  }

  // y (4 * L) = x (4,L) in turn; the first of them that the picture has
  private static void join4(float[] x, int from, int phase, float[] y, int to, int left) {
    IntVector a = FloatVector.fromArray(S, x, from).reinterpretAsInts();
    IntVector b = FloatVector.fromArray(S, x, from + phase).reinterpretAsInts();
    IntVector c = FloatVector.fromArray(S, x, from + 2 * phase).reinterpretAsInts();
    IntVector d = FloatVector.fromArray(S, x, from + 3 * phase).reinterpretAsInts();
    IntVector even = LOW.selectFrom(a, c);
    IntVector odd = LOW.selectFrom(b, d);
    FloatVector first = LOW.selectFrom(even, odd).reinterpretAsFloats();
    FloatVector second = HIGH.selectFrom(even, odd).reinterpretAsFloats();
    IntVector laterEven = HIGH.selectFrom(a, c);
    IntVector laterOdd = HIGH.selectFrom(b, d);
    FloatVector third = LOW.selectFrom(laterEven, laterOdd).reinterpretAsFloats();
    FloatVector fourth = HIGH.selectFrom(laterEven, laterOdd).reinterpretAsFloats();
    if (left >= 4 * L) {
      first.intoArray(y, to);
      second.intoArray(y, to + L);
      third.intoArray(y, to + 2 * L);
      fourth.intoArray(y, to + 3 * L);
    } else {
      first.intoArray(y, to, S.indexInRange(0, left));
      second.intoArray(y, to + L, S.indexInRange(L, left));
      third.intoArray(y, to + 2 * L, S.indexInRange(2 * L, left));
      fourth.intoArray(y, to + 3 * L, S.indexInRange(3 * L, left));
    }
  }

  // y (2 * L) = x (2,L) in turn
  private static void join2(float[] x, int from, int phase, float[] y, int to, int left) {
    IntVector a = FloatVector.fromArray(S, x, from).reinterpretAsInts();
    IntVector b = FloatVector.fromArray(S, x, from + phase).reinterpretAsInts();
    FloatVector first = LOW.selectFrom(a, b).reinterpretAsFloats();
    FloatVector second = HIGH.selectFrom(a, b).reinterpretAsFloats();
    if (left >= 2 * L) {
      first.intoArray(y, to);
      second.intoArray(y, to + L);
    } else {
      first.intoArray(y, to, S.indexInRange(0, left));
      second.intoArray(y, to + L, S.indexInRange(L, left));
    }
  }
}
