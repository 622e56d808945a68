package io.github.densenet4j.train;

import io.github.densenet4j.Randomness;
import java.util.Arrays;

/**
 * Pictures of a batch mixed with their neighbours, targets too: MixUp (Zhang et al., 2018) blends
 * them, CutMix (Yun et al., 2019) pastes a rectangle of the neighbour.
 */
final class Mixing {
  private Mixing() {}

  /** x_i = lambda x_i + (1 - lambda) x_{i+1}; lambda of Beta(alpha, alpha), one a batch. */
  static BatchChange mixUp(double alpha, long key, int floats) {
    return batch -> {
      float kept = (float) new Draws(Randomness.key(key, batch.number)).beta(alpha);
      blend(batch.images, floats, batch.n, kept);
      blend(batch.targets, batch.classes, batch.n, kept);
    };
  }

  private static void blend(float[] rows, int length, int n, float kept) {
    float[] first = Arrays.copyOf(rows, length);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < length; j++) {
        float other = i + 1 < n ? rows[(i + 1) * length + j] : first[j];
        rows[i * length + j] = kept * rows[i * length + j] + (1 - kept) * other;
      }
    }
  }

  /** A rectangle of the neighbour's, of the part 1 - lambda; cut off at the border. */
  static BatchChange cutMix(double alpha, long key, int channels, int height, int width) {
    int area = height * width;
    return batch -> {
      Draws draws = new Draws(Randomness.key(key, batch.number));
      double side = 0.5 * Math.sqrt(1 - draws.beta(alpha));
      int x = draws.below(width);
      int y = draws.below(height);
      int left = Math.max(0, (int) (x - side * width));
      int right = Math.min(width, (int) (x + side * width));
      int top = Math.max(0, (int) (y - side * height));
      int bottom = Math.min(height, (int) (y + side * height));
      float[] first = Arrays.copyOf(batch.images, channels * area);
      for (int i = 0; i < batch.n; i++) {
        float[] from = i + 1 < batch.n ? batch.images : first;
        int other = i + 1 < batch.n ? (i + 1) * channels * area : 0;
        for (int c = 0; c < channels && right > left; c++) {
          for (int row = top; row < bottom; row++) {
            int at = c * area + row * width + left;
            System.arraycopy(
                from, other + at, batch.images, i * channels * area + at, right - left);
          }
        }
      }
      float kept = 1 - (float) ((right - left) * (bottom - top)) / area;
      blend(batch.targets, batch.classes, batch.n, kept);
    };
  }
}
