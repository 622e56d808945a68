package io.github.densenet4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.Randomness;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Winograd's transforms: both kernels alike, exact limits, and together a convolution. Long because
 * there are many transforms, each with a layout of its own.
 */
class WinogradTest {
  private static final float GUARD = 12345.5f;
  private static final int[] TILES = {1, 2, 4, 15, 16, 17, 31, 32};

  private final Kernels scalar = new ScalarKernels();
  private final Kernels vector = Kernels.best();
  private final float[] scratch = new float[Kernels.WINOGRAD_SCRATCH];
  private int key = 1;

  private float[] noise(int size) {
    float[] out = new float[size];
    key++;
    for (int i = 0; i < size; i++) {
      out[i] = (float) Randomness.gaussian(key, i);
    }
    return out;
  }

  private static float[] guarded(int size) {
    float[] out = new float[size];
    Arrays.fill(out, GUARD);
    return out;
  }

  private static void same(String what, float[] actual, float[] expected, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
        assertThat(actual[i]).as("%s: %d", what, i).isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void bothKernelsTransformAlike() {
    for (Winograd f : Winograd.values()) {
      for (int p : TILES) {
        float[] m = noise(f.planes() * 80 + Kernels.SLACK);
        float[] bias = p % 2 == 0 ? noise(3) : null;
        float[][] y = {guarded(2 * f.phases() * 35 + 9), guarded(2 * f.phases() * 35 + 9)};
        for (int i = 0; i < 2; i++) {
          Kernels kernels = i == 0 ? scalar : vector;
          kernels.winogradOutput(
              f, m, 0, 80, 40, 2, p, bias, 1, y[i], 3, f.phases() * 35, 35, scratch, 0);
        }
        // sums of a few products of size 1 to 100, each rounded
        same(f + " output of " + p, y[1], y[0], 2e-5);
      }
    }
  }

  @Test
  void bothKernelsTransformInputsAlike() {
    for (Winograd f : Winograd.values()) {
      for (int width : new int[] {1, 2, 3, 4, 7, 8, 12, 14, 16, 17, 24, 28, 32, 56, 64, 67, 130}) {
        for (int position : new int[] {0, 8, 14, 29, 48}) { // the first tile's in panels
          int tiles = Math.ceilDiv(width, f.step());
          input(f, 0, width, position, tiles);
          input(f, 1, width, position, tiles);
          input(f, 2, width, position, tiles + 1);
        }
      }
    }
  }

  /**
   * A picture whose last row of tiles overhangs it.
   *
   * @param what 0 values as they are, 1 with a ReLU, 2 normalised and with a ReLU
   */
  private void input(Winograd f, int what, int width, int position, int pitch) {
    int tileRows = 5;
    int height = tileRows * f.step() - 1;
    int picture = height * width + 3;
    float[] x = noise(7 + 2 * picture + 2 * Kernels.SLACK);
    float[] scale = what == 2 ? noise(3) : null;
    float[] shift = what == 2 ? noise(3) : null;
    int channel = 4 + Kernels.PANEL;
    int panel = 3 * channel; // of three channels, two of which are written
    int plane = (position + tileRows * pitch) / Kernels.PANEL * panel + panel + 9;
    float[][] v = {guarded(2 + f.planes() * plane), guarded(2 + f.planes() * plane)};
    float[] between = new float[Kernels.winogradInputScratch(f, pitch)];
    for (int i = 0; i < 2; i++) {
      Kernels kernels = i == 0 ? scalar : vector;
      for (int part = 0; part < 2; part++) { // the last three rows by themselves
        Arrays.fill(between, Float.NaN); // what is not theirs must not be used
        kernels.winogradInput(
            f,
            what > 0,
            scale,
            shift,
            1,
            x,
            7,
            picture,
            2,
            height,
            width,
            2 * part * f.step(),
            2 + part,
            v[i],
            2,
            plane,
            channel,
            panel,
            position + 2 * part * pitch,
            pitch,
            between,
            0);
      }
    }
    for (int q = position; q < position + tileRows * pitch; q++) {
      boolean tile = (q - position) % pitch < Math.ceilDiv(width, f.step());
      int at = 2 + q / Kernels.PANEL * panel + q % Kernels.PANEL;
      for (int i = 0; i < f.planes(); i++) {
        float[] found = {v[0][at + i * plane], v[0][at + i * plane + channel]};
        assertThat(found).isNotEqualTo(new float[] {GUARD, GUARD});
        assertThat(v[0][at + i * plane + 2 * channel]).as("a third channel").isEqualTo(GUARD);
        for (int c = 0; c < 2 && !tile; c++) { // may be written
          v[0][at + i * plane + c * channel] = 0;
          v[1][at + i * plane + c * channel] = 0;
        }
      }
    }
    // sums of a few products of size 1 to 100, each rounded
    same("%s, f %d, width %d at %d".formatted(f, what, width, position), v[1], v[0], 6e-5);
  }

  @Test
  void columnsHaveTheMarginOfThePicture() {
    for (int width : new int[] {1, 2, 3, 4, 7, 8, 14, 15, 16, 17, 28, 56, 67}) {
      int rows = 3;
      int lines = 4 * rows + 2;
      float[] x = noise(7 + 2 * lines * width + Kernels.SLACK);
      int made = rows * (width + 1) + 1; // the element behind the last line too
      int channel = made + Kernels.SLACK;
      float[][] t = {guarded(4 + 12 * channel), guarded(4 + 12 * channel)};
      for (int i = 0; i < 2; i++) {
        (i == 0 ? scalar : vector)
            .columnInput(x, 7, lines * width, 2, rows, width, t[i], 4, 2 * channel, channel);
        assertThat(t[i]).startsWith(GUARD, GUARD, GUARD, GUARD);
      }
      for (int i = 0; i < 12; i++) {
        int from = 4 + i * channel;
        float[] expected = Arrays.copyOfRange(t[0], from, from + made);
        same("width " + width, Arrays.copyOfRange(t[1], from, from + made), expected, 2e-5);
        for (int q = 0; q < made; q += width + 1) {
          assertThat(expected[q]).as("width %d: margin at %d", width, q).isZero();
        }
      }
    }
  }

  /** Seven taps with stride 2 by both kernels' transforms against the plain sum in double. */
  @Test
  void stemByWinogradIsAPlainSum() {
    int channels = 2;
    for (int width : new int[] {1, 5, 16, 19, 115}) {
      int phase = StemWinograd.SIZE * width + 3;
      float[] x = noise(5 + 4 * channels * phase + Kernels.SLACK);
      float[] w = noise(7);
      float[] bias = noise(2);
      int line = width + Kernels.SLACK;
      int plane = 4 * channels * line;
      for (Kernels kernels : new Kernels[] {scalar, vector}) {
        float[] t = guarded(3 + StemWinograd.PLANES * plane + Kernels.SLACK);
        kernels.stemInput(x, 5, phase, channels, width, t, 3, plane, line);
        assertThat(t).startsWith(GUARD, GUARD, GUARD);
        for (int i = 0; i < 2 * channels; i++) { // the even rows' phases, and the odd ones' two on
          int even = i / 2 * 4 + i % 2;
          int odd = even + 2;
          float[] m = new float[StemWinograd.PLANES * line + Kernels.SLACK];
          for (int p = 0; p < StemWinograd.PLANES; p++) {
            for (int q = 0; q < width; q++) {
              double sum = 0;
              for (int tap = 0; tap < 7; tap++) {
                if (tap % 2 == 0 || p != StemWinograd.EVEN_PLANE) {
                  int from = 3 + p * plane + (tap % 2 == 0 ? even : odd) * line;
                  sum += StemWinograd.weight(p, tap) * w[tap] * t[from + q];
                }
              }
              m[p * line + q] = (float) sum;
            }
          }
          float[] y = guarded(4 * line + Kernels.SLACK);
          kernels.stemOutput(m, 0, line, 0, 1, 1, 3, width, bias, 1, y, 0, 0, line);
          assertThat(y[0]).as("a line that is not asked for").isEqualTo(GUARD);
          assertThat(y[3 * line]).as("a line that is not asked for").isEqualTo(GUARD);
          kernels.stemOutput(m, 0, line, 0, 1, 0, 4, width, bias, 1, y, 0, 0, line);
          for (int r = 0; r < 4; r++) {
            for (int q = 0; q < width; q++) {
              double sum = bias[1];
              for (int tap = 0; tap < 7; tap++) {
                int from = 5 + (tap % 2 == 0 ? even : odd) * phase + (r + tap / 2) * width;
                sum += (double) w[tap] * x[from + q];
              }
              // seven products of size one, through numbers ten times as large, some rounded before
              // they
              // count eight times; the largest difference is 8e-6
              assertThat((double) y[r * line + q])
                  .as("width %d, line %d, column %d", width, r, q)
                  .isCloseTo(sum, within(2e-5));
            }
          }
        }
      }
    }
  }

  @Test
  void phasesAndBack() {
    for (Winograd f : Winograd.values()) {
      for (int width : new int[] {1, 2, 3, 4, 7, 8, 15, 16, 28, 56, 67}) {
        for (Kernels kernels : List.of(scalar, vector)) {
          phases(f, kernels, width);
        }
      }
    }
  }

  private void phases(Winograd f, Kernels kernels, int width) {
    int rows = 9;
    int step = f.step();
    int picture = rows * width + 5;
    float[] back = guarded(2 + 2 * picture + 20);
    int tiles = Math.ceilDiv(width, step);
    int phase = tiles * Math.ceilDiv(rows, step) + 2;
    int channel = f.phases() * phase + 1;
    float[] x = noise(3 + 2 * channel + Kernels.SLACK);
    float[] expected = back.clone();
    for (int c = 0; c < 2; c++) {
      for (int r = 0; r < rows; r++) {
        for (int w = 0; w < width; w++) {
          int from = 3 + c * channel + (r % step * step + w % step) * phase;
          expected[2 + c * picture + r * width + f.place(w, width)] =
              x[from + r / step * tiles + w / step];
        }
      }
    }
    kernels.winogradJoin(f, x, 3, channel, phase, tiles, 2, rows, width, back, 2, picture);
    assertThat(back).as("%s, width %d", f, width).containsExactly(expected);
  }

  @Test
  void everyPixelOfALineHasAPlace() {
    for (int width = 1; width < 20; width++) {
      int[] two = new int[width];
      int[] four = new int[width];
      for (int w = 0; w < width; w++) {
        two[Winograd.F2.place(w, width)]++;
        four[Winograd.F4.place(w, width)]++;
      }
      assertThat(two).as("width %d", width).containsOnly(1);
      assertThat(four).as("width %d", width).containsOnly(1);
    }
    // pixels 0, 4, 8, then 1, 5, 9, then 2, 6, then 3, 7
    assertThat(new int[] {Winograd.F4.place(8, 10), Winograd.F4.place(1, 10)})
        .containsExactly(2, 3);
    assertThat(new int[] {Winograd.F4.place(6, 10), Winograd.F4.place(7, 10)})
        .containsExactly(7, 9);
  }

  @Test
  void bothKernelsTransformWeightsAlike() {
    for (Winograd f : Winograd.values()) {
      for (int n : new int[] {1, 4, 15, 16, 17, 48}) {
        int row = n + Kernels.SLACK;
        float[] w = noise(5 + 9 * row);
        float[][] columns = {guarded(7 + f.size() * row), guarded(7 + f.size() * row)};
        float[][] planes = {guarded(7 + f.planes() * row), guarded(7 + f.planes() * row)};
        for (int i = 0; i < 2; i++) {
          Kernels kernels = i == 0 ? scalar : vector;
          kernels.columnWeights(f, w, 5, row, n, columns[i], 7, row);
          kernels.winogradWeights(f, w, 5, row, n, planes[i], 7, row);
          for (int r = 0; r < f.planes(); r++) { // may be written
            Arrays.fill(planes[i], 7 + r * row + n, 7 + (r + 1) * row, GUARD);
            if (r < f.size()) {
              Arrays.fill(columns[i], 7 + r * row + n, 7 + (r + 1) * row, GUARD);
            }
          }
        }
        // sums of three products of size below one, each rounded, and of three such sums
        same("%s, %d weights, columns".formatted(f, n), columns[1], columns[0], 3e-7);
        same("%s, %d weights".formatted(f, n), planes[1], planes[0], 6e-7);
      }
    }
  }

  /** Channels in the lanes or tiles in the lanes: the same planes. */
  @Test
  void inputsByPixelsAreInputsByLines() {
    int channels = 21;
    for (Winograd f : Winograd.values()) {
      for (int width : new int[] {1, 3, 4, 7, 8, 14, 16, 28}) {
        int tiles = Math.ceilDiv(width, f.step());
        int height = 3 * f.step() - 1; // the last row of tiles overhangs
        float[] x = noise(channels * height * width + Kernels.SLACK);
        int plane = channels * Kernels.PANEL;
        float[] lines = new float[f.planes() * plane];
        float[] between = new float[Kernels.winogradInputScratch(f, tiles)];
        int[] rows = new int[channels];
        for (int c = 0; c < channels; c++) {
          rows[c] = c * height * width;
        }
        for (int row = 0; row < height; row += f.step()) {
          scalar.winogradInput(
              f,
              false,
              null,
              null,
              0,
              x,
              0,
              height * width,
              channels,
              height,
              width,
              row,
              1,
              lines,
              0,
              plane,
              Kernels.PANEL,
              plane,
              0,
              tiles,
              between,
              0);
          for (Kernels kernels : List.of(scalar, vector)) {
            // the lines that the row of tiles sees, behind a row of zeros
            int first = Math.max(0, row - 1);
            int pixels = (Math.min(height, row + f.step() + 1) - first) * width;
            float[] seen = new float[(1 + pixels) * Kernels.PANEL];
            float[] some = new float[Kernels.TILE_SCRATCH];
            kernels.transpose(
                false,
                null,
                null,
                0,
                x,
                first * width,
                rows,
                Kernels.PANEL,
                channels,
                pixels,
                seen,
                Kernels.PANEL,
                some,
                0);
            int pixelPlane = tiles * Kernels.PANEL + 7;
            float[] found = guarded(f.planes() * pixelPlane);
            int at = (1 - first * width) * Kernels.PANEL;
            kernels.winogradPixels(
                f, seen, at, 0, channels, height, width, row, 1, found, 0, pixelPlane, some, 0);
            for (int i = 0; i < f.planes() * channels * tiles; i++) {
              int c = i / tiles % channels;
              int from = i / tiles / channels * plane + c * Kernels.PANEL + i % tiles;
              int to = i / tiles / channels * pixelPlane + i % tiles * Kernels.PANEL + c;
              assertThat(found[to]) // sums of a few products of size 1 to 100, each rounded
                  .as("%s, width %d, row %d: %d", f, width, row, i)
                  .isCloseTo(lines[from], within(6e-5f * (1 + Math.abs(lines[from]))));
            }
          }
        }
      }
    }
  }

  @Test
  void bothKernelsTransformGradientsAlike() {
    for (Winograd f : Winograd.values()) {
      for (int m : new int[] {1, 4, 8, 12, 13, 32, 40}) {
        for (int tiles : new int[] {1, 2, 3, 8}) { // in a row
          float[] dy = noise(m * 2 * f.phases() * tiles + Kernels.SLACK);
          float[] expected = gradientPlanes(scalar, f, dy, m, 2, tiles);
          float[] found = gradientPlanes(vector, f, dy, m, 2, tiles);
          // sums of a few products of size 1 to 64, each rounded
          same("%s, gradients of %d".formatted(f, m), found, expected, 2e-5);
        }
      }
    }
  }

  /** z (planes,M,P) of some rows of tiles of dy (M,H,W), row by row. */
  private static float[] gradientPlanes(
      Kernels kernels, Winograd f, float[] dy, int m, int tileRows, int tiles) {
    int positions = tileRows * tiles;
    int pixels = positions * f.phases();
    float[] scratch = new float[Kernels.TILE_SCRATCH];
    int[] rows = new int[m];
    for (int r = 0; r < m; r++) {
      rows[r] = r * pixels;
    }
    float[] packed = new float[kernels.packedLength(m, pixels) + Kernels.SLACK];
    kernels.packRows(false, null, null, 0, dy, 0, rows, 0, m, pixels, packed, 0, scratch, 0);
    int plane = kernels.packedLength(m, positions) + 16;
    float[] z = guarded(2 + f.planes() * plane);
    kernels.winogradResultGradient(
        f, packed, 0, m, tileRows * f.step(), tiles * f.step(), z, 2, plane, scratch, 0);
    assertThat(z[1]).isEqualTo(GUARD);
    float[] unit = new float[positions * Kernels.PANEL]; // (P,P): a product only unpacks z
    for (int i = 0; i < positions; i++) {
      unit[i * Kernels.PANEL + i] = 1;
    }
    float[] out = new float[f.planes() * m * positions];
    for (int i = 0; i < f.planes(); i++) {
      int to = i * m * positions;
      kernels.product(
          z,
          2 + i * plane,
          m,
          positions,
          unit,
          0,
          null,
          0,
          out,
          to,
          positions,
          positions,
          scratch,
          0);
    }
    return out;
  }

  @Test
  void bothKernelsTransformSumsOfWeightsAlike() {
    int lanes = vector.lanes();
    for (Winograd f : Winograd.values()) {
      for (int m : new int[] {lanes, 2 * lanes, Kernels.PANEL + lanes}) {
        float[] u = noise(6 * (m + 3) + 2);
        float[][] w = {guarded(3 * (m + 1) + 4), guarded(3 * (m + 1) + 4)};
        for (int i = 0; i < 2; i++) {
          (i == 0 ? scalar : vector).winogradWeightsGradient(f, u, 2, m + 3, m, w[i], 3, m + 1);
        }
        // sums of six products of size below one, each rounded
        same("%s, weights of %d".formatted(f, m), w[1], w[0], 1e-6);
      }
    }
  }

  /** The transform of a gradient is that of a result, transposed: (A dy A^T) m = dy (A^T m A). */
  @Test
  void gradientsAreTheTransposeOfResults() {
    for (Winograd f : Winograd.values()) {
      for (Kernels kernels : List.of(scalar, vector)) {
        int planes = f.planes();
        int pixels = f.phases();
        float[] m = noise(planes * 16 + Kernels.SLACK);
        float[] y = new float[pixels * 16];
        kernels.winogradOutput(f, m, 0, 16, 0, 1, 1, null, 0, y, 0, 0, 16, scratch, 0);
        float[] dy = noise(pixels + Kernels.SLACK);
        float[] z = gradientPlanes(kernels, f, dy, 1, 1, 1);
        double there = 0;
        for (int i = 0; i < pixels; i++) {
          there += y[i * 16] * dy[i];
        }
        double back = 0;
        for (int i = 0; i < planes; i++) {
          back += m[i * 16] * z[i];
        }
        assertThat(back).as("%s", f).isCloseTo(there, within(1e-3));
      }
    }
  }

  /** u (planes) = G w G^T for one kernel. */
  private static float[] weights(Kernels kernels, Winograd f, float[] w) {
    int row = 1 + Kernels.SLACK;
    float[] spread = new float[9 * row];
    float[] planes = new float[f.planes() * row];
    float[] u = new float[f.planes()];
    for (int t = 0; t < 9; t++) {
      spread[t * row] = w[t];
    }
    kernels.winogradWeights(f, spread, 0, row, 1, planes, 0, row);
    for (int i = 0; i < u.length; i++) {
      u[i] = planes[i * row];
    }
    return u;
  }

  @Test
  void bothKernelsDoTheColumnsAlike() {
    for (int m : new int[] {1, 4, 8, 12, 20, 32}) {
      for (int p : TILES) {
        int k = 5;
        int columns = Math.ceilDiv(p, 32) * 32;
        float[][] w = {noise(m * k), noise(m * k), noise(m * k)};
        float[] x = noise(k * Kernels.BAND_PITCH + Kernels.SLACK);
        int[] straight = new int[k];
        Arrays.setAll(straight, i -> i);
        int blocks = Math.ceilDiv(m, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK;
        float[][] y = {guarded(blocks * 45 + 40), guarded(blocks * 45 + 40)};
        for (int i = 0; i < 2; i++) {
          Kernels kernels = i == 0 ? scalar : vector;
          int column = kernels.packedLength(m, k) + 3;
          float[] packed = new float[3 * column + 7];
          for (int t = 0; t < 3; t++) {
            kernels.pack(w[t], 0, m, k, k, straight, packed, 7 + t * column);
          }
          kernels.columnProduct(packed, 7, column, m, k, x, 2, y[i], 3, 45, p);
          for (int r = 0; r < blocks; r++) { // may be written
            int from = r < m ? p : 0;
            Arrays.fill(y[i], 3 + r * 45 + from, 3 + r * 45 + columns, GUARD);
          }
        }
        // 15 products of size one, each rounded
        same("%d rows, %d columns".formatted(m, p), y[1], y[0], 1e-5);
      }
    }
  }

  @Test
  void bothKernelsMakeLinesAlike() {
    for (int width : new int[] {1, 7, 14, 16, 28, 33}) {
      for (int lines : new int[] {1, 2, 3, 4, 7, 8}) {
        int row = 2 * (width + 1);
        float[] m = noise(6 * (2 * row + 9) + Kernels.SLACK);
        float[] bias = lines % 2 == 0 ? noise(3) : null;
        float[][] y = {guarded(2 * (lines * width + 2) + 9), guarded(2 * (lines * width + 2) + 9)};
        for (int i = 0; i < 2; i++) {
          (i == 0 ? scalar : vector)
              .columnOutput(
                  m, 1, 2 * row + 9, row, 2, lines, width, bias, 1, y[i], 3, lines * width + 2);
        }
        same("%d lines of %d".formatted(lines, width), y[1], y[0], 2e-5);
      }
    }
  }

  /** One tile of each form against the plain sum. */
  @Test
  void togetherTheyAreAConvolution() {
    for (Winograd f : Winograd.values()) {
      int size = f.size();
      int step = f.step();
      float[] window = noise(size * size);
      for (int i = 0; i < size; i++) {
        window[i * size] = 0; // the margins of the picture's first tile
        window[i] = 0;
      }
      float[] w = noise(9);
      for (Kernels kernels : List.of(scalar, vector)) {
        // the picture begins behind the margins
        float[] x = new float[size * (size - 1) + Kernels.SLACK];
        for (int i = 0; i < (size - 1) * (size - 1); i++) {
          int pixel = f.place(i % (size - 1), size - 1);
          x[i / (size - 1) * (size - 1) + pixel] =
              window[(i / (size - 1) + 1) * size + i % (size - 1) + 1];
        }
        float[] v = new float[f.planes() * Kernels.PANEL];
        float[] between = new float[Kernels.winogradInputScratch(f, 2)];
        kernels.winogradInput(
            f,
            false,
            null,
            null,
            0,
            x,
            0,
            0,
            1,
            size - 1,
            size - 1,
            0,
            1,
            v,
            0,
            Kernels.PANEL,
            0,
            0,
            0,
            2,
            between,
            0);
        float[] u = weights(kernels, f, w);
        for (int i = 0; i < f.planes(); i++) {
          v[i * Kernels.PANEL] *= u[i];
        }
        float[] y = new float[f.phases() * 16];
        kernels.winogradOutput(f, v, 0, Kernels.PANEL, 0, 1, 1, null, 0, y, 0, 0, 16, scratch, 0);
        for (int i = 0; i < f.phases(); i++) {
          double sum = 0;
          for (int tap = 0; tap < 9; tap++) {
            sum += w[tap] * window[(i / step + tap / 3) * size + i % step + tap % 3];
          }
          assertThat(y[i * 16]).as("%s: %d", f, i).isCloseTo((float) sum, within(2e-5f));
        }
      }
    }
  }
}
