package io.github.densenet4j.kernel;

import java.util.Arrays;

/**
 * Where a maximum came from is a question of branches, not of arithmetic: both sets of kernels
 * share these loops.
 */
final class MaxPoolGradient {
  private MaxPoolGradient() {}

  // du (H,W) = dy (OH,OW) at the first maximum of each 3x3 window of relu(scale * x (H,W) + shift)
  static void apply(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] du,
      int duAt) {
    Arrays.fill(du, duAt, duAt + h * w, 0);
    int outHeight = (h + 1) / 2;
    int outWidth = (w + 1) / 2;
    for (int i = 0; i < outHeight; i++) {
      int top = Math.max(0, 2 * i - 1);
      int bottom = Math.min(h, 2 * i + 2);
      for (int j = 0; j < outWidth; j++) {
        int left = Math.max(0, 2 * j - 1);
        int right = Math.min(w, 2 * j + 2);
        int place = top * w + left;
        float largest = -1;
        for (int r = top; r < bottom; r++) {
          for (int s = left; s < right; s++) {
            float value = Math.max(0, scale * x[xAt + r * w + s] + shift);
            if (value > largest) {
              largest = value;
              place = r * w + s;
            }
          }
        }
        du[duAt + place] += dy[dyAt + i * outWidth + j];
      }
    }
  }
}
