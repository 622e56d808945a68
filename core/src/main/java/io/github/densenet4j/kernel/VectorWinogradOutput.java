package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
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
    int step = f.step();
    for (int c = 0; c < channels; c++) {
      int from = xAt + c * xRow;
      int to = yAt + c * yPitch;
      int line = from;
      int i = 0; // of a row of tiles
      for (int r = 0; r < rows; r++) {
        if (width > L * step || (r + 1) * width + L > rows * width) {
          joinLine(x, line, xPhase, step, width, y, to + r * width, to + rows * width);
        } else if (f == Winograd.F4) {
          joinLine4(x, line, xPhase, width, y, to + r * width);
        } else {
          joinLine2(x, line, xPhase, width, y, to + r * width);
        }
        line += step * xPhase;
        if (++i == step) {
          i = 0;
          line += pitch - step * step * xPhase;
        }
      }
    }
  }

  // y (W) = the phases x of a line; where y goes on with other lines, by whole vectors, each of
  // which
  // overwrites what is too much of the one before
  private static void joinLine(
      float[] x, int from, int phase, int step, int width, float[] y, int to, int end) {
    int place = to;
    for (int q = 0; q < step; q++) {
      int tiles = Math.ceilDiv(width - q, step);
      for (int j = 0; j < tiles; j += L) {
        FloatVector v = FloatVector.fromArray(S, x, from + q * phase + j);
        if (place + j + L <= end) {
          v.intoArray(y, place + j);
        } else {
          v.intoArray(y, place + j, S.indexInRange(j, tiles));
        }
      }
      place += tiles;
    }
  }

  // the same where a phase is no more than a vector and a vector of other lines follows: as many
  // phases as fit into each
  private static void joinLine4(float[] x, int from, int phase, int width, float[] y, int to) {
    int at1 = (width + 3) / 4;
    int at2 = at1 + (width + 2) / 4;
    int at3 = at2 + (width + 1) / 4;
    FloatVector v = FloatVector.fromArray(S, x, from);
    if (2 * at1 > L) {
      v.intoArray(y, to);
      FloatVector.fromArray(S, x, from + phase).intoArray(y, to + at1);
      FloatVector.fromArray(S, x, from + 2 * phase).intoArray(y, to + at2);
      FloatVector.fromArray(S, x, from + 3 * phase).intoArray(y, to + at3);
      return;
    }
    VectorMask<Float> second = VectorMask.fromLong(S, -1L << at1);
    v = v.blend(FloatVector.fromArray(S, x, from + phase - at1), second);
    if (width > L) {
      VectorMask<Float> fourth = VectorMask.fromLong(S, -1L << at3 - at2);
      v.intoArray(y, to);
      FloatVector.fromArray(S, x, from + 2 * phase)
          .blend(FloatVector.fromArray(S, x, from + 3 * phase - (at3 - at2)), fourth)
          .intoArray(y, to + at2);
      return;
    }
    VectorMask<Float> third = VectorMask.fromLong(S, -1L << at2);
    VectorMask<Float> fourth = VectorMask.fromLong(S, -1L << at3);
    v.blend(FloatVector.fromArray(S, x, from + 2 * phase - at2), third)
        .blend(FloatVector.fromArray(S, x, from + 3 * phase - at3), fourth)
        .intoArray(y, to);
  }

  private static void joinLine2(float[] x, int from, int phase, int width, float[] y, int to) {
    int at1 = (width + 1) / 2;
    FloatVector v = FloatVector.fromArray(S, x, from);
    if (width > L) {
      v.intoArray(y, to);
      FloatVector.fromArray(S, x, from + phase).intoArray(y, to + at1);
    } else {
      v.blend(FloatVector.fromArray(S, x, from + phase - at1), VectorMask.fromLong(S, -1L << at1))
          .intoArray(y, to);
    }
  }
}
