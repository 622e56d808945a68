package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix product behind every convolution: y (M,P) = w (M,K) * x (K,P) + bias (M).
 *
 * <p>A micro-kernel holds a tile of 8 (or 4) rows and up to 3 vectors of y in registers and walks
 * down k: per step 3 loads of x, 8 weights broadcast, 24 fused multiply-adds. One method a shape,
 * and every accumulator a local variable: in an array or a helper's argument a vector would be
 * boxed. That is why this file is long; its methods differ in their shape alone.
 */
final class VectorProduct {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /**
   * AVX-512 and NEON have 32 vector registers, enough for 8 x 3 accumulators; AVX2 and SSE have 16,
   * enough for 4 x 3.
   */
  static final boolean MANY_REGISTERS = L == 16 || System.getProperty("os.arch").equals("aarch64");

  static final int BLOCK = MANY_REGISTERS ? 8 : 4;

  private VectorProduct() {}

  // packed: blocks of BLOCK rows, each [K][rows of the block]; a rest of at most 4 rows is a block
  // of 4
  static void pack(
      float[] w, int wAt, int m, int rowStride, int k, int[] column, float[] packed, int packedAt) {
    for (int row = 0; row < m; row += BLOCK) {
      int rows = blockRows(m - row);
      int at = packedAt + row * k;
      int real = Math.min(rows, m - row);
      for (int r = 0; r < real; r++) {
        int from = wAt + (row + r) * rowStride;
        for (int i = 0; i < k; i++) {
          packed[at + i * rows + r] = w[from + column[i]];
        }
      }
      for (int r = real; r < rows; r++) {
        for (int i = 0; i < k; i++) {
          packed[at + i * rows + r] = 0;
        }
      }
    }
  }

  private static int blockRows(int left) {
    return left <= 4 ? 4 : BLOCK;
  }

