package io.github.densenet4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.Randomness;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Winograd's transforms: both kernels alike, exact limits, and together a convolution. */
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
        int pitch = 3;
        int phase = p + pitch + 20;
        float[] d = noise(2 * f.phases() * phase + Kernels.SLACK);
        float[] m = noise(f.planes() * 80 + Kernels.SLACK);
        float[] bias = p % 2 == 0 ? noise(3) : null;
        float[][] v = {guarded(f.planes() * 90 + 9), guarded(f.planes() * 90 + 9)};
        float[][] y = {guarded(2 * f.phases() * 35 + 9), guarded(2 * f.phases() * 35 + 9)};
        for (int i = 0; i < 2; i++) {
          Kernels kernels = i == 0 ? scalar : vector;
          int channel = f.phases() * phase;
          kernels.winogradInput(f, d, 0, channel, phase, pitch, 2, p, v[i], 5, 90, 40, scratch, 0);
          kernels.winogradOutput(
              f, m, 0, 80, 40, 2, p, bias, 1, y[i], 3, f.phases() * 35, 35, scratch, 0);
        }
        // sums of a few products of size 1 to 100, each rounded
        same(f + " input of " + p, v[1], v[0], 2e-5);
        same(f + " output of " + p, y[1], y[0], 2e-5);
      }
    }
  }

  @Test
  void picturesInPhasesAndBack() {
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
    int pitch = width / step + 1;
    int phase = (rows / step + 2) * pitch + Kernels.SLACK;
    int picture = rows * width + 5;
    float[] x = noise(600 + 2 * picture + Kernels.SLACK);
    float[] y = guarded(4 + 2 * f.phases() * phase + Kernels.SLACK);
    int channel = f.phases() * phase;
    kernels.winogradSplit(f, x, 17, picture, 2, rows, width, y, 4, channel, phase, pitch, 1);
    assertThat(y).startsWith(GUARD, GUARD, GUARD, GUARD);
    for (int c = 0; c < 2; c++) {
      for (int r = 0; r < rows; r++) {
        for (int q = 0; q < pitch * step; q++) {
          int at = c * channel + ((r + 1) % step * step + q % step) * phase;
          float expected = q == 0 || q > width ? 0 : x[17 + c * picture + r * width + q - 1];
          assertThat(y[4 + at + (r + 1) / step * pitch + q / step])
              .as("%s, %s, width %d: %d %d %d", kernels.description(), f, width, c, r, q)
              .isEqualTo(expected);
        }
      }
    }
    float[] back = guarded(2 + 2 * picture + 20);
    kernels.winogradJoin(f, x, 3, 60, 12, 3, 2, rows, Math.min(width, 12 / step), back, 2, picture);
    for (int i = 0; i < back.length; i++) {
      int w = Math.min(width, 12 / step);
      int c = (i - 2) / picture;
      int r = (i - 2) % picture / w;
      int q = (i - 2) % picture % w;
      boolean inside = i >= 2 && c < 2 && r < rows;
      float expected =
          inside
              ? x[3 + c * 60 + (r % step * step + q % step) * 12 + r / step * 3 + q / step]
              : GUARD;
      if (i >= 2 && inside) {
        assertThat(back[i]).isEqualTo(expected);
      } else {
        assertThat(back[i]).as("guard at %d", i).isEqualTo(GUARD);
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
      float[] w = noise(9);
      for (Kernels kernels : List.of(scalar, vector)) {
        float[] d = new float[f.phases() * 64 + Kernels.SLACK];
        for (int i = 0; i < size * size; i++) {
          int phase = i / size % step * step + i % size % step;
          d[phase * 64 + i / size / step * 2 + i % size / step] = window[i];
        }
        float[] v = new float[f.planes() * 16];
        kernels.winogradInput(f, d, 0, 0, 64, 2, 1, 1, v, 0, 16, 0, scratch, 0);
        float[] u = new float[f.planes()];
        f.transform(w, u, 0, 1);
        for (int i = 0; i < f.planes(); i++) {
          v[i * 16] *= u[i];
        }
        float[] y = new float[f.phases() * 16];
        kernels.winogradOutput(f, v, 0, 16, 0, 1, 1, null, 0, y, 0, 0, 16, scratch, 0);
        for (int i = 0; i < f.phases(); i++) {
          double sum = 0;
          for (int t = 0; t < 9; t++) {
            sum += w[t] * window[(i / step + t / 3) * size + i % step + t % 3];
          }
          assertThat(y[i * 16]).as("%s: %d", f, i).isCloseTo((float) sum, within(2e-5f));
        }
      }
    }
  }
}
