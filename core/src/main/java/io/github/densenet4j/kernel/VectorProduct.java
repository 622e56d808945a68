package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix product behind every convolution: y (M,P) = w (M,K) * x (K,P) + bias (M).
 *
 * <p>A micro-kernel holds a tile of 8 rows and 3 vectors of y in registers and walks down k: per
 * step 3 loads of x, 8 weights broadcast, 24 fused multiply-adds. Weights and x are packed so that
 * every index is a constant multiple of k: then the JVM moves all bounds checks out of the loop,
 * and nothing competes with the multiply-adds for the processor's ports. Where one or two vectors
 * are left, narrower tiles do them.
 *
 * <p>The 8 rows are half of one block of packed weights and half of the next: so weights arrive in
 * two streams, each of which the processor fetches ahead, and the other halves are in cache by
 * then. Where weights come from memory, small maps are 1.3 to 1.5 times as quick as with one stream
 * and tiles of two vectors.
 *
 * <p>Micro-kernels know neither masks nor missing rows: a tile at the edge goes to scratch, and
 * what there is of it is copied. With such cases inlined, the JVM's first compiler runs out of
 * registers, and the method may never reach the second one.
 *
 * <p>One method a shape, and every accumulator a local variable: in an array or a helper's argument
 * a vector would be boxed. That is why this file is long; its methods differ in their shape alone.
 */
final class VectorProduct {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int PANEL = Kernels.PANEL;
  private static final float[] NO_BIAS = new float[2 * 16];
  private static final int BIAS_AT = 8 * PANEL; // in scratch, behind the tile

  /**
   * AVX-512 and NEON have 32 vector registers, enough for 8 x 3 accumulators and what they need;
   * AVX2 and SSE have 16, enough for 4 x 2: the JVM's compiler puts all loads of a step before its
   * multiply-adds, so that rows and columns need registers, too. A tile of 4 x 3 keeps accumulators
   * in memory and takes more than twice as long.
   */
  static final boolean MANY_REGISTERS = L == 16 || System.getProperty("os.arch").equals("aarch64");

  private static final int ROWS = MANY_REGISTERS ? 8 : 4; // of a tile
  private static final int GROUP = 2 * ROWS; // rows that go together
  private static final int WIDE = (MANY_REGISTERS ? 3 : 2) * L; // columns of a tile

  // Where a block of rows fits a vector, four columns can be done with the rows in the lanes.
  // Vectors are as wide as all others: a second width that the JVM has seen makes all kernels
  // slower.
  private static final boolean SLIVERS = ROWS <= L;
  private static final int SLIVER = 4;
  private static final int COLUMN_ROWS = 8 * ROWS; // that go together where one column is left

  private VectorProduct() {}

