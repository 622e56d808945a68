package io.github.densenet4j.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The pools: rows are taken together in vectors, then neighbours in a row, as a table says where
 * they lie.
 */
final class VectorPools {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final int ROWS = Kernels.POOL_ROWS;

  /** The last lane of a vector and all but the last of the next one. */
  private static final IntVector BEFORE = Lanes.indices(i -> L - 1 + i);

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
    int outWidth = (w + 1) / 2;
    int pitch = Kernels.poolPitch(outWidth);
    int lineAt = scratchAt + ROWS * pitch;
    int count;
    for (int i = from; i < to; i += count) {
      count = Math.min(ROWS, to - i);
      for (int r = 0; r < count; r++) {
        int top = xAt + Math.max(0, 2 * (i + r) - 1) * xPitch;
        int middle = xAt + 2 * (i + r) * xPitch;
        int bottom = xAt + Math.min(h - 1, 2 * (i + r) + 1) * xPitch;
        columns(x, top, middle, bottom, w, scale, shift, scratch, lineAt);
        neighbours(scratch, lineAt, w, scratch, scratchAt + r * pitch);
      }
      int at = yAt + i * outWidth;
      pick(scratch, scratchAt, pitch, outWidth, pixels, count, y, at, outWidth, outWidth);
    }
  }

  // y (W) = max of relu(scale * x (3,W) + shift), zero from W to the next two vectors
  //
  // As integers: of floats that are not negative the order is the same, a NaN, whose sign is taken
  // away, is the largest, and there is an instruction for it.
  private static void columns(
      float[] x,
      int top,
      int middle,
      int bottom,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    for (int j = 0; j < w; j += L) {
      FloatVector u = a.fma(FloatVector.fromArray(S, x, top + j), b);
      FloatVector v = a.fma(FloatVector.fromArray(S, x, middle + j), b);
      FloatVector t = a.fma(FloatVector.fromArray(S, x, bottom + j), b);
      u.blend(0, u.compare(VectorOperators.LT, 0))
          .abs()
          .reinterpretAsInts()
          .max(v.blend(0, v.compare(VectorOperators.LT, 0)).abs().reinterpretAsInts())
          .max(t.blend(0, t.compare(VectorOperators.LT, 0)).abs().reinterpretAsInts())
          .reinterpretAsFloats()
          .intoArray(y, yAt + j);
    }
    FloatVector.zero(S).intoArray(y, yAt + w);
    FloatVector.zero(S).intoArray(y, yAt + w + L);
  }

  // y (OW) = max of three neighbours, stride 2, padding 1, of x (W), none of which is negative
  private static void neighbours(float[] x, int xAt, int w, float[] y, int yAt) {
    IntVector before = IntVector.zero(INTS); // behind a ReLU a margin is zero
    for (int j = 0; j < w; j += 2 * L) {
      IntVector first = FloatVector.fromArray(S, x, xAt + j).reinterpretAsInts();
      IntVector second = FloatVector.fromArray(S, x, xAt + j + L).reinterpretAsInts();
      IntVector odd = Lanes.ODD.selectFrom(first, second);
      BEFORE
          .selectFrom(before, odd)
          .max(Lanes.EVEN.selectFrom(first, second))
          .max(odd)
          .reinterpretAsFloats()
          .intoArray(y, yAt + j / 2);
      before = odd;
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
    int outWidth = w / 2;
    int pitch = Kernels.poolPitch(w);
    int leftAt = scratchAt + ROWS * pitch;
    int rightAt = leftAt + ROWS * pitch;
    int count;
    for (int i = 0; i < h / 2; i += count) {
      count = Math.min(ROWS, h / 2 - i);
      for (int r = 0; r < count; r++) {
        int top = xAt + 2 * (i + r) * w;
        int bottom = top + w;
        for (int j = 0; j < w; j += L) {
          FloatVector u = a.fma(FloatVector.fromArray(S, x, top + j), b);
          FloatVector v = a.fma(FloatVector.fromArray(S, x, bottom + j), b);
          u.blend(0, u.compare(VectorOperators.LT, 0))
              .add(v.blend(0, v.compare(VectorOperators.LT, 0)))
              .intoArray(scratch, scratchAt + r * pitch + j);
        }
      }
      pick(scratch, scratchAt, pitch, w, left, count, scratch, leftAt, pitch, outWidth);
      pick(scratch, scratchAt, pitch, w, right, count, scratch, rightAt, pitch, outWidth);
      for (int q = 0; q < outWidth; q += L) {
        VectorMask<Float> there = S.indexInRange(q, outWidth);
        for (int r = 0; r < count; r++) {
          FloatVector.fromArray(S, scratch, leftAt + r * pitch + q)
              .add(FloatVector.fromArray(S, scratch, rightAt + r * pitch + q))
              .mul(0.25f)
              .intoArray(y, yAt + (i + r) * outWidth + q, there);
        }
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
    int width = w / 2;
    int pitch = Kernels.poolPitch(width + 1);
    int count;
    for (int i = 0; i < h / 2; i += count) {
      count = Math.min(ROWS, h / 2 - i);
      for (int r = 0; r < count; r++) {
        int row = scratchAt + r * pitch;
        for (int j = 0; j < width; j += L) {
          FloatVector.fromArray(S, dy, dyAt + (i + r) * width + j)
              .mul(0.25f)
              .intoArray(scratch, row + j);
        }
        scratch[row + width] = 0; // what no window has
      }
      int at = dxAt + 2 * i * w;
      pick(scratch, scratchAt, pitch, width + 1, source, count, dx, at, 2 * w, w);
      pick(scratch, scratchAt, pitch, width + 1, source, count, dx, at + w, 2 * w, w);
    }
    if (h % 2 != 0) {
      Arrays.fill(dx, dxAt + (h - 1) * w, dxAt + h * w, 0);
    }
  }

  // y (R,P) = x (R,W) at the places (P)
  private static void pick(
      float[] x,
      int xAt,
      int xPitch,
      int w,
      int[] places,
      int rows,
      float[] y,
      int yAt,
      int yPitch,
      int p) {
    for (int q = 0; q < p; q += L) {
      VectorMask<Integer> there = INTS.indexInRange(q, p);
      IntVector place = IntVector.fromArray(INTS, places, q, there);
      // From two vectors at a time: an index is taken modulo their lanes, so that what comes from
      // vectors further on is written again.
      for (int j = 0; j < w; j += 2 * L) {
        VectorMask<Float> here = there.and(place.compare(VectorOperators.GE, j)).cast(S);
        for (int r = 0; r < rows; r++) {
          int from = xAt + r * xPitch + j;
          IntVector first = FloatVector.fromArray(S, x, from).reinterpretAsInts();
          IntVector second = FloatVector.fromArray(S, x, from + L).reinterpretAsInts();
          place
              .selectFrom(first, second)
              .reinterpretAsFloats()
              .intoArray(y, yAt + r * yPitch + q, here);
        }
      }
    }
  }
}
