package io.github.densenet4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.Randomness;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The vector kernels against the scalar ones, at odd and tiny sizes, with guards around what may be
 * written and NaN where nothing may be used. Long, since each kernel has its case here; those of
 * Winograd's algorithm have {@link WinogradTest}.
 */
class KernelsTest {
  private static final float GUARD = 12345.5f;
  private static final int[] PIXELS = {
    1, 3, 7, 15, 16, 17, 32, 47, 48, 49, 64, 80, 100, 112, 128, 170, 196
  };
  private static final int[] DEPTHS = {1, 2, 5, 9, 64, 130};
  private static final int[] ROWS = {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 24, 32};
  private static final int[] PRODUCT_ROWS = {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 24, 32, 72};

  private final Kernels scalar = new ScalarKernels();
  private final Kernels vector = Kernels.best();
  private final float[] tile = new float[Kernels.TILE_SCRATCH];
  private int key = 1;

  private float[] noise(int size) {
    float[] out = new float[size];
    key++;
    for (int i = 0; i < size; i++) {
      out[i] = (float) Randomness.gaussian(key, i);
    }
    return out;
  }

  /** Rows of p values, at a pitch, with NaN between them and behind. */
  private float[] poisoned(int rows, int p, int pitch) {
    float[] out = new float[rows * pitch + Kernels.SLACK];
    Arrays.fill(out, Float.NaN);
    float[] values = noise(rows * p);
    for (int r = 0; r < rows; r++) {
      System.arraycopy(values, r * p, out, r * pitch, p);
    }
    return out;
  }

  private static float[] guarded(int size) {
    float[] out = new float[size];
    Arrays.fill(out, GUARD);
    return out;
  }

