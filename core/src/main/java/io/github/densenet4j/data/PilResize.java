package io.github.densenet4j.data;

/**
 * Resizes one channel of 8 bits and cuts a part out, bit for bit as Pillow does (libImaging's
 * Resample.c): a filter that widens when a picture shrinks, horizontally, then vertically, with
 * weights of 22 fractional bits and 8 bits between the passes. Only what the part needs is
 * computed.
 */
public final class PilResize {
  private static final int PRECISION = 32 - 8 - 2;
  private static final int HALF = 1 << PRECISION - 1;

  private final int w;
  private final int cutH;
  private final int cutW;
  private final int firstRow; // of the source
  private final int rows;
  private final int left; // where the part begins, if columns are only copied
  private final Filter horizontal;
  private final Filter vertical;

  /** From pictures of h x w pixels to outH x outW, bilinearly. */
  public PilResize(int h, int w, int outH, int outW) {
    this(h, w, outH, outW, Interpolation.BILINEAR, 0, 0, outH, outW);
  }

  /**
   * From pictures of h x w pixels to outH x outW, of which a part is kept.
   *
   * @param top first row of the part
   * @param left first column of the part
   * @param cutH height of the part
   * @param cutW width of the part
   * @throws IllegalArgumentException if a side is below 1 or the part lies outside
   */
  public PilResize(
      int h,
      int w,
      int outH,
      int outW,
      Interpolation interpolation,
      int top,
      int left,
      int cutH,
      int cutW) {
    if (h < 1 || w < 1 || outH < 1 || outW < 1) {
      throw new IllegalArgumentException(
          "Resizing %d x %d to %d x %d: all sides must be at least 1.".formatted(h, w, outH, outW));
    }
    if (top < 0 || left < 0 || cutH < 1 || cutW < 1 || top + cutH > outH || left + cutW > outW) {
      throw new IllegalArgumentException(
          "A part of %d x %d pixels at row %d, column %d does not lie in %d x %d."
              .formatted(cutH, cutW, top, left, outH, outW));
    }
    this.w = w;
    this.cutH = cutH;
    this.cutW = cutW;
    this.left = left;
    this.horizontal = w == outW ? null : new Filter(w, outW, interpolation, left, cutW);
    this.vertical = h == outH ? null : new Filter(h, outH, interpolation, top, cutH);
    int last = cutH - 1;
    this.firstRow = vertical == null ? top : vertical.first[0];
    this.rows = vertical == null ? cutH : vertical.first[last] + vertical.count[last] - firstRow;
  }

  /** Bytes of scratch that {@link #apply} needs. */
  public int scratch() {
    return rows * cutW;
  }

  /** out (cutH,cutW) = a part of the resized in (h,w), from their indices. */
  public void apply(byte[] in, int inAt, byte[] out, int outAt, byte[] scratch, int scratchAt) {
    byte[] between = vertical == null ? out : scratch;
    int betweenAt = vertical == null ? outAt : scratchAt;
    if (horizontal == null) {
      for (int i = 0; i < rows; i++) {
        int from = inAt + (firstRow + i) * w + left;
        System.arraycopy(in, from, between, betweenAt + i * cutW, cutW);
      }
    } else {
      for (int i = 0; i < rows; i++) {
        row(in, inAt + (firstRow + i) * w, between, betweenAt + i * cutW);
      }
    }
    if (vertical != null) {
      int[] sums = new int[cutW];
      for (int i = 0; i < cutH; i++) {
        sumRows(between, betweenAt + (vertical.first[i] - firstRow) * cutW, i, sums);
        for (int j = 0; j < cutW; j++) {
          out[outAt + i * cutW + j] = clip(sums[j]);
        }
      }
    }
  }

  private void row(byte[] in, int inAt, byte[] out, int outAt) {
    int[] weights = horizontal.weights;
    for (int j = 0; j < cutW; j++) {
      int sum = HALF;
      int from = inAt + horizontal.first[j];
      int at = j * horizontal.taps;
      for (int t = 0; t < horizontal.count[j]; t++) {
        sum += (in[from + t] & 0xff) * weights[at + t];
      }
      out[outAt + j] = clip(sum);
    }
  }

  /** The sums of a row of the result, a tap at a time: each is a loop over contiguous pixels. */
  private void sumRows(byte[] in, int from, int i, int[] sums) {
    java.util.Arrays.fill(sums, HALF);
    for (int t = 0; t < vertical.count[i]; t++) {
      int weight = vertical.weights[i * vertical.taps + t];
      int at = from + t * cutW;
      for (int j = 0; j < cutW; j++) {
        sums[j] += (in[at + j] & 0xff) * weight;
      }
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> PRECISION, 0, 255);
  }

  /** For each pixel of a part of the result: the first that it reads, how many, their weights. */
  private static final class Filter {
    final int taps;
    final int[] first;
    final int[] count;
    final int[] weights;

    Filter(int in, int out, Interpolation interpolation, int from, int length) {
      double scale = (double) in / out;
      double filterScale = Math.max(1, scale);
      double support = interpolation.support() * filterScale;
      taps = (int) Math.ceil(support) * 2 + 1;
      first = new int[length];
      count = new int[length];
      weights = new int[length * taps];
      for (int i = 0; i < length; i++) {
        double centre = (from + i + 0.5) * scale;
        int begin = Math.max(0, (int) (centre - support + 0.5));
        int end = Math.min(in, (int) (centre + support + 0.5));
        double[] exact = new double[end - begin];
        double total = 0;
        for (int t = 0; t < exact.length; t++) {
          exact[t] = interpolation.weight((t + begin - centre + 0.5) * (1 / filterScale));
          total += exact[t];
        }
        first[i] = begin;
        count[i] = exact.length;
        for (int t = 0; t < exact.length; t++) {
          double weight = (total == 0 ? exact[t] : exact[t] / total) * (1 << PRECISION);
          weights[i * taps + t] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
        }
      }
    }
  }
}
