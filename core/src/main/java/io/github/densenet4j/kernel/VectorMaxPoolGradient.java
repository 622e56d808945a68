package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Where the maxima of a pool came from: the lanes are windows side by side, their places are floats
 * (exact, since a picture has fewer than 2^24 pixels), and only the last addition is done one by
 * one.
 */
final class VectorMaxPoolGradient {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final float OUTSIDE = -1; // below everything that a ReLU lets through

  private VectorMaxPoolGradient() {}

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
      int duAt,
      float[] scratch) {
    Arrays.fill(du, duAt, duAt + h * w, 0);
    int outWidth = (w + 1) / 2;
    int pitch = w + Kernels.SLACK;
    int placesAt = 3 * pitch;
    line(x, xAt, -1, h, w, scale, shift, scratch, pitch);
    for (int i = 0; i < (h + 1) / 2; i++) {
      line(x, xAt, 2 * i, h, w, scale, shift, scratch, pitch);
      line(x, xAt, 2 * i + 1, h, w, scale, shift, scratch, pitch);
      for (int j = 0; j < outWidth; j += L) {
        places(scratch, pitch, 2 * i - 1, 2 * j - 1, w, placesAt);
        int from = dyAt + i * outWidth + j;
        for (int o = 0; o < Math.min(L, outWidth - j); o++) {
          du[duAt + (int) scratch[placesAt + o]] += dy[from + o];
        }
      }
    }
  }

  /** Where a row's line lies in scratch: three rows are held at a time. */
  private static int lineAt(int row, int pitch) {
    return (row + 3) % 3 * pitch;
  }

  // line (1 + W + L) = relu(scale * x (W) + shift) between margins
  private static void line(
      float[] x,
      int xAt,
      int row,
      int h,
      int w,
      float scale,
      float shift,
      float[] scratch,
      int pitch) {
    int to = lineAt(row, pitch);
    if (row < 0 || row >= h) {
      Arrays.fill(scratch, to, to + pitch, OUTSIDE);
      return;
    }
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    int from = xAt + row * w;
    for (int j = 0; j < w; j += L) {
      VectorMask<Float> mask = S.indexInRange(j, w);
      FloatVector v = a.fma(FloatVector.fromArray(S, x, from + j, mask), b);
      v.blend(0, v.compare(VectorOperators.LT, 0)).intoArray(scratch, to + 1 + j);
    }
    scratch[to] = OUTSIDE;
    Arrays.fill(scratch, to + 1 + w, to + pitch, OUTSIDE);
  }

  // places (L) of the first maxima of windows whose upper left corners are (top, left + 2 * lane)
  private static void places(float[] lines, int pitch, int top, int left, int w, int placesAt) {
    FloatVector columns = FloatVector.broadcast(S, left).addIndex(2);
    FloatVector best = FloatVector.broadcast(S, OUTSIDE);
    FloatVector place = columns.max(0).add(Math.max(0, top) * w);
    for (int row = top; row < top + 3; row++) {
      int at = lineAt(row, pitch) + 1 + left;
      FloatVector first = columns.add(row * w);
      IntVector u = FloatVector.fromArray(S, lines, at).reinterpretAsInts();
      IntVector v = FloatVector.fromArray(S, lines, at + L).reinterpretAsInts();
      FloatVector a = Lanes.EVEN.selectFrom(u, v).reinterpretAsFloats();
      VectorMask<Float> larger = a.compare(VectorOperators.GT, best);
      best = best.blend(a, larger);
      place = place.blend(first, larger);
      FloatVector b = Lanes.ODD.selectFrom(u, v).reinterpretAsFloats();
      larger = b.compare(VectorOperators.GT, best);
      best = best.blend(b, larger);
      place = place.blend(first.add(1), larger);
      IntVector s = FloatVector.fromArray(S, lines, at + 2).reinterpretAsInts();
      IntVector t = FloatVector.fromArray(S, lines, at + 2 + L).reinterpretAsInts();
      FloatVector c = Lanes.EVEN.selectFrom(s, t).reinterpretAsFloats();
      larger = c.compare(VectorOperators.GT, best);
      best = best.blend(c, larger);
      place = place.blend(first.add(2), larger);
    }
    place.intoArray(lines, placesAt);
  }
}
