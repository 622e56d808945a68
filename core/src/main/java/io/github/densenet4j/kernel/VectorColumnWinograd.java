package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link Winograd}'s algorithm down the columns alone, along the rows the plain sum: 18 products
 * and weights for four results, F(2x2,3x3) has 16, but lines need not be sorted into tiles. One
 * method a shape, for the reasons of {@link VectorProduct}, whose micro-kernels are walked three
 * times here, a column further each time.
 */
final class VectorColumnWinograd {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PITCH = Kernels.BAND_PITCH;

  private VectorColumnWinograd() {}

  // t (6,C,rows,W + 1) = B^T x (C,4 * rows + 2,W), a zero before each line and behind the last
  static void input(
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int rows,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel) {
    FloatVector zero = FloatVector.zero(S);
    for (int c = 0; c < channels; c++) {
      int to = tAt + c * tChannel;
      for (int i = 0; i < 6; i++) {
        t[to + i * tPlane] = 0;
      }
      for (int r = 0; r < rows; r++) {
        int from = xAt + c * xChannel + r * 4 * width;
        int line = to + r * (width + 1);
        for (int j = 0; j < width; j += L) {
          columns(x, from + j, width, t, line + 1 + j, tPlane);
        }
        // the margin before the next line, which is written later
        for (int i = 0; i < 6; i++) {
          zero.intoArray(t, line + 1 + width + i * tPlane);
        }
      }
    }
  }

  // t (6,vector) = B^T (6,6) * x (6,vector), which may be x
  static void columns(float[] x, int at, int width, float[] t, int to, int plane) {
    FloatVector plus2 = FloatVector.broadcast(S, 2);
    FloatVector plus4 = FloatVector.broadcast(S, 4);
    FloatVector minus2 = FloatVector.broadcast(S, -2);
    FloatVector minus4 = FloatVector.broadcast(S, -4);
    FloatVector minus5 = FloatVector.broadcast(S, -5);
    FloatVector x0 = FloatVector.fromArray(S, x, at);
    FloatVector x1 = FloatVector.fromArray(S, x, at + width);
    FloatVector x2 = FloatVector.fromArray(S, x, at + 2 * width);
    FloatVector x3 = FloatVector.fromArray(S, x, at + 3 * width);
    FloatVector x4 = FloatVector.fromArray(S, x, at + 4 * width);
    FloatVector x5 = FloatVector.fromArray(S, x, at + 5 * width);
    FloatVector a = x2.fma(minus4, x4);
    FloatVector b = x1.fma(minus4, x3);
    FloatVector c = x4.sub(x2);
    FloatVector d = x3.sub(x1);
    x2.fma(minus5, x0.fma(plus4, x4)).intoArray(t, to);
    a.add(b).intoArray(t, to + plane);
    a.sub(b).intoArray(t, to + 2 * plane);
    d.fma(plus2, c).intoArray(t, to + 3 * plane);
    d.fma(minus2, c).intoArray(t, to + 4 * plane);
    x3.fma(minus5, x1.fma(plus4, x5)).intoArray(t, to + 5 * plane);
  }

  // y (M,P) = sum over t of w_t (M,K) * x_t (K,P)
  static void product(
      float[] w,
      int wAt,
      int wColumn,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int yPitch,
      int p) {
    for (int j = 0; j < p; j += 2 * L) {
      int block;
      for (int row = 0; row < m; row += block) {
        block = VectorProduct.blockRows(m - row);
        int from = wAt + row * k;
        int to = yAt + row * yPitch + j;
        if (block == 4) {
          tile4x2(w, from, wColumn, k, x, xAt + j, y, to, yPitch);
        } else if (p - j > L) {
          tile8x2(w, from, wColumn, k, x, xAt + j, y, to, yPitch);
        } else {
          tile8x1(w, from, wColumn, k, x, xAt + j, y, to, yPitch);
        }
      }
    }
  }