  // y (M,P) = w (M,K) * x (K,P) + bias (M)
  static void product(
      float[] packed,
      int packedAt,
      int m,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int p) {
    for (int j = 0; j < p; j += 3 * L) {
      int vectors = Math.min(3, (p - j + L - 1) / L);
      int tail = Math.min(L, p - j - (vectors - 1) * L);
      for (int row = 0; row < m; row += BLOCK) {
        int rows = Math.min(BLOCK, m - row);
        int w = packedAt + row * k;
        int to = yAt + row * yPitch + j;
        if (blockRows(m - row) == 8) {
          switch (vectors) {
            case 3 ->
                tile8x3(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
            case 2 ->
                tile8x2(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
            default ->
                tile8x1(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
          }
        } else {
          switch (vectors) {
            case 3 ->
                tile4x3(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
            case 2 ->
                tile4x2(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
            default ->
                tile4x1(
                    packed, w, k, x, xAt + j, xRow, bias, biasAt + row, y, to, yPitch, rows, tail);
          }
        }
      }
    }
  }

  private static float biasOf(float[] bias, int at, int row, int rows) {
    return bias == null || row >= rows ? 0 : bias[at + row];
  }

  // y (8,3 vectors) = w (8,K) * x (K,3 vectors) + bias (8); of the last vector only tail lanes are
  // written
  private static void tile8x3(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y01 = y00;
    FloatVector y02 = y00;
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y11 = y10;
    FloatVector y12 = y10;
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y21 = y20;
    FloatVector y22 = y20;
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    FloatVector y31 = y30;
    FloatVector y32 = y30;
    FloatVector y40 = FloatVector.broadcast(S, biasOf(bias, biasAt, 4, rows));
    FloatVector y41 = y40;
    FloatVector y42 = y40;
    FloatVector y50 = FloatVector.broadcast(S, biasOf(bias, biasAt, 5, rows));
    FloatVector y51 = y50;
    FloatVector y52 = y50;
    FloatVector y60 = FloatVector.broadcast(S, biasOf(bias, biasAt, 6, rows));
    FloatVector y61 = y60;
    FloatVector y62 = y60;
    FloatVector y70 = FloatVector.broadcast(S, biasOf(bias, biasAt, 7, rows));
    FloatVector y71 = y70;
    FloatVector y72 = y70;
    for (int i = 0, at = wAt; i < k; i++, at += 8) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector x1 = FloatVector.fromArray(S, x, from + L);
      FloatVector x2 = FloatVector.fromArray(S, x, from + 2 * L);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      y02 = w0.fma(x2, y02);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      y12 = w1.fma(x2, y12);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      y22 = w2.fma(x2, y22);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
      y32 = w3.fma(x2, y32);
      FloatVector w4 = FloatVector.broadcast(S, w[at + 4]);
      y40 = w4.fma(x0, y40);
      y41 = w4.fma(x1, y41);
      y42 = w4.fma(x2, y42);
      FloatVector w5 = FloatVector.broadcast(S, w[at + 5]);
      y50 = w5.fma(x0, y50);
      y51 = w5.fma(x1, y51);
      y52 = w5.fma(x2, y52);
      FloatVector w6 = FloatVector.broadcast(S, w[at + 6]);
      y60 = w6.fma(x0, y60);
      y61 = w6.fma(x1, y61);
      y62 = w6.fma(x2, y62);
      FloatVector w7 = FloatVector.broadcast(S, w[at + 7]);
      y70 = w7.fma(x0, y70);
      y71 = w7.fma(x1, y71);
      y72 = w7.fma(x2, y72);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L);
    y02.intoArray(y, yAt + 2 * L, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch);
      y11.intoArray(y, yAt + pitch + L);
      y12.intoArray(y, yAt + pitch + 2 * L, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch);
      y21.intoArray(y, yAt + 2 * pitch + L);
      y22.intoArray(y, yAt + 2 * pitch + 2 * L, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch);
      y31.intoArray(y, yAt + 3 * pitch + L);
      y32.intoArray(y, yAt + 3 * pitch + 2 * L, last);
    }
    if (rows > 4) {
      y40.intoArray(y, yAt + 4 * pitch);
      y41.intoArray(y, yAt + 4 * pitch + L);
      y42.intoArray(y, yAt + 4 * pitch + 2 * L, last);
    }
    if (rows > 5) {
      y50.intoArray(y, yAt + 5 * pitch);
      y51.intoArray(y, yAt + 5 * pitch + L);
      y52.intoArray(y, yAt + 5 * pitch + 2 * L, last);
    }
    if (rows > 6) {
      y60.intoArray(y, yAt + 6 * pitch);
      y61.intoArray(y, yAt + 6 * pitch + L);
      y62.intoArray(y, yAt + 6 * pitch + 2 * L, last);
    }
    if (rows > 7) {
      y70.intoArray(y, yAt + 7 * pitch);
      y71.intoArray(y, yAt + 7 * pitch + L);
      y72.intoArray(y, yAt + 7 * pitch + 2 * L, last);
    }
  }

  // y (8,2 vectors) = w (8,K) * x (K,2 vectors) + bias (8); of the last vector only tail lanes are
  // written
  private static void tile8x2(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y01 = y00;
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y11 = y10;
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y21 = y20;
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    FloatVector y31 = y30;
    FloatVector y40 = FloatVector.broadcast(S, biasOf(bias, biasAt, 4, rows));
    FloatVector y41 = y40;
    FloatVector y50 = FloatVector.broadcast(S, biasOf(bias, biasAt, 5, rows));
    FloatVector y51 = y50;
    FloatVector y60 = FloatVector.broadcast(S, biasOf(bias, biasAt, 6, rows));
    FloatVector y61 = y60;
    FloatVector y70 = FloatVector.broadcast(S, biasOf(bias, biasAt, 7, rows));
    FloatVector y71 = y70;
    for (int i = 0, at = wAt; i < k; i++, at += 8) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector x1 = FloatVector.fromArray(S, x, from + L);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
      FloatVector w4 = FloatVector.broadcast(S, w[at + 4]);
      y40 = w4.fma(x0, y40);
      y41 = w4.fma(x1, y41);
      FloatVector w5 = FloatVector.broadcast(S, w[at + 5]);
      y50 = w5.fma(x0, y50);
      y51 = w5.fma(x1, y51);
      FloatVector w6 = FloatVector.broadcast(S, w[at + 6]);
      y60 = w6.fma(x0, y60);
      y61 = w6.fma(x1, y61);
      FloatVector w7 = FloatVector.broadcast(S, w[at + 7]);
      y70 = w7.fma(x0, y70);
      y71 = w7.fma(x1, y71);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch);
      y11.intoArray(y, yAt + pitch + L, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch);
      y21.intoArray(y, yAt + 2 * pitch + L, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch);
      y31.intoArray(y, yAt + 3 * pitch + L, last);
    }
    if (rows > 4) {
      y40.intoArray(y, yAt + 4 * pitch);
      y41.intoArray(y, yAt + 4 * pitch + L, last);
    }
    if (rows > 5) {
      y50.intoArray(y, yAt + 5 * pitch);
      y51.intoArray(y, yAt + 5 * pitch + L, last);
    }
    if (rows > 6) {
      y60.intoArray(y, yAt + 6 * pitch);
      y61.intoArray(y, yAt + 6 * pitch + L, last);
    }
    if (rows > 7) {
      y70.intoArray(y, yAt + 7 * pitch);
      y71.intoArray(y, yAt + 7 * pitch + L, last);
    }
  }

  // y (8,1 vectors) = w (8,K) * x (K,1 vectors) + bias (8); of the last vector only tail lanes are
  // written
  private static void tile8x1(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    FloatVector y40 = FloatVector.broadcast(S, biasOf(bias, biasAt, 4, rows));
    FloatVector y50 = FloatVector.broadcast(S, biasOf(bias, biasAt, 5, rows));
    FloatVector y60 = FloatVector.broadcast(S, biasOf(bias, biasAt, 6, rows));
    FloatVector y70 = FloatVector.broadcast(S, biasOf(bias, biasAt, 7, rows));
    for (int i = 0, at = wAt; i < k; i++, at += 8) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
      FloatVector w4 = FloatVector.broadcast(S, w[at + 4]);
      y40 = w4.fma(x0, y40);
      FloatVector w5 = FloatVector.broadcast(S, w[at + 5]);
      y50 = w5.fma(x0, y50);
      FloatVector w6 = FloatVector.broadcast(S, w[at + 6]);
      y60 = w6.fma(x0, y60);
      FloatVector w7 = FloatVector.broadcast(S, w[at + 7]);
      y70 = w7.fma(x0, y70);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch, last);
    }
    if (rows > 4) {
      y40.intoArray(y, yAt + 4 * pitch, last);
    }
    if (rows > 5) {
      y50.intoArray(y, yAt + 5 * pitch, last);
    }
    if (rows > 6) {
      y60.intoArray(y, yAt + 6 * pitch, last);
    }
    if (rows > 7) {
      y70.intoArray(y, yAt + 7 * pitch, last);
    }
  }

  // y (4,3 vectors) = w (4,K) * x (K,3 vectors) + bias (4); of the last vector only tail lanes are
  // written
  private static void tile4x3(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y01 = y00;
    FloatVector y02 = y00;
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y11 = y10;
    FloatVector y12 = y10;
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y21 = y20;
    FloatVector y22 = y20;
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    FloatVector y31 = y30;
    FloatVector y32 = y30;
    for (int i = 0, at = wAt; i < k; i++, at += 4) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector x1 = FloatVector.fromArray(S, x, from + L);
      FloatVector x2 = FloatVector.fromArray(S, x, from + 2 * L);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      y02 = w0.fma(x2, y02);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      y12 = w1.fma(x2, y12);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      y22 = w2.fma(x2, y22);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
      y32 = w3.fma(x2, y32);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L);
    y02.intoArray(y, yAt + 2 * L, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch);
      y11.intoArray(y, yAt + pitch + L);
      y12.intoArray(y, yAt + pitch + 2 * L, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch);
      y21.intoArray(y, yAt + 2 * pitch + L);
      y22.intoArray(y, yAt + 2 * pitch + 2 * L, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch);
      y31.intoArray(y, yAt + 3 * pitch + L);
      y32.intoArray(y, yAt + 3 * pitch + 2 * L, last);
    }
  }

  // y (4,2 vectors) = w (4,K) * x (K,2 vectors) + bias (4); of the last vector only tail lanes are
  // written
  private static void tile4x2(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y01 = y00;
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y11 = y10;
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y21 = y20;
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    FloatVector y31 = y30;
    for (int i = 0, at = wAt; i < k; i++, at += 4) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector x1 = FloatVector.fromArray(S, x, from + L);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt);
    y01.intoArray(y, yAt + L, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch);
      y11.intoArray(y, yAt + pitch + L, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch);
      y21.intoArray(y, yAt + 2 * pitch + L, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch);
      y31.intoArray(y, yAt + 3 * pitch + L, last);
    }
  }

  // y (4,1 vectors) = w (4,K) * x (K,1 vectors) + bias (4); of the last vector only tail lanes are
  // written
  private static void tile4x1(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch,
      int rows,
      int tail) {
    FloatVector y00 = FloatVector.broadcast(S, biasOf(bias, biasAt, 0, rows));
    FloatVector y10 = FloatVector.broadcast(S, biasOf(bias, biasAt, 1, rows));
    FloatVector y20 = FloatVector.broadcast(S, biasOf(bias, biasAt, 2, rows));
    FloatVector y30 = FloatVector.broadcast(S, biasOf(bias, biasAt, 3, rows));
    for (int i = 0, at = wAt; i < k; i++, at += 4) {
      int from = xAt + xRow[i];
      FloatVector x0 = FloatVector.fromArray(S, x, from);
      FloatVector w0 = FloatVector.broadcast(S, w[at]);
      y00 = w0.fma(x0, y00);
      FloatVector w1 = FloatVector.broadcast(S, w[at + 1]);
      y10 = w1.fma(x0, y10);
      FloatVector w2 = FloatVector.broadcast(S, w[at + 2]);
      y20 = w2.fma(x0, y20);
      FloatVector w3 = FloatVector.broadcast(S, w[at + 3]);
      y30 = w3.fma(x0, y30);
    }
    VectorMask<Float> last = S.indexInRange(0, tail);
    y00.intoArray(y, yAt, last);
    if (rows > 1) {
      y10.intoArray(y, yAt + pitch, last);
    }
    if (rows > 2) {
      y20.intoArray(y, yAt + 2 * pitch, last);
    }
    if (rows > 3) {
      y30.intoArray(y, yAt + 3 * pitch, last);
    }
  }
}
