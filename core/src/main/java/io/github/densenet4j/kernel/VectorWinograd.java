package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s transforms: the lanes are tiles, so that every load and store is contiguous.
 * Each is two passes through a vector of scratch for every place of the window, first down the
 * columns, then along the rows: small methods that the JVM compiles well.
 */
final class VectorWinograd {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  // lanes of two vectors, counted through both: the even and the odd ones, and in turn those of
  // their lower and of their upper halves
  private static final IntVector EVEN = Lanes.EVEN;
  private static final IntVector ODD = Lanes.ODD;
  private static final IntVector LOW = Lanes.indices(i -> i / 2 + i % 2 * L);
  private static final IntVector HIGH = Lanes.indices(i -> (i + L) / 2 + i % 2 * L);

  private VectorWinograd() {}

  // v (planes,C,P) = B^T d B for d (C,phases,rows,pitch)
  static void input(
      Winograd f,
      float[] d,
      int dAt,
      int dChannel,
      int dPhase,
      int pitch,
      int channels,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel,
      float[] scratch,
      int scratchAt) {
    for (int c = 0; c < channels; c++) {
      for (int j = 0; j < p; j += L) {
        int from = dAt + c * dChannel + j;
        int to = vAt + c * vChannel + j;
        VectorMask<Float> mask = S.indexInRange(j, p);
        if (f == Winograd.F4) {
          inputColumns4(d, from, dPhase, pitch, scratch, scratchAt);
          inputRows4(scratch, scratchAt, v, to, vPlane, j + L <= p, mask);
        } else {
          inputColumns2(d, from, dPhase, pitch, scratch, scratchAt);
          inputRows2(scratch, scratchAt, v, to, vPlane, j + L <= p, mask);
        }
      }
    }
  }

  // t (6,6) = B^T (6,6) * d (6,6), a vector of tiles each
  private static void inputColumns4(float[] d, int at, int phase, int pitch, float[] t, int tAt) {
    for (int j = 0; j < 6; j++) {
      int from = at + j % 4 * phase + j / 4;
      int to = tAt + j * L;
      FloatVector d0 = FloatVector.fromArray(S, d, from);
      FloatVector d1 = FloatVector.fromArray(S, d, from + 4 * phase);
      FloatVector d2 = FloatVector.fromArray(S, d, from + 8 * phase);
      FloatVector d3 = FloatVector.fromArray(S, d, from + 12 * phase);
      FloatVector d4 = FloatVector.fromArray(S, d, from + pitch);
      FloatVector d5 = FloatVector.fromArray(S, d, from + 4 * phase + pitch);
      FloatVector a = d4.sub(d2.mul(4));
      FloatVector b = d3.sub(d1.mul(4));
      FloatVector c = d4.sub(d2);
      FloatVector e = d3.sub(d1).mul(2);
      d0.mul(4).sub(d2.mul(5)).add(d4).intoArray(t, to);
      a.add(b).intoArray(t, to + 6 * L);
      a.sub(b).intoArray(t, to + 12 * L);
      c.add(e).intoArray(t, to + 18 * L);
      c.sub(e).intoArray(t, to + 24 * L);
      d1.mul(4).sub(d3.mul(5)).add(d5).intoArray(t, to + 30 * L);
    }
  }

  // v (6,6) = t (6,6) * B (6,6)
  private static void inputRows4(
      float[] t, int tAt, float[] v, int at, int plane, boolean whole, VectorMask<Float> mask) {
    for (int i = 0; i < 6; i++) {
      int from = tAt + i * 6 * L;
      int to = at + i * 6 * plane;
      FloatVector d0 = FloatVector.fromArray(S, t, from);
      FloatVector d1 = FloatVector.fromArray(S, t, from + L);
      FloatVector d2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector d3 = FloatVector.fromArray(S, t, from + 3 * L);
      FloatVector d4 = FloatVector.fromArray(S, t, from + 4 * L);
      FloatVector d5 = FloatVector.fromArray(S, t, from + 5 * L);
      FloatVector a = d4.sub(d2.mul(4));
      FloatVector b = d3.sub(d1.mul(4));
      FloatVector c = d4.sub(d2);
      FloatVector e = d3.sub(d1).mul(2);
      if (whole) {
        d0.mul(4).sub(d2.mul(5)).add(d4).intoArray(v, to);
        a.add(b).intoArray(v, to + plane);
        a.sub(b).intoArray(v, to + 2 * plane);
        c.add(e).intoArray(v, to + 3 * plane);
        c.sub(e).intoArray(v, to + 4 * plane);
        d1.mul(4).sub(d3.mul(5)).add(d5).intoArray(v, to + 5 * plane);
      } else {
        d0.mul(4).sub(d2.mul(5)).add(d4).intoArray(v, to, mask);
        a.add(b).intoArray(v, to + plane, mask);
        a.sub(b).intoArray(v, to + 2 * plane, mask);
        c.add(e).intoArray(v, to + 3 * plane, mask);
        c.sub(e).intoArray(v, to + 4 * plane, mask);
        d1.mul(4).sub(d3.mul(5)).add(d5).intoArray(v, to + 5 * plane, mask);
      }
    }
  }

