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
        int place =
            bottom - top == 3 && right - left == 3
                ? inside(x, xAt + top * w + left, w, scale, shift) - xAt
                : atTheEdge(x, xAt, w, top, bottom, left, right, scale, shift);
        du[duAt + place] += dy[dyAt + i * outWidth + j];
      }
    }
  }

  /** Index of the first maximum of a whole window that begins at {@code at}. */
  private static int inside(float[] x, int at, int w, float scale, float shift) {
    float largest = Math.max(0, scale * x[at] + shift);
    int place = at;
    for (int row = at; row <= at + 2 * w; row += w) {
      float a = scale * x[row] + shift; // what is not above 0 is above nothing
      float b = scale * x[row + 1] + shift;
      float c = scale * x[row + 2] + shift;
      place = a > largest ? row : place;
      largest = a > largest ? a : largest;
      place = b > largest ? row + 1 : place;
      largest = b > largest ? b : largest;
      place = c > largest ? row + 2 : place;
      largest = c > largest ? c : largest;
    }
    return place;
  }

  private static int atTheEdge(
      float[] x,
      int xAt,
      int w,
      int top,
      int bottom,
      int left,
      int right,
      float scale,
      float shift) {
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
    return place;
  }
}
