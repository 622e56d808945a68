package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The pools: rows are taken together in vectors, then neighbours in a row one by one, as a table
 * says where they lie.
 */
final class VectorPools {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  private VectorPools() {}

  // rows of y (OH,OW) = max 3x3, stride 2, padding 1 of relu(scale * x (H,W) + shift)
  static void maxPool(
      float[] x,
      int xAt,
      int xPitch,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      int from,
      int to,
      int[] pixels,
      float[] scratch,
      int scratchAt) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    int outWidth = (w + 1) / 2;
    int threeAt = scratchAt + 1 + w + L + 1;
    for (int i = from; i < to; i++) {
      int top = xAt + Math.max(0, 2 * i - 1) * xPitch;
      int middle = xAt + 2 * i * xPitch;
      int bottom = xAt + Math.min(h - 1, 2 * i + 1) * xPitch;
      // scratch[1 + j] = the largest of three rows; behind a ReLU a margin is zero
      for (int j = 0; j < w; j += L) {
        FloatVector u = a.fma(FloatVector.fromArray(S, x, top + j), b);
        FloatVector v = a.fma(FloatVector.fromArray(S, x, middle + j), b);
        FloatVector t = a.fma(FloatVector.fromArray(S, x, bottom + j), b);
        u.max(v).max(t).max(0).intoArray(scratch, scratchAt + 1 + j);
      }
      scratch[scratchAt] = 0;
      scratch[scratchAt + 1 + w] = 0;
      for (int j = 0; j < w; j += L) { // of three neighbours
        FloatVector left = FloatVector.fromArray(S, scratch, scratchAt + j);
        FloatVector centre = FloatVector.fromArray(S, scratch, scratchAt + j + 1);
        FloatVector right = FloatVector.fromArray(S, scratch, scratchAt + j + 2);
        left.max(centre).max(right).intoArray(scratch, threeAt + j);
      }
      int row = yAt + i * outWidth;
      for (int q = 0; q < outWidth; q++) {
        y[row + q] = scratch[threeAt + 2 * pixels[q]];
      }
    }
  }

  // y (H/2,W/2) = mean 2x2 of relu(scale * x (H,W) + shift)
  static void averagePool(
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      int[] left,
      int[] right,
      float[] scratch,
      int scratchAt) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    for (int i = 0; i < h / 2; i++) {
      int top = xAt + 2 * i * w;
      int bottom = top + w;
      for (int j = 0; j < w; j += L) {
        FloatVector u = a.fma(FloatVector.fromArray(S, x, top + j), b);
        FloatVector v = a.fma(FloatVector.fromArray(S, x, bottom + j), b);
        u.blend(0, u.compare(VectorOperators.LT, 0))
            .add(v.blend(0, v.compare(VectorOperators.LT, 0)))
            .intoArray(scratch, scratchAt + j);
      }
      int to = yAt + i * (w / 2);
      for (int q = 0; q < w / 2; q++) {
        y[to + q] = 0.25f * (scratch[scratchAt + left[q]] + scratch[scratchAt + right[q]]);
      }
    }
  }

  // dx (H,W) = dy (H/2,W/2) / 4 spread over 2x2
  static void averagePoolGradient(
      float[] dy,
      int dyAt,
      int h,
      int w,
      float[] dx,
      int dxAt,
      int[] source,
      float[] scratch,
      int scratchAt) {
    int none = w / 2;
    for (int i = 0; i < h / 2; i++) {
      int top = dxAt + 2 * i * w;
      int bottom = top + w;
      for (int j = 0; j < none; j += L) {
        FloatVector.fromArray(S, dy, dyAt + i * none + j)
            .mul(0.25f)
            .intoArray(scratch, scratchAt + j);
      }
      scratch[scratchAt + none] = 0;
      for (int q = 0; q < w; q++) {
        float share = scratch[scratchAt + source[q]];
        dx[top + q] = share;
        dx[bottom + q] = share;
      }
    }
    if (h % 2 != 0) {
      Arrays.fill(dx, dxAt + (h - 1) * w, dxAt + h * w, 0);
    }
  }
}