  // t (4,4) = B^T (4,4) * d (4,4)
  private static void inputColumns2(float[] d, int at, int phase, int pitch, float[] t, int tAt) {
    for (int j = 0; j < 4; j++) {
      int from = at + j % 2 * phase + j / 2;
      int to = tAt + j * L;
      FloatVector d0 = FloatVector.fromArray(S, d, from);
      FloatVector d1 = FloatVector.fromArray(S, d, from + 2 * phase);
      FloatVector d2 = FloatVector.fromArray(S, d, from + pitch);
      FloatVector d3 = FloatVector.fromArray(S, d, from + 2 * phase + pitch);
      d0.sub(d2).intoArray(t, to);
      d1.add(d2).intoArray(t, to + 4 * L);
      d2.sub(d1).intoArray(t, to + 8 * L);
      d1.sub(d3).intoArray(t, to + 12 * L);
    }
  }

  // v (4,4) = t (4,4) * B (4,4)
  private static void inputRows2(
      float[] t, int tAt, float[] v, int at, int plane, boolean whole, VectorMask<Float> mask) {
    for (int i = 0; i < 4; i++) {
      int from = tAt + i * 4 * L;
      int to = at + i * 4 * plane;
      FloatVector d0 = FloatVector.fromArray(S, t, from);
      FloatVector d1 = FloatVector.fromArray(S, t, from + L);
      FloatVector d2 = FloatVector.fromArray(S, t, from + 2 * L);
      FloatVector d3 = FloatVector.fromArray(S, t, from + 3 * L);
      if (whole) {
        d0.sub(d2).intoArray(v, to);
        d1.add(d2).intoArray(v, to + plane);
        d2.sub(d1).intoArray(v, to + 2 * plane);
        d1.sub(d3).intoArray(v, to + 3 * plane);
      } else {
        d0.sub(d2).intoArray(v, to, mask);
        d1.add(d2).intoArray(v, to + plane, mask);
        d2.sub(d1).intoArray(v, to + 2 * plane, mask);
        d1.sub(d3).intoArray(v, to + 3 * plane, mask);
      }
    }
  }

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

  // y (C,phases,rows / step,pitch) = x (C,rows,W) and the margins to its left and right
  static void split(
      Winograd f,
      float[] x,
      int xAt,
      int xPitch,
      int channels,
      int rows,
      int width,
      float[] y,
      int yAt,
      int yChannel,
      int yPhase,
      int pitch,
      int firstRow) {
    for (int c = 0; c < channels; c++) {
      int from = xAt + c * xPitch - 1; // the margin to the left is column 0
      int to = yAt + c * yChannel;
      if (f == Winograd.F4) {
        for (int r = 0; r < rows; r++) {
          int line = firstRow + r;
          int row = to + line % 4 * 4 * yPhase + line / 4 * pitch;
          split4(x, from + r * width, y, row, yPhase, pitch);
          y[row] = 0;
          for (int q = width + 1; q < 4 * pitch; q++) {
            y[row + q % 4 * yPhase + q / 4] = 0;
          }
        }
      } else {
        for (int r = 0; r < rows; r++) {
          int line = firstRow + r;
          int row = to + line % 2 * 2 * yPhase + line / 2 * pitch;
          split2(x, from + r * width, y, row, yPhase, pitch);
          y[row] = 0;
          for (int q = width + 1; q < 2 * pitch; q++) {
            y[row + q % 2 * yPhase + q / 2] = 0;
          }
        }
      }
    }
  }