  private static void same(String what, float[] actual, float[] expected, double scale) {
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] == GUARD) {
        assertThat(actual[i]).as("%s: guard at %d", what, i).isEqualTo(GUARD);
      } else if (Float.isNaN(expected[i])) {
        assertThat(actual[i]).as("%s: %d", what, i).isNaN();
      } else if (Math.abs(actual[i] - expected[i]) > scale * (1 + Math.abs(expected[i]))) {
        assertThat((double) actual[i])
            .as("%s: %d", what, i)
            .isCloseTo(expected[i], within(scale * (1 + Math.abs(expected[i]))));
      }
    }
  }

  private static int[] rows(int k, int pitch) {
    int[] rows = new int[k];
    for (int i = 0; i < k; i++) {
      rows[i] = i * pitch;
    }
    return rows;
  }

  /** Rows of p values in panels, with NaN behind the last column. */
  private float[] panels(int k, int p) {
    float[] out = new float[Math.ceilDiv(p, Kernels.PANEL) * Kernels.PANEL * k];
    Arrays.fill(out, Float.NaN);
    float[] values = noise(k * p);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < p; j++) {
        out[panelIndex(k, i, j)] = values[i * p + j];
      }
    }
    return out;
  }

  private static int panelIndex(int k, int i, int j) {
    return j / Kernels.PANEL * Kernels.PANEL * k + i * Kernels.PANEL + j % Kernels.PANEL;
  }

  @Test
  void product() {
    for (int m : PRODUCT_ROWS) {
      for (int k : DEPTHS) {
        for (int p : PIXELS) {
          int pitch = p + 5;
          float[] w = noise(m * k);
          float[] x = panels(k, p);
          float[] bias = m % 2 == 0 ? noise(m + 3) : null;
          float[][] y = {guarded(m * pitch + 70), guarded(m * pitch + 70)};
          Kernels[] both = {scalar, vector};
          for (int i = 0; i < 2; i++) {
            float[] packed = new float[both[i].packedLength(m, k) + 9];
            both[i].pack(w, 0, m, k, k, rows(k, 1), packed, 9);
            both[i].product(packed, 9, m, k, x, 0, bias, 3, y[i], 2, pitch, p, tile, 0);
          }
          // k products of size one, each rounded.
          same("product %d x %d x %d".formatted(m, k, p), y[1], y[0], 1e-6 * Math.sqrt(k) * 4);
        }
      }
    }
  }

  @Test
  void plainProduct() {
    for (int m : ROWS) {
      for (int depth = 1; depth <= PlainProduct.DEPTH; depth++) {
        for (int p : PIXELS) {
          float[] w = noise(m * depth);
          float[] x = panels(depth, p);
          float[] expected = new float[m * p];
          float[] packed = new float[scalar.packedLength(m, depth)];
          scalar.pack(w, 0, m, depth, depth, rows(depth, 1), packed, 0);
          scalar.product(packed, 0, m, depth, x, 0, null, 0, expected, 0, p, p, tile, 0);
          float[][] lines = new float[PlainProduct.DEPTH][p];
          for (int i = 0; i < depth * p; i++) {
            lines[i / p][i % p] = x[panelIndex(depth, i / p, i % p)];
          }
          float[][] y = new float[m + 2][];
          Arrays.setAll(y, r -> guarded(p + 3));
          for (int r = 1; r <= m; r++) {
            Arrays.fill(y[r], 0, p, 0);
          }
          PlainProduct.add(w, 0, depth, m, depth, lines, y, 1, p);
          String what = "plain product %d x %d x %d".formatted(m, depth, p);
          for (int r = 0; r < m + 2; r++) {
            float[] row = guarded(p + 3);
            if (r >= 1 && r <= m) {
              System.arraycopy(expected, (r - 1) * p, row, 0, p);
            }
            same(what, y[r], row, 1e-6 * Math.sqrt(depth) * 4);
          }
        }
      }
    }
  }

  @Test
  void productBeginsAtAnyBlockOfRows() {
    int m = 93; // with 64 rows of a single last column
    int k = 10;
    int p = 33;
    float[] w = noise(m * k);
    float[] x = panels(k, p);
    float[] packed = new float[vector.packedLength(m, k)];
    vector.pack(w, 0, m, k, k, rows(k, 1), packed, 0);
    float[] whole = guarded(m * 40 + 70);
    vector.product(packed, 0, m, k, x, 0, null, 0, whole, 0, 40, p, tile, 0);
    for (int from = 0; from < m; from += Kernels.ROW_BLOCK) {
      for (int count : new int[] {Kernels.ROW_BLOCK, m - from}) {
        int end = Math.min(m, from + count);
        float[] part = guarded(m * 40 + 70);
        vector.product(
            packed, from * k, end - from, k, x, 0, null, 0, part, from * 40, 40, p, tile, 0);
        for (int i = 0; i < m * 40; i++) {
          assertThat(part[i]).isEqualTo(i / 40 >= from && i / 40 < end ? whole[i] : GUARD);
        }
      }
    }
  }

  @Test
  void gatherFollowsItsTable() {
    int[] table = {0, 1, 50, 3, 50};
    float[] x = noise(2 + 50 + Kernels.PANEL);
    for (Kernels kernels : List.of(scalar, vector)) {
      float[] y = guarded(5 * Kernels.PANEL + 9);
      kernels.gather(x, 2, table, 5, y, 4);
      for (int i = 0; i < y.length; i++) {
        int row = (i - 4) / Kernels.PANEL;
        boolean inside = i >= 4 && row < 5;
        float expected = inside ? x[2 + table[row] + (i - 4) % Kernels.PANEL] : GUARD;
        assertThat(y[i]).as("%s: %d", kernels.description(), i).isEqualTo(expected);
      }
    }
  }

  @Test
  void packTransposes() {
    int m = 11;
    int k = 6;
    float[] w = noise(m * k); // stored (K,M)
    int[] column = rows(k, m);
    float[] x = panels(k, 20);
    float[] y = guarded(m * 20 + 64);
    float[] expected = guarded(m * 20 + 64);
    for (Kernels kernels : List.of(scalar, vector)) {
      float[] packed = new float[kernels.packedLength(m, k)];
      kernels.pack(w, 0, m, 1, k, column, packed, 0);
      kernels.product(
          packed, 0, m, k, x, 0, null, 0, kernels == scalar ? expected : y, 0, 20, 20, tile, 0);
    }
    float byHand = 0;
    for (int i = 0; i < k; i++) {
      byHand += w[i * m + 3] * x[panelIndex(k, i, 4)];
    }
    assertThat(expected[3 * 20 + 4]).isCloseTo(byHand, within(1e-5f));
    same("transposed", y, expected, 1e-5);
  }

  @Test
  void transpose() {
    for (int m : ROWS) {
      for (int p : PIXELS) {
        int pitch = p + 3;
        float[] x = poisoned(m, p, pitch);
        for (Kernels kernels : List.of(scalar, vector)) {
          float[] y = guarded(1 + Kernels.PANEL * p);
          float[] scratch = new float[Kernels.TILE_SCRATCH + 4];
          int[] table = rows(m, pitch);
          kernels.transpose(
              false, null, null, 0, x, 0, table, Kernels.PANEL, m, p, y, 1, scratch, 4);
          float[] panels = inPanels(x, m, p, pitch);
          float[] same = guarded(1 + Kernels.PANEL * p);
          int panel = m * Kernels.PANEL;
          table = rows(m, Kernels.PANEL);
          kernels.transpose(
              false, null, null, 0, panels, 0, table, panel, m, p, same, 1, scratch, 4);
          assertThat(same).isEqualTo(y);
          for (int j = 0; j < p; j++) {
            for (int r = 0; r < Kernels.PANEL; r++) {
              float there = y[1 + j * Kernels.PANEL + r];
              if (r < wholeVectors(kernels, m)) {
                float expected = x[Math.min(r, m - 1) * pitch + j];
                assertThat(there).as("%d of %d, pixel %d of %d", r, m, j, p).isEqualTo(expected);
              } else if (r >= Math.ceilDiv(m, 16) * 16) {
                assertThat(there).isEqualTo(GUARD);
              }
            }
          }
        }
      }
    }
  }

  /** Normalised and rectified rows on their way to both sides of a product. */
  @Test
  void rowsAsSidesOfProducts() {
    for (int m : ROWS) {
      for (int p : PIXELS) {
        int pitch = p + 3;
        float[] x = poisoned(m + 2, p, pitch);
        int[] table = rows(m + 2, pitch);
        float[] scale = noise(m + 5);
        float[] shift = noise(m + 5);
        float[] scratch = new float[Kernels.TILE_SCRATCH + 4];
        float[] unit = new float[Kernels.PANEL * p * Math.ceilDiv(p, Kernels.PANEL)]; // (P,P)
        for (int j = 0; j < p; j++) {
          unit[panelIndex(p, j, j)] = 1;
        }
        for (Kernels kernels : List.of(scalar, vector)) {
          for (int f = 0; f < 3; f++) { // as they are, rectified, normalised and rectified
            float[] a = f == 2 ? scale : null;
            float[] b = f == 2 ? shift : null;
            float[] packed = guarded(3 + kernels.packedLength(m, p));
            kernels.packRows(f > 0, a, b, 3, x, 0, table, 2, m + 2, p, packed, 3, scratch, 4);
            assertThat(packed[2]).isEqualTo(GUARD);
            float[] rows = guarded(m * p);
            kernels.product(packed, 3, m, p, unit, 0, null, 0, rows, 0, p, p, tile, 0);
            float[] panel = guarded(Kernels.PANEL * p);
            kernels.transpose(
                f > 0, a, b, 5, x, 2 * pitch, table, Kernels.PANEL, m, p, panel, 0, scratch, 4);
            for (int r = 0; r < m; r++) {
              for (int j = 0; j < p; j++) {
                float v = x[(r + 2) * pitch + j];
                float before = f < 2 ? v : Math.fma(scale[r + 5], v, shift[r + 5]);
                float expected = f > 0 ? Math.max(0, before) : v;
                assertThat(panel[j * Kernels.PANEL + r]).isEqualTo(expected);
                assertThat(rows[r * p + j])
                    .as("%d of %d, pixel %d of %d", r, m, j, p)
                    .isEqualTo(expected);
              }
            }
          }
        }
      }
    }
  }

  /** x (M,P), poisoned behind its last column, in panels. */
  private static float[] inPanels(float[] x, int m, int p, int pitch) {
    float[] panels = new float[Math.ceilDiv(p, Kernels.PANEL) * Kernels.PANEL * m];
    Arrays.fill(panels, Float.NaN);
    for (int r = 0; r < m; r++) {
      for (int j = 0; j < p; j++) {
        int panel = j / Kernels.PANEL * Kernels.PANEL * m;
        panels[panel + r * Kernels.PANEL + j % Kernels.PANEL] = x[r * pitch + j];
      }
    }
    return panels;
  }

  private static int wholeVectors(Kernels kernels, int m) {
    return Math.ceilDiv(m, kernels.lanes()) * kernels.lanes();
  }

  @Test
  void sumsOfRows() {
    for (int n : new int[] {16, 48, 144}) {
      float[] x = noise(5 + 4 * (n + 3));
      float[][] sums = {x.clone(), x.clone()};
      for (int i = 0; i < 2; i++) {
        (i == 0 ? scalar : vector).sumRows(sums[i], 5, n + 3, 4, n);
      }
      assertThat(sums[1]).isEqualTo(sums[0]);
      for (int i = 0; i < x.length; i++) {
        float sum = x[i];
        for (int r = 1; r < 4 && i >= 5 && i < 5 + n; r++) {
          sum += x[i + r * (n + 3)];
        }
        assertThat(sums[0][i]).isEqualTo(sum);
      }
    }
  }

  @Test
  void correlate() {
    for (int m : new int[] {16, 32, 48, 80}) {
      for (int k : DEPTHS) {
        for (int p : PIXELS) {
          int pitch = p + 3;
          float[] x = poisoned(k, p, pitch);
          float[] dy = panels(p, m);
          float[] start = noise(k * (m + 2));
          float[][] dw = {start.clone(), start.clone()};
          Kernels[] both = {scalar, vector};
          for (int i = 0; i < 2; i++) {
            float[] scratch = new float[Kernels.correlateScratch(m) + 4];
            float[] packed = new float[both[i].packedLength(k, p)];
            both[i].packRows(
                false, null, null, 0, x, 0, rows(k, pitch), 0, k, p, packed, 0, scratch, 4);
            both[i].correlate(packed, 0, k, dy, 0, m, p, dw[i], 1, m + 2, scratch, 4);
          }
          same("correlate %d x %d x %d".formatted(m, k, p), dw[1], dw[0], 1e-6 * Math.sqrt(p) * 4);
          for (int r = 0; r < k; r++) { // between the rows nothing is touched
            assertThat(dw[1][r * (m + 2)]).isEqualTo(start[r * (m + 2)]);
            assertThat(dw[1][r * (m + 2) + m + 1]).isEqualTo(start[r * (m + 2) + m + 1]);
          }
        }
      }
    }
  }

  @Test
  void rowOperations() {
    for (int p : PIXELS) {
      int rows = 3;
      int pitch = p + 4;
      float[] x = poisoned(rows, p, pitch);
      float[] u = poisoned(rows, p, pitch);
      float[] a = noise(rows + 1);
      float[] b = noise(rows + 1);
      float[] c = noise(rows + 1);
      int size = rows * pitch + 70;
      float[][] y = new float[2][];
      for (Kernels kernels : List.of(scalar, vector)) {
        int i = kernels == scalar ? 0 : 1;
        y[i] = guarded(6 * size + 800);
        kernels.affineRelu(x, 0, pitch, a, b, 1, rows, p, y[i], 0, pitch, Kernels.PANEL);
        kernels.relu(x, 0, pitch, rows, p, y[i], size, pitch, Kernels.PANEL);
        int panel = Kernels.PANEL;
        kernels.combine(
            u, 0, pitch, x, 0, pitch, a, b, c, 1, rows, p, y[i], 2 * size, pitch, panel);
        kernels.combine(u, 0, pitch, x, 0, pitch, a, b, c, 1, rows, p, y[i], 5 * size, 32, 99);
        System.arraycopy(u, 0, y[i], 3 * size, rows * pitch);
        kernels.affineRelu(x, 0, pitch, a, b, 1, rows, p, y[i], 4 * size, 32, 99); // in panels
        float[] before = Arrays.copyOfRange(y[i], 3 * size, 3 * size + rows * pitch);
        double[] sums = new double[2 * rows];
        double[] dots = new double[rows];
        kernels.affineReluGradient(
            u, 0, pitch, x, 0, pitch, a, b, c, a, 1, rows, p, y[i], 3 * size, pitch, sums, dots, 0);
        for (int r = 0; r < rows; r++) {
          double sum = 0;
          double dot = 0;
          for (int j = 0; j < p; j++) {
            float kept = a[1 + r] * x[r * pitch + j] + b[1 + r] > 0 ? u[r * pitch + j] : 0;
            sum += kept;
            dot += kept * ((double) x[r * pitch + j] - c[1 + r]);
            assertThat(y[i][3 * size + r * pitch + j])
                .isCloseTo(before[r * pitch + j] + a[1 + r] * kept, within(1e-5f));
            assertThat(y[i][4 * size + r * 32 + j / 32 * 99 + j % 32])
                .isEqualTo(y[i][r * pitch + j]);
            assertThat(y[i][5 * size + r * 32 + j / 32 * 99 + j % 32])
                .isEqualTo(y[i][2 * size + r * pitch + j]);
          }
          assertThat(sums[r]).isCloseTo(sum, within(1e-4));
          assertThat(dots[r]).isCloseTo(dot, within(1e-4));
        }
        kernels.sums(x, 0, pitch, rows, p, sums, rows);
        assertThat(kernels.globalAverage(x, 0, p, a[1], b[1]))
            .isCloseTo(average(x, p, a[1], b[1]), within(1e-5f));
      }
      same("rows of " + p, y[1], y[0], 1e-6);
    }
  }

  private static float average(float[] x, int p, float scale, float shift) {
    double sum = 0;
    for (int j = 0; j < p; j++) {
      sum += Math.max(0, (double) scale * x[j] + shift);
    }
    return (float) (sum / p);
  }

  @Test
  void momentsKeepTheirDigitsFarFromZero() {
    for (Kernels kernels : List.of(scalar, vector)) {
      for (int p : new int[] {1, 5, 16, 37, 480, 3001}) {
        float[] x = poisoned(2, p, p + 1);
        for (int j = 0; j < p; j++) {
          x[j] = 100 + 0.1f * x[j];
        }
        double mean = 0;
        for (int j = 0; j < p; j++) {
          mean += (double) x[j] / p;
        }
        double m2 = 0;
        for (int j = 0; j < p; j++) {
          m2 += Math.pow(x[j] - mean, 2);
        }
        double[] means = new double[3];
        double[] squares = new double[3];
        kernels.moments(x, 0, p + 1, 2, p, means, squares, 1);
        assertThat(means[1]).isCloseTo(mean, within(1e-6));
        assertThat(squares[1]).isCloseTo(m2, within(2e-5 * m2 + 1e-12));
        assertThat(means[0]).isZero();
      }
    }
  }

  @Test
  void pools() {
    int[][] sizes = {{1, 1}, {1, 2}, {2, 1}, {5, 7}, {6, 6}, {16, 17}, {33, 40}, {112, 112}};
    for (int[] size : sizes) {
      int h = size[0];
      int w = size[1];
      float[] x = poisoned(1, h * w, h * w);
      if (h * w > 20) {
        x[8] = x[9]; // a tie
      }
      int outs = (h + 1) / 2 * ((w + 1) / 2);
      float[] dy = poisoned(1, outs, outs);
      float[][] y = new float[2][];
      for (Kernels kernels : List.of(scalar, vector)) {
        int i = kernels == scalar ? 0 : 1;
        int room = h * w + 80;
        y[i] = guarded(4 * room);
        float[] scratch = new float[3 + Kernels.poolScratch(w)];
        Arrays.fill(scratch, Float.NaN);
        int half = (h + 1) / 4; // two calls, a part of the rows each
        int[] back = backwards((w + 1) / 2);
        kernels.maxPool(x, 0, w, h, w, 1.5f, 0.1f, y[i], 1, 0, half, back, scratch, 3);
        kernels.maxPool(x, 0, w, h, w, 1.5f, 0.1f, y[i], 1, half, (h + 1) / 2, back, scratch, 3);
        int[] left = backwards(w / 2);
        int[] right = rows(w / 2, 2); // any places will do
        kernels.averagePool(x, 0, h, w, -0.7f, 0.2f, y[i], room, left, right, scratch, 2);
        kernels.maxPoolGradient(dy, 0, x, 0, h, w, 1.5f, 0.1f, y[i], 2 * room, scratch);
        int[] source = backwards(w);
        Arrays.setAll(source, q -> Math.min(source[q], w / 2)); // half of them none
        kernels.averagePoolGradient(dy, 0, h, w, y[i], 3 * room, source, scratch, 1);
        float routed = 0;
        for (int j = 0; j < h * w; j++) {
          routed += y[i][2 * room + j];
        }
        float all = 0;
        for (int j = 0; j < outs; j++) {
          all += dy[j];
        }
        assertThat(routed).as("every gradient goes somewhere").isCloseTo(all, within(1e-2f));
      }
      same("pools of %d x %d".formatted(h, w), y[1], y[0], 1e-6);
    }
  }

  @Test
  void poolsKeepANaNOfEitherSign() {
    int side = 40;
    for (int bits : new int[] {0x7fc00000, 0xffc00000}) {
      float[] x = poisoned(1, side * side, side * side);
      x[7 * side + 21] = Float.intBitsToFloat(bits);
      for (Kernels kernels : List.of(scalar, vector)) {
        float[] y = new float[side * side / 4];
        float[] scratch = new float[Kernels.poolScratch(side)];
        int[] lefts = rows(side / 2, 2);
        int[] rights = lefts.clone();
        Arrays.setAll(rights, q -> lefts[q] + 1);
        int[] pixels = rows(side / 2, 1);
        kernels.averagePool(x, 0, side, side, 1, 0, y, 0, lefts, rights, scratch, 0);
        assertThat(nans(y)).containsExactly(3 * side / 2 + 10);
        kernels.maxPool(x, 0, side, side, side, 1, 0, y, 0, 0, side / 2, pixels, scratch, 0);
        assertThat(nans(y))
            .as("windows overlap by one")
            .containsExactly(
                3 * side / 2 + 10, 3 * side / 2 + 11, 4 * side / 2 + 10, 4 * side / 2 + 11);
      }
    }
  }

  private static int[] nans(float[] x) {
    return IntStream.range(0, x.length).filter(i -> Float.isNaN(x[i])).toArray();
  }

  /** n - 1 to 0. */
  private static int[] backwards(int n) {
    int[] places = new int[n];
    for (int i = 0; i < n; i++) {
      places[i] = n - 1 - i;
    }
    return places;
  }

  @Test
  void interpretedAndCompiledGiveTheSameBits() {
    int m = 13;
    int k = 37;
    int p = 61;
    float[] w = noise(m * k);
    float[] panels = panels(k, p);
    float[] x = poisoned(k, p, 64);
    float[] rows = poisoned(m, p, 64);
    int lanes = wholeVectors(vector, m);
    float[] packed = new float[vector.packedLength(m, k)];
    vector.pack(w, 0, m, k, k, rows(k, 1), packed, 0);
    float[] firstProduct = null;
    float[] firstGradient = null;
    float[] left = new float[vector.packedLength(k, p)];
    float[] scratch = new float[Kernels.correlateScratch(lanes)];
    double[] moments = new double[m];
    double[] firstMoments = null;
    for (int i = 0; i < 12_000; i++) {
      float[] y = new float[m * 64];
      float[] dy = new float[Kernels.PANEL * p];
      float[] dw = new float[k * lanes];
      double[] squares = new double[m];
      vector.product(packed, 0, m, k, panels, 0, null, 0, y, 0, 64, p, tile, 0);
      vector.transpose(
          false, null, null, 0, rows, 0, rows(m, 64), Kernels.PANEL, m, p, dy, 0, scratch, 0);
      vector.packRows(false, null, null, 0, x, 0, rows(k, 64), 0, k, p, left, 0, scratch, 0);
      vector.correlate(left, 0, k, dy, 0, lanes, p, dw, 0, lanes, scratch, 0);
      vector.moments(rows, 0, 64, m, p, moments, squares, 0);
      if (firstProduct == null) {
        firstProduct = y;
        firstGradient = dw;
        firstMoments = squares;
      } else if (i % 1000 == 999) {
        assertThat(y).containsExactly(firstProduct);
        assertThat(dw).containsExactly(firstGradient);
        assertThat(squares).containsExactly(firstMoments);
      }
    }
  }
}