  // y (8,2 vectors) = sum over t of w_t (8,K) * x_t (K,2 vectors)
  private static void tile8x2(
      float[] w, int wAt, int wColumn, int k, float[] x, int xAt, float[] y, int yAt, int pitch) {
    FloatVector y00 = FloatVector.zero(S);
    FloatVector y01 = FloatVector.zero(S);
    FloatVector y10 = FloatVector.zero(S);
    FloatVector y11 = FloatVector.zero(S);
    FloatVector y20 = FloatVector.zero(S);
    FloatVector y21 = FloatVector.zero(S);
    FloatVector y30 = FloatVector.zero(S);
    FloatVector y31 = FloatVector.zero(S);
    FloatVector y40 = FloatVector.zero(S);
    FloatVector y41 = FloatVector.zero(S);
    FloatVector y50 = FloatVector.zero(S);
    FloatVector y51 = FloatVector.zero(S);
    FloatVector y60 = FloatVector.zero(S);
    FloatVector y61 = FloatVector.zero(S);
    FloatVector y70 = FloatVector.zero(S);
    FloatVector y71 = FloatVector.zero(S);
    for (int t = 0; t < 3; t++) {
      int from = wAt + t * wColumn;
      for (int i = 0; i < k; i++) {
        FloatVector x0 = FloatVector.fromArray(S, x, xAt + t + i * PITCH);
        FloatVector x1 = FloatVector.fromArray(S, x, xAt + t + i * PITCH + L);
        FloatVector w0 = FloatVector.broadcast(S, w[from + i * 8]);
        y00 = w0.fma(x0, y00);
        y01 = w0.fma(x1, y01);
        FloatVector w1 = FloatVector.broadcast(S, w[from + i * 8 + 1]);
        y10 = w1.fma(x0, y10);
        y11 = w1.fma(x1, y11);
        FloatVector w2 = FloatVector.broadcast(S, w[from + i * 8 + 2]);
        y20 = w2.fma(x0, y20);
        y21 = w2.fma(x1, y21);
        FloatVector w3 = FloatVector.broadcast(S, w[from + i * 8 + 3]);
        y30 = w3.fma(x0, y30);
        y31 = w3.fma(x1, y31);
        FloatVector w4 = FloatVector.broadcast(S, w[from + i * 8 + 4]);
        y40 = w4.fma(x0, y40);
        y41 = w4.fma(x1, y41);
        FloatVector w5 = FloatVector.broadcast(S, w[from + i * 8 + 5]);
        y50 = w5.fma(x0, y50);
        y51 = w5.fma(x1, y51);
        FloatVector w6 = FloatVector.broadcast(S, w[from + i * 8 + 6]);
        y60 = w6.fma(x0, y60);
        y61 = w6.fma(x1, y61);
        FloatVector w7 = FloatVector.broadcast(S, w[from + i * 8 + 7]);
        y70 = w7.fma(x0, y70);
        y71 = w7.fma(x1, y71);
      }
    }
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L);
    y10.intoArray(y, yAt + pitch);
    y11.intoArray(y, yAt + pitch + L);
    y20.intoArray(y, yAt + 2 * pitch);
    y21.intoArray(y, yAt + 2 * pitch + L);
    y30.intoArray(y, yAt + 3 * pitch);
    y31.intoArray(y, yAt + 3 * pitch + L);
    y40.intoArray(y, yAt + 4 * pitch);
    y41.intoArray(y, yAt + 4 * pitch + L);
    y50.intoArray(y, yAt + 5 * pitch);
    y51.intoArray(y, yAt + 5 * pitch + L);
    y60.intoArray(y, yAt + 6 * pitch);
    y61.intoArray(y, yAt + 6 * pitch + L);
    y70.intoArray(y, yAt + 7 * pitch);
    y71.intoArray(y, yAt + 7 * pitch + L);
  }

  // y (8,1 vector) = sum over t of w_t (8,K) * x_t (K,1 vector)
  private static void tile8x1(
      float[] w, int wAt, int wColumn, int k, float[] x, int xAt, float[] y, int yAt, int pitch) {
    FloatVector y00 = FloatVector.zero(S);
    FloatVector y10 = FloatVector.zero(S);
    FloatVector y20 = FloatVector.zero(S);
    FloatVector y30 = FloatVector.zero(S);
    FloatVector y40 = FloatVector.zero(S);
    FloatVector y50 = FloatVector.zero(S);
    FloatVector y60 = FloatVector.zero(S);
    FloatVector y70 = FloatVector.zero(S);
    for (int t = 0; t < 3; t++) {
      int from = wAt + t * wColumn;
      for (int i = 0; i < k; i++) {
        FloatVector x0 = FloatVector.fromArray(S, x, xAt + t + i * PITCH);
        FloatVector w0 = FloatVector.broadcast(S, w[from + i * 8]);
        y00 = w0.fma(x0, y00);
        FloatVector w1 = FloatVector.broadcast(S, w[from + i * 8 + 1]);
        y10 = w1.fma(x0, y10);
        FloatVector w2 = FloatVector.broadcast(S, w[from + i * 8 + 2]);
        y20 = w2.fma(x0, y20);
        FloatVector w3 = FloatVector.broadcast(S, w[from + i * 8 + 3]);
        y30 = w3.fma(x0, y30);
        FloatVector w4 = FloatVector.broadcast(S, w[from + i * 8 + 4]);
        y40 = w4.fma(x0, y40);
        FloatVector w5 = FloatVector.broadcast(S, w[from + i * 8 + 5]);
        y50 = w5.fma(x0, y50);
        FloatVector w6 = FloatVector.broadcast(S, w[from + i * 8 + 6]);
        y60 = w6.fma(x0, y60);
        FloatVector w7 = FloatVector.broadcast(S, w[from + i * 8 + 7]);
        y70 = w7.fma(x0, y70);
      }
    }
    y00.intoArray(y, yAt);
    y10.intoArray(y, yAt + pitch);
    y20.intoArray(y, yAt + 2 * pitch);
    y30.intoArray(y, yAt + 3 * pitch);
    y40.intoArray(y, yAt + 4 * pitch);
    y50.intoArray(y, yAt + 5 * pitch);
    y60.intoArray(y, yAt + 6 * pitch);
    y70.intoArray(y, yAt + 7 * pitch);
  }

  // y (4,2 vectors) = sum over t of w_t (4,K) * x_t (K,2 vectors)
  private static void tile4x2(
      float[] w, int wAt, int wColumn, int k, float[] x, int xAt, float[] y, int yAt, int pitch) {
    FloatVector y00 = FloatVector.zero(S);
    FloatVector y01 = FloatVector.zero(S);
    FloatVector y10 = FloatVector.zero(S);
    FloatVector y11 = FloatVector.zero(S);
    FloatVector y20 = FloatVector.zero(S);
    FloatVector y21 = FloatVector.zero(S);
    FloatVector y30 = FloatVector.zero(S);
    FloatVector y31 = FloatVector.zero(S);
    for (int t = 0; t < 3; t++) {
      int from = wAt + t * wColumn;
      for (int i = 0; i < k; i++) {
        FloatVector x0 = FloatVector.fromArray(S, x, xAt + t + i * PITCH);
        FloatVector x1 = FloatVector.fromArray(S, x, xAt + t + i * PITCH + L);
        FloatVector w0 = FloatVector.broadcast(S, w[from + i * 4]);
        y00 = w0.fma(x0, y00);
        y01 = w0.fma(x1, y01);
        FloatVector w1 = FloatVector.broadcast(S, w[from + i * 4 + 1]);
        y10 = w1.fma(x0, y10);
        y11 = w1.fma(x1, y11);
        FloatVector w2 = FloatVector.broadcast(S, w[from + i * 4 + 2]);
        y20 = w2.fma(x0, y20);
        y21 = w2.fma(x1, y21);
        FloatVector w3 = FloatVector.broadcast(S, w[from + i * 4 + 3]);
        y30 = w3.fma(x0, y30);
        y31 = w3.fma(x1, y31);
      }
    }
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L);
    y10.intoArray(y, yAt + pitch);
    y11.intoArray(y, yAt + pitch + L);
    y20.intoArray(y, yAt + 2 * pitch);
    y21.intoArray(y, yAt + 2 * pitch + L);
    y30.intoArray(y, yAt + 3 * pitch);
    y31.intoArray(y, yAt + 3 * pitch + L);
  }

  // y (R,lines,W) = A^T m (6,R,P) + bias (R)
  static void output(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int lines,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch) {
    for (int r = 0; r < rows; r++) {
      float shift = bias == null ? 0 : bias[biasAt + r];
      for (int line = 0; line < lines; line += 4) {
        int from = mAt + r * mPitch + line / 4 * (width + 1);
        int to = yAt + r * yPitch + line * width;
        for (int j = 0; j < width; j += L) {
          lines(m, from + j, mPlane, shift, y, to + j, width, lines - line, width - j);
        }
      }
    }
  }

  // y (4,vector) = A^T (4,6) * m (6,vector) + bias; of them the lines and columns that there are
  private static void lines(
      float[] m,
      int at,
      int plane,
      float bias,
      float[] y,
      int to,
      int width,
      int lines,
      int columns) {
    FloatVector m1 = FloatVector.fromArray(S, m, at + plane);
    FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * plane);
    FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * plane);
    FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * plane);
    FloatVector sum12 = m1.add(m2).add(bias);
    FloatVector sum34 = m3.add(m4);
    FloatVector difference12 = m1.sub(m2).add(bias);
    FloatVector difference34 = m3.sub(m4);
    VectorMask<Float> mask = S.indexInRange(0, columns);
    FloatVector.fromArray(S, m, at).add(sum12).add(sum34).intoArray(y, to, mask);
    if (lines > 1) {
      difference12.add(difference34.mul(2)).intoArray(y, to + width, mask);
    }
    if (lines > 2) {
      sum12.add(sum34.mul(4)).intoArray(y, to + 2 * width, mask);
    }
    if (lines > 3) {
      FloatVector.fromArray(S, m, at + 5 * plane)
          .add(difference12)
          .add(difference34.mul(8))
          .intoArray(y, to + 3 * width, mask);
    }
  }
}