  static int packedLength(int m, int k) {
    int rows = Math.ceilDiv(m, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK;
    return Math.addExact(Math.multiplyExact(rows, k), L); // a sliver reads beyond its last block
  }

  // packed: blocks of rows, each [K][rows of the block]; rows beyond M are zeros
  static void pack(
      float[] w, int wAt, int m, int rowStride, int k, int[] column, float[] packed, int packedAt) {
    int rows;
    for (int row = 0; row < m; row += rows) {
      rows = blockRows(m - row);
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

  /** Rows of the next block, so that a product may begin at any multiple of 8. */
  static int blockRows(int left) {
    return left <= 4 || !MANY_REGISTERS ? 4 : 8;
  }

  // y (M,P) = w (M,K) * x (K,P) + bias (M)
  static void product(
      float[] packed,
      int packedAt,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int p,
      float[] scratch,
      int scratchAt) {
    int narrow = SLIVERS && p % L <= 2 * SLIVER ? p % L : 0;
    int lead = MANY_REGISTERS ? lead((p - narrow) / L) : 0;
    int alone = narrow == 1 ? m / COLUMN_ROWS * COLUMN_ROWS : 0; // rows whose last column waits
    int end;
    for (int j = 0; j < p; j = end) {
      // the last columns go together, so that weights are read once for all of them
      end = p - j < 2 * WIDE ? p : j < lead ? lead : j + WIDE;
      int rowEnd;
      for (int row = 0; row < m; row = rowEnd) {
        rowEnd = Math.min(m, row + GROUP);
        boolean group = rowEnd - row == GROUP;
        int whole = group && end == p ? end - narrow : end;
        int wide = group && MANY_REGISTERS ? Math.min(whole, Math.max(j, lead)) : whole;
        int wideEnd = wide + (whole - wide) / WIDE * WIDE;
        tiles(
            packed, packedAt, row, rowEnd, k, x, xAt, bias, biasAt, y, yAt, yPitch, j, wide,
            scratch, scratchAt);
        wideTiles(packed, packedAt, row, k, x, xAt, bias, biasAt, y, yAt, yPitch, wide, wideEnd);
        tiles(
            packed, packedAt, row, rowEnd, k, x, xAt, bias, biasAt, y, yAt, yPitch, wideEnd, whole,
            scratch, scratchAt);
        if (whole < end && row >= alone) {
          slivers(
              packed, packedAt, row, k, x, xAt, bias, biasAt, y, yAt, yPitch, whole, end, scratch,
              scratchAt);
        }
      }
    }
    for (int row = 0; row < alone; row += COLUMN_ROWS) {
      column(
          packed,
          packedAt,
          row,
          k,
          x,
          panelled(xAt, p - 1, k),
          bias,
          biasAt,
          y,
          yAt + p - 1,
          yPitch,
          scratch,
          scratchAt);
    }
  }

  /** Columns at the beginning for tiles of two vectors, so that threes are left of so many. */
  private static int lead(int vectors) {
    return switch (vectors % 3) {
      case 1 -> vectors > 1 ? 4 * L : 0;
      case 2 -> 2 * L;
      default -> 0;
    };
  }

  /** GROUP rows and columns [column, p) of the product, in tiles of 3 vectors. */
  private static void wideTiles(
      float[] packed,
      int packedAt,
      int firstRow,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int column,
      int p) {
    float[] b = bias == null ? NO_BIAS : bias;
    for (int j = column; j < p; j += 3 * L) {
      boolean firstAlone = j % PANEL == PANEL - L; // in its panel
      int pair = firstAlone ? j + L : j;
      int third = firstAlone ? j : j + 2 * L;
      for (int row = firstRow; row < firstRow + 8; row += 4) {
        tile8x3(
            packed,
            packedAt + firstRow * k + row - firstRow,
            k,
            x,
            panelled(xAt, pair, k),
            panelled(xAt, third, k),
            b,
            bias == null ? 0 : biasAt + row,
            y,
            yAt + row * yPitch + pair,
            yAt + row * yPitch + third,
            yPitch);
      }
    }
  }

  /** Rows [firstRow, m) and columns [column, p) of the product. */
  private static void tiles(
      float[] packed,
      int packedAt,
      int firstRow,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int column,
      int p,
      float[] scratch,
      int scratchAt) {
    int block;
    for (int row = firstRow; row < m; row += block) {
      block = blockRows(m - row);
      int rows = Math.min(block, m - row);
      int w = packedAt + row * k;
      int columns;
      for (int j = column; j < p; j += columns) {
        int from = panelled(xAt, j, k);
        columns = Math.min(Math.min(2 * L, PANEL - j % PANEL), p - j);
        int to = yAt + row * yPitch + j;
        if (rows == block && columns % L == 0) {
          float[] b = bias == null ? NO_BIAS : bias;
          int bAt = bias == null ? 0 : biasAt + row;
          tile(block, columns, packed, w, k, x, from, b, bAt, y, to, yPitch);
        } else {
          float[] b = NO_BIAS;
          if (bias != null) {
            System.arraycopy(bias, biasAt + row, scratch, scratchAt + BIAS_AT, rows);
            b = scratch;
          }
          int bAt = bias == null ? 0 : scratchAt + BIAS_AT;
          tile(block, columns, packed, w, k, x, from, b, bAt, scratch, scratchAt, 2 * L);
          copy(scratch, scratchAt, rows, columns, y, to, yPitch);
        }
      }
    }
  }

  /** GROUP rows and columns [column, p), a few, of the product: the rows are the lanes. */
  private static void slivers(
      float[] packed,
      int packedAt,
      int row,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int column,
      int p,
      float[] scratch,
      int scratchAt) {
    float[] b = NO_BIAS;
    int bAt = 0;
    if (bias != null) {
      b = scratch; // where whole vectors can be read
      bAt = scratchAt + BIAS_AT;
      System.arraycopy(bias, biasAt + row, b, bAt, GROUP);
    }
    for (int j = column; j < p; j += SLIVER) {
      int from = panelled(xAt, j, k);
      sliver(packed, packedAt + row * k, k, x, from, b, bAt, scratch, scratchAt);
      int columns = Math.min(SLIVER, p - j);
      for (int r = 0; r < GROUP; r++) {
        int lane = scratchAt + r / ROWS * L + r % ROWS;
        for (int c = 0; c < columns; c++) {
          y[yAt + (row + r) * yPitch + j + c] = scratch[lane + c * 2 * L];
        }
      }
    }
  }

  /** COLUMN_ROWS rows of a column: of eight blocks, so that weights arrive in as many streams. */
  private static void column(
      float[] packed,
      int packedAt,
      int row,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      float[] scratch,
      int scratchAt) {
    for (int r = 0; r < COLUMN_ROWS; r++) {
      scratch[scratchAt + r / ROWS * L + r % ROWS] = bias == null ? 0 : bias[biasAt + row + r];
    }
    column8(packed, packedAt + row * k, k, x, xAt, scratch, scratchAt);
    for (int r = 0; r < COLUMN_ROWS; r++) {
      y[yAt + (row + r) * yPitch] = scratch[scratchAt + r / ROWS * L + r % ROWS];
    }
  }

  private static void tile(
      int block,
      int columns,
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch) {
    if (block == 8) {
      if (columns > L) {
        tile8x2(w, wAt, k, x, xAt, bias, biasAt, y, yAt, pitch);
      } else {
        tile8x1(w, wAt, k, x, xAt, bias, biasAt, y, yAt, pitch);
      }
    } else if (columns > L) {
      tile4x2(w, wAt, k, x, xAt, bias, biasAt, y, yAt, pitch);
    } else {
      tile4x1(w, wAt, k, x, xAt, bias, biasAt, y, yAt, pitch);
    }
  }

  /** Where column j of x (K,P) begins, which lies in panels from {@code xAt} on. */
  private static int panelled(int xAt, int j, int k) {
    return xAt + j / PANEL * PANEL * k + j % PANEL;
  }

  // y (rows,columns) = the corner of a tile of 2 vectors a row
  private static void copy(
      float[] tile, int at, int rows, int columns, float[] y, int yAt, int yPitch) {
    VectorMask<Float> first = S.indexInRange(0, columns);
    VectorMask<Float> second = S.indexInRange(L, columns);
    for (int r = 0; r < rows; r++) {
      FloatVector.fromArray(S, tile, at + r * 2 * L).intoArray(y, yAt + r * yPitch, first);
      FloatVector.fromArray(S, tile, at + (r * 2 + 1) * L)
          .intoArray(y, yAt + r * yPitch + L, second);
    }
  }

  // y (4 + 4,2 + 1 vectors) = w (4 + 4,K) * x (K,2 + 1 vectors) + bias: half of the rows of two
  // blocks
  private static void tile8x3(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int pairAt,
      int thirdAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yPairAt,
      int yThirdAt,
      int pitch) {
    int next = wAt + 8 * k;
    FloatVector y00 = FloatVector.broadcast(S, bias[biasAt]);
    FloatVector y01 = y00;
    FloatVector y02 = y00;
    FloatVector y10 = FloatVector.broadcast(S, bias[biasAt + 1]);
    FloatVector y11 = y10;
    FloatVector y12 = y10;
    FloatVector y20 = FloatVector.broadcast(S, bias[biasAt + 2]);
    FloatVector y21 = y20;
    FloatVector y22 = y20;
    FloatVector y30 = FloatVector.broadcast(S, bias[biasAt + 3]);
    FloatVector y31 = y30;
    FloatVector y32 = y30;
    FloatVector y40 = FloatVector.broadcast(S, bias[biasAt + 8]);
    FloatVector y41 = y40;
    FloatVector y42 = y40;
    FloatVector y50 = FloatVector.broadcast(S, bias[biasAt + 9]);
    FloatVector y51 = y50;
    FloatVector y52 = y50;
    FloatVector y60 = FloatVector.broadcast(S, bias[biasAt + 10]);
    FloatVector y61 = y60;
    FloatVector y62 = y60;
    FloatVector y70 = FloatVector.broadcast(S, bias[biasAt + 11]);
    FloatVector y71 = y70;
    FloatVector y72 = y70;
    for (int i = 0; i < k; i++) {
      FloatVector x0 = FloatVector.fromArray(S, x, pairAt + i * PANEL);
      FloatVector x1 = FloatVector.fromArray(S, x, pairAt + i * PANEL + L);
      FloatVector x2 = FloatVector.fromArray(S, x, thirdAt + i * PANEL);
      FloatVector w0 = FloatVector.broadcast(S, w[wAt + i * 8]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      y02 = w0.fma(x2, y02);
      FloatVector w1 = FloatVector.broadcast(S, w[wAt + i * 8 + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      y12 = w1.fma(x2, y12);
      FloatVector w2 = FloatVector.broadcast(S, w[wAt + i * 8 + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      y22 = w2.fma(x2, y22);
      FloatVector w3 = FloatVector.broadcast(S, w[wAt + i * 8 + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
      y32 = w3.fma(x2, y32);
      FloatVector w4 = FloatVector.broadcast(S, w[next + i * 8]);
      y40 = w4.fma(x0, y40);
      y41 = w4.fma(x1, y41);
      y42 = w4.fma(x2, y42);
      FloatVector w5 = FloatVector.broadcast(S, w[next + i * 8 + 1]);
      y50 = w5.fma(x0, y50);
      y51 = w5.fma(x1, y51);
      y52 = w5.fma(x2, y52);
      FloatVector w6 = FloatVector.broadcast(S, w[next + i * 8 + 2]);
      y60 = w6.fma(x0, y60);
      y61 = w6.fma(x1, y61);
      y62 = w6.fma(x2, y62);
      FloatVector w7 = FloatVector.broadcast(S, w[next + i * 8 + 3]);
      y70 = w7.fma(x0, y70);
      y71 = w7.fma(x1, y71);
      y72 = w7.fma(x2, y72);
    }
    y00.intoArray(y, yPairAt);
    y01.intoArray(y, yPairAt + L);
    y02.intoArray(y, yThirdAt);
    y10.intoArray(y, yPairAt + pitch);
    y11.intoArray(y, yPairAt + pitch + L);
    y12.intoArray(y, yThirdAt + pitch);
    y20.intoArray(y, yPairAt + 2 * pitch);
    y21.intoArray(y, yPairAt + 2 * pitch + L);
    y22.intoArray(y, yThirdAt + 2 * pitch);
    y30.intoArray(y, yPairAt + 3 * pitch);
    y31.intoArray(y, yPairAt + 3 * pitch + L);
    y32.intoArray(y, yThirdAt + 3 * pitch);
    y40.intoArray(y, yPairAt + 8 * pitch);
    y41.intoArray(y, yPairAt + 8 * pitch + L);
    y42.intoArray(y, yThirdAt + 8 * pitch);
    y50.intoArray(y, yPairAt + 9 * pitch);
    y51.intoArray(y, yPairAt + 9 * pitch + L);
    y52.intoArray(y, yThirdAt + 9 * pitch);
    y60.intoArray(y, yPairAt + 10 * pitch);
    y61.intoArray(y, yPairAt + 10 * pitch + L);
    y62.intoArray(y, yThirdAt + 10 * pitch);
    y70.intoArray(y, yPairAt + 11 * pitch);
    y71.intoArray(y, yPairAt + 11 * pitch + L);
    y72.intoArray(y, yThirdAt + 11 * pitch);
  }

  // y (8,2 vectors) = w (8,K) * x (K,2 vectors) + bias (8)
  private static void tile8x2(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch) {
    FloatVector y00 = FloatVector.broadcast(S, bias[biasAt]);
    FloatVector y01 = y00;
    FloatVector y10 = FloatVector.broadcast(S, bias[biasAt + 1]);
    FloatVector y11 = y10;
    FloatVector y20 = FloatVector.broadcast(S, bias[biasAt + 2]);
    FloatVector y21 = y20;
    FloatVector y30 = FloatVector.broadcast(S, bias[biasAt + 3]);
    FloatVector y31 = y30;
    FloatVector y40 = FloatVector.broadcast(S, bias[biasAt + 4]);
    FloatVector y41 = y40;
    FloatVector y50 = FloatVector.broadcast(S, bias[biasAt + 5]);
    FloatVector y51 = y50;
    FloatVector y60 = FloatVector.broadcast(S, bias[biasAt + 6]);
    FloatVector y61 = y60;
    FloatVector y70 = FloatVector.broadcast(S, bias[biasAt + 7]);
    FloatVector y71 = y70;
    for (int i = 0; i < k; i++) {
      FloatVector x0 = FloatVector.fromArray(S, x, xAt + i * PANEL);
      FloatVector x1 = FloatVector.fromArray(S, x, xAt + i * PANEL + L);
      FloatVector w0 = FloatVector.broadcast(S, w[wAt + i * 8]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      FloatVector w1 = FloatVector.broadcast(S, w[wAt + i * 8 + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      FloatVector w2 = FloatVector.broadcast(S, w[wAt + i * 8 + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      FloatVector w3 = FloatVector.broadcast(S, w[wAt + i * 8 + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
      FloatVector w4 = FloatVector.broadcast(S, w[wAt + i * 8 + 4]);
      y40 = w4.fma(x0, y40);
      y41 = w4.fma(x1, y41);
      FloatVector w5 = FloatVector.broadcast(S, w[wAt + i * 8 + 5]);
      y50 = w5.fma(x0, y50);
      y51 = w5.fma(x1, y51);
      FloatVector w6 = FloatVector.broadcast(S, w[wAt + i * 8 + 6]);
      y60 = w6.fma(x0, y60);
      y61 = w6.fma(x1, y61);
      FloatVector w7 = FloatVector.broadcast(S, w[wAt + i * 8 + 7]);
      y70 = w7.fma(x0, y70);
      y71 = w7.fma(x1, y71);
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

  // y (8,1 vector) = w (8,K) * x (K,1 vector) + bias (8)
  private static void tile8x1(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch) {
    FloatVector y00 = FloatVector.broadcast(S, bias[biasAt]);
    FloatVector y10 = FloatVector.broadcast(S, bias[biasAt + 1]);
    FloatVector y20 = FloatVector.broadcast(S, bias[biasAt + 2]);
    FloatVector y30 = FloatVector.broadcast(S, bias[biasAt + 3]);
    FloatVector y40 = FloatVector.broadcast(S, bias[biasAt + 4]);
    FloatVector y50 = FloatVector.broadcast(S, bias[biasAt + 5]);
    FloatVector y60 = FloatVector.broadcast(S, bias[biasAt + 6]);
    FloatVector y70 = FloatVector.broadcast(S, bias[biasAt + 7]);
    for (int i = 0; i < k; i++) {
      FloatVector x0 = FloatVector.fromArray(S, x, xAt + i * PANEL);
      FloatVector w0 = FloatVector.broadcast(S, w[wAt + i * 8]);
      y00 = w0.fma(x0, y00);
      FloatVector w1 = FloatVector.broadcast(S, w[wAt + i * 8 + 1]);
      y10 = w1.fma(x0, y10);
      FloatVector w2 = FloatVector.broadcast(S, w[wAt + i * 8 + 2]);
      y20 = w2.fma(x0, y20);
      FloatVector w3 = FloatVector.broadcast(S, w[wAt + i * 8 + 3]);
      y30 = w3.fma(x0, y30);
      FloatVector w4 = FloatVector.broadcast(S, w[wAt + i * 8 + 4]);
      y40 = w4.fma(x0, y40);
      FloatVector w5 = FloatVector.broadcast(S, w[wAt + i * 8 + 5]);
      y50 = w5.fma(x0, y50);
      FloatVector w6 = FloatVector.broadcast(S, w[wAt + i * 8 + 6]);
      y60 = w6.fma(x0, y60);
      FloatVector w7 = FloatVector.broadcast(S, w[wAt + i * 8 + 7]);
      y70 = w7.fma(x0, y70);
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

  // y (4,2 vectors) = w (4,K) * x (K,2 vectors) + bias (4)
  private static void tile4x2(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch) {
    FloatVector y00 = FloatVector.broadcast(S, bias[biasAt]);
    FloatVector y01 = y00;
    FloatVector y10 = FloatVector.broadcast(S, bias[biasAt + 1]);
    FloatVector y11 = y10;
    FloatVector y20 = FloatVector.broadcast(S, bias[biasAt + 2]);
    FloatVector y21 = y20;
    FloatVector y30 = FloatVector.broadcast(S, bias[biasAt + 3]);
    FloatVector y31 = y30;
    for (int i = 0; i < k; i++) {
      FloatVector x0 = FloatVector.fromArray(S, x, xAt + i * PANEL);
      FloatVector x1 = FloatVector.fromArray(S, x, xAt + i * PANEL + L);
      FloatVector w0 = FloatVector.broadcast(S, w[wAt + i * 4]);
      y00 = w0.fma(x0, y00);
      y01 = w0.fma(x1, y01);
      FloatVector w1 = FloatVector.broadcast(S, w[wAt + i * 4 + 1]);
      y10 = w1.fma(x0, y10);
      y11 = w1.fma(x1, y11);
      FloatVector w2 = FloatVector.broadcast(S, w[wAt + i * 4 + 2]);
      y20 = w2.fma(x0, y20);
      y21 = w2.fma(x1, y21);
      FloatVector w3 = FloatVector.broadcast(S, w[wAt + i * 4 + 3]);
      y30 = w3.fma(x0, y30);
      y31 = w3.fma(x1, y31);
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

  // y (4,1 vector) = w (4,K) * x (K,1 vector) + bias (4)
  private static void tile4x1(
      float[] w,
      int wAt,
      int k,
      float[] x,
      int xAt,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int pitch) {
    FloatVector y00 = FloatVector.broadcast(S, bias[biasAt]);
    FloatVector y10 = FloatVector.broadcast(S, bias[biasAt + 1]);
    FloatVector y20 = FloatVector.broadcast(S, bias[biasAt + 2]);
    FloatVector y30 = FloatVector.broadcast(S, bias[biasAt + 3]);
    for (int i = 0; i < k; i++) {
      FloatVector x0 = FloatVector.fromArray(S, x, xAt + i * PANEL);
      FloatVector w0 = FloatVector.broadcast(S, w[wAt + i * 4]);
      y00 = w0.fma(x0, y00);
      FloatVector w1 = FloatVector.broadcast(S, w[wAt + i * 4 + 1]);
      y10 = w1.fma(x0, y10);
      FloatVector w2 = FloatVector.broadcast(S, w[wAt + i * 4 + 2]);
      y20 = w2.fma(x0, y20);
      FloatVector w3 = FloatVector.broadcast(S, w[wAt + i * 4 + 3]);
      y30 = w3.fma(x0, y30);
    }
    y00.intoArray(y, yAt);
    y10.intoArray(y, yAt + pitch);
    y20.intoArray(y, yAt + 2 * pitch);
    y30.intoArray(y, yAt + 3 * pitch);
  }

  // t (4,2 vectors) = (w (2 blocks,K) * x (K,4) + bias)^T: rows are lanes, those behind a block are
  // void
  private static void sliver(
      float[] w, int wAt, int k, float[] x, int xAt, float[] bias, int biasAt, float[] t, int tAt) {
    int next = ROWS * k;
    FloatVector y00 = FloatVector.fromArray(S, bias, biasAt);
    FloatVector y10 = FloatVector.fromArray(S, bias, biasAt + ROWS);
    FloatVector y01 = y00;
    FloatVector y11 = y10;
    FloatVector y02 = y00;
    FloatVector y12 = y10;
    FloatVector y03 = y00;
    FloatVector y13 = y10;
    for (int i = 0; i < k; i++) {
      FloatVector w0 = FloatVector.fromArray(S, w, wAt + i * ROWS);
      FloatVector w1 = FloatVector.fromArray(S, w, wAt + next + i * ROWS);
      FloatVector x0 = FloatVector.broadcast(S, x[xAt + i * PANEL]);
      y00 = x0.fma(w0, y00);
      y10 = x0.fma(w1, y10);
      FloatVector x1 = FloatVector.broadcast(S, x[xAt + i * PANEL + 1]);
      y01 = x1.fma(w0, y01);
      y11 = x1.fma(w1, y11);
      FloatVector x2 = FloatVector.broadcast(S, x[xAt + i * PANEL + 2]);
      y02 = x2.fma(w0, y02);
      y12 = x2.fma(w1, y12);
      FloatVector x3 = FloatVector.broadcast(S, x[xAt + i * PANEL + 3]);
      y03 = x3.fma(w0, y03);
      y13 = x3.fma(w1, y13);
    }
    y00.intoArray(t, tAt);
    y10.intoArray(t, tAt + L);
    y01.intoArray(t, tAt + 2 * L);
    y11.intoArray(t, tAt + 3 * L);
    y02.intoArray(t, tAt + 4 * L);
    y12.intoArray(t, tAt + 5 * L);
    y03.intoArray(t, tAt + 6 * L);
    y13.intoArray(t, tAt + 7 * L);
  }

  // t (8 blocks) += w (8 blocks,K) * x (K): rows are lanes, those behind a block are void
  private static void column8(float[] w, int wAt, int k, float[] x, int xAt, float[] t, int tAt) {
    int next = ROWS * k;
    FloatVector y0 = FloatVector.fromArray(S, t, tAt);
    FloatVector y1 = FloatVector.fromArray(S, t, tAt + L);
    FloatVector y2 = FloatVector.fromArray(S, t, tAt + 2 * L);
    FloatVector y3 = FloatVector.fromArray(S, t, tAt + 3 * L);
    FloatVector y4 = FloatVector.fromArray(S, t, tAt + 4 * L);
    FloatVector y5 = FloatVector.fromArray(S, t, tAt + 5 * L);
    FloatVector y6 = FloatVector.fromArray(S, t, tAt + 6 * L);
    FloatVector y7 = FloatVector.fromArray(S, t, tAt + 7 * L);
    for (int i = 0; i < k; i++) {
      int at = wAt + i * ROWS;
      FloatVector x0 = FloatVector.broadcast(S, x[xAt + i * PANEL]);
      y0 = x0.fma(FloatVector.fromArray(S, w, at), y0);
      y1 = x0.fma(FloatVector.fromArray(S, w, at + next), y1);
      y2 = x0.fma(FloatVector.fromArray(S, w, at + 2 * next), y2);
      y3 = x0.fma(FloatVector.fromArray(S, w, at + 3 * next), y3);
      y4 = x0.fma(FloatVector.fromArray(S, w, at + 4 * next), y4);
      y5 = x0.fma(FloatVector.fromArray(S, w, at + 5 * next), y5);
      y6 = x0.fma(FloatVector.fromArray(S, w, at + 6 * next), y6);
      y7 = x0.fma(FloatVector.fromArray(S, w, at + 7 * next), y7);
    }
    y0.intoArray(t, tAt);
    y1.intoArray(t, tAt + L);
    y2.intoArray(t, tAt + 2 * L);
    y3.intoArray(t, tAt + 3 * L);
    y4.intoArray(t, tAt + 4 * L);
    y5.intoArray(t, tAt + 5 * L);
    y6.intoArray(t, tAt + 6 * L);
    y7.intoArray(t, tAt + 7 * L);
  }
}