  // y (4,P) = x (4 * P), every fourth
  private static void split4(float[] x, int from, float[] y, int to, int phase, int p) {
    for (int j = 0; j < p; j += L) {
      int at = from + 4 * j;
      IntVector a = FloatVector.fromArray(S, x, at).reinterpretAsInts();
      IntVector b = FloatVector.fromArray(S, x, at + L).reinterpretAsInts();
      IntVector c = FloatVector.fromArray(S, x, at + 2 * L).reinterpretAsInts();
      IntVector d = FloatVector.fromArray(S, x, at + 3 * L).reinterpretAsInts();
      IntVector even = EVEN.selectFrom(a, b);
      IntVector odd = ODD.selectFrom(a, b);
      IntVector laterEven = EVEN.selectFrom(c, d);
      IntVector laterOdd = ODD.selectFrom(c, d);
      EVEN.selectFrom(even, laterEven).reinterpretAsFloats().intoArray(y, to + j);
      EVEN.selectFrom(odd, laterOdd).reinterpretAsFloats().intoArray(y, to + phase + j);
      ODD.selectFrom(even, laterEven).reinterpretAsFloats().intoArray(y, to + 2 * phase + j);
      ODD.selectFrom(odd, laterOdd).reinterpretAsFloats().intoArray(y, to + 3 * phase + j);
    }
  }

  // y (2,P) = x (2 * P), every second
  private static void split2(float[] x, int from, float[] y, int to, int phase, int p) {
    for (int j = 0; j < p; j += L) {
      IntVector a = FloatVector.fromArray(S, x, from + 2 * j).reinterpretAsInts();
      IntVector b = FloatVector.fromArray(S, x, from + 2 * j + L).reinterpretAsInts();
      EVEN.selectFrom(a, b).reinterpretAsFloats().intoArray(y, to + j);
      ODD.selectFrom(a, b).reinterpretAsFloats().intoArray(y, to + phase + j);
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
      if (f == Winograd.F4) {
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

  // y (4 * L) = x (4,L) in turn; the first of them that the picture has
  private static void join4(float[] x, int from, int phase, float[] y, int to, int left) {
    IntVector a = FloatVector.fromArray(S, x, from).reinterpretAsInts();
    IntVector b = FloatVector.fromArray(S, x, from + phase).reinterpretAsInts();
    IntVector c = FloatVector.fromArray(S, x, from + 2 * phase).reinterpretAsInts();
    IntVector d = FloatVector.fromArray(S, x, from + 3 * phase).reinterpretAsInts();
    IntVector even = LOW.selectFrom(a, c);
    IntVector odd = LOW.selectFrom(b, d);
    store(LOW.selectFrom(even, odd), y, to, left);
    if (left > L) {
      store(HIGH.selectFrom(even, odd), y, to + L, left - L);
    }
    if (left > 2 * L) {
      IntVector laterEven = HIGH.selectFrom(a, c);
      IntVector laterOdd = HIGH.selectFrom(b, d);
      store(LOW.selectFrom(laterEven, laterOdd), y, to + 2 * L, left - 2 * L);
      if (left > 3 * L) {
        store(HIGH.selectFrom(laterEven, laterOdd), y, to + 3 * L, left - 3 * L);
      }
    }
  }

  // y (2 * L) = x (2,L) in turn
  private static void join2(float[] x, int from, int phase, float[] y, int to, int left) {
    IntVector a = FloatVector.fromArray(S, x, from).reinterpretAsInts();
    IntVector b = FloatVector.fromArray(S, x, from + phase).reinterpretAsInts();
    store(LOW.selectFrom(a, b), y, to, left);
    if (left > L) {
      store(HIGH.selectFrom(a, b), y, to + L, left - L);
    }
  }

  private static void store(IntVector v, float[] y, int to, int left) {
    if (left >= L) {
      v.reinterpretAsFloats().intoArray(y, to);
    } else {
      v.reinterpretAsFloats().intoArray(y, to, S.indexInRange(0, left));
    }
  }
}
