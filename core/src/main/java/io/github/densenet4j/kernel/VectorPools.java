package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The pools: rows are taken together in vectors, then neighbours in a row. */
final class VectorPools {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final VectorShuffle<Float> TWICE = VectorShuffle.fromOp(S, lane -> lane / 2);

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
      float[] scratch,
      int scratchAt) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    int outWidth = (w + 1) / 2;
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
      int row = yAt + i * outWidth;
      for (int o = 0; o < outWidth; o += L) {
        IntVector u = FloatVector.fromArray(S, scratch, scratchAt + 2 * o).reinterpretAsInts();
        IntVector v = FloatVector.fromArray(S, scratch, scratchAt + 2 * o + L).reinterpretAsInts();
        IntVector p = FloatVector.fromArray(S, scratch, scratchAt + 2 * o + 2).reinterpretAsInts();
        IntVector q =
            FloatVector.fromArray(S, scratch, scratchAt + 2 * o + 2 + L).reinterpretAsInts();
        FloatVector left = Lanes.EVEN.selectFrom(u, v).reinterpretAsFloats();
        FloatVector centre = Lanes.ODD.selectFrom(u, v).reinterpretAsFloats();
        FloatVector right = Lanes.EVEN.selectFrom(p, q).reinterpretAsFloats();
        FloatVector largest = left.max(centre).max(right);
        if (o + L <= outWidth) {
          largest.intoArray(y, row + o);
        } else {
          largest.intoArray(y, row + o, S.indexInRange(o, outWidth));
        }
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
      float[] scratch) {
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
            .intoArray(scratch, j);
      }
      int to = yAt + i * (w / 2);
      for (int o = 0; o < w / 2; o += L) {
        IntVector u = FloatVector.fromArray(S, scratch, 2 * o).reinterpretAsInts();
        IntVector v = FloatVector.fromArray(S, scratch, 2 * o + L).reinterpretAsInts();
        FloatVector left = Lanes.EVEN.selectFrom(u, v).reinterpretAsFloats();
        FloatVector right = Lanes.ODD.selectFrom(u, v).reinterpretAsFloats();
        FloatVector mean = left.add(right).mul(0.25f);
        if (o + L <= w / 2) {
          mean.intoArray(y, to + o);
        } else {
          mean.intoArray(y, to + o, S.indexInRange(o, w / 2));
        }
      }
    }
  }

  // dx (H,W) = dy (H/2,W/2) / 4 spread over 2x2
  static void averagePoolGradient(float[] dy, int dyAt, int h, int w, float[] dx, int dxAt) {
    int pooled = w / 2 * 2;
    for (int i = 0; i < h / 2; i++) {
      int top = dxAt + 2 * i * w;
      int bottom = top + w;
      int from = dyAt + i * (w / 2);
      for (int j = 0; j < pooled; j += L) {
        FloatVector share = FloatVector.fromArray(S, dy, from + j / 2).mul(0.25f).rearrange(TWICE);
        if (j + L <= pooled) {
          share.intoArray(dx, top + j);
          share.intoArray(dx, bottom + j);
        } else {
          VectorMask<Float> inside = S.indexInRange(j, pooled);
          share.intoArray(dx, top + j, inside);
          share.intoArray(dx, bottom + j, inside);
        }
      }
      if (w % 2 != 0) {
        dx[top + w - 1] = 0;
        dx[bottom + w - 1] = 0;
      }
    }
    if (h % 2 != 0) {
      Arrays.fill(dx, dxAt + (h - 1) * w, dxAt + h * w, 0);
    }
  }
}
