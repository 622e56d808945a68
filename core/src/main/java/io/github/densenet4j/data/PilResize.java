package io.github.densenet4j.data;

/**
 * Resizes one channel of 8 bits bilinearly, bit for bit as Pillow does (libImaging/Resample.c): a
 * triangle filter that widens when a picture shrinks, horizontally, then vertically, with weights
 * of 22 fractional bits and 8 bits between the passes.
 */
public final class PilResize {
  private static final int PRECISION = 32 - 8 - 2;

  private final int h;
  private final int w;
  private final int outH;
  private final int outW;
  private final Filter horizontal;
  private final Filter vertical;

  /** From pictures of h x w pixels to outH x outW. */
  public PilResize(int h, int w, int outH, int outW) {
    if (h < 1 || w < 1 || outH < 1 || outW < 1) {
      throw new IllegalArgumentException(
          "Resizing %d x %d to %d x %d: all sides must be at least 1.".formatted(h, w, outH, outW));
    }
    this.h = h;
    this.w = w;
    this.outH = outH;
    this.outW = outW;
    this.horizontal = w == outW ? null : new Filter(w, outW);
    this.vertical = h == outH ? null : new Filter(h, outH);
  }

  /** Bytes of scratch that {@link #apply} needs. */
  public int scratch() {
    return h * outW;
  }

  /** out (outH,outW) = in (h,w), from their indices. */
  public void apply(byte[] in, int inAt, byte[] out, int outAt, byte[] scratch, int scratchAt) {
    if (horizontal == null && vertical == null) {
      System.arraycopy(in, inAt, out, outAt, h * w);
    } else if (vertical == null) {
      rows(in, inAt, out, outAt);
    } else if (horizontal == null) {
      columns(in, inAt, out, outAt);
    } else {
      rows(in, inAt, scratch, scratchAt);
      columns(scratch, scratchAt, out, outAt);
    }
  }

  private void rows(byte[] in, int inAt, byte[] out, int outAt) {
    for (int i = 0; i < h; i++) {
      for (int j = 0; j < outW; j++) {
        int sum = 1 << PRECISION - 1;
        int from = inAt + i * w + horizontal.first[j];
        for (int t = 0; t < horizontal.count[j]; t++) {
          sum += (in[from + t] & 0xff) * horizontal.weights[j * horizontal.taps + t];
        }
        out[outAt + i * outW + j] = clip(sum);
      }
    }
  }

  private void columns(byte[] in, int inAt, byte[] out, int outAt) {
    for (int i = 0; i < outH; i++) {
      for (int j = 0; j < outW; j++) {
        int sum = 1 << PRECISION - 1;
        int from = inAt + vertical.first[i] * outW + j;
        for (int t = 0; t < vertical.count[i]; t++) {
          sum += (in[from + t * outW] & 0xff) * vertical.weights[i * vertical.taps + t];
        }
        out[outAt + i * outW + j] = clip(sum);
      }
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.clamp(sum >> PRECISION, 0, 255);
  }

  /** For each pixel of the result: the first pixel that it reads, how many, and their weights. */
  private static final class Filter {
    final int taps;
    final int[] first;
    final int[] count;
    final int[] weights;

    Filter(int in, int out) {
      double scale = (double) in / out;
      double filterScale = Math.max(1, scale);
      double support = filterScale;
      taps = (int) Math.ceil(support) * 2 + 1;
      first = new int[out];
      count = new int[out];
      weights = new int[out * taps];
      for (int i = 0; i < out; i++) {
        double centre = (i + 0.5) * scale;
        int from = Math.max(0, (int) (centre - support + 0.5));
        int to = Math.min(in, (int) (centre + support + 0.5));
        double[] exact = new double[to - from];
        double total = 0;
        for (int t = 0; t < exact.length; t++) {
          double distance = Math.abs((t + from - centre + 0.5) * (1 / filterScale));
          exact[t] = distance < 1 ? 1 - distance : 0;
          total += exact[t];
        }
        first[i] = from;
        count[i] = exact.length;
        for (int t = 0; t < exact.length; t++) {
          double weight = total == 0 ? exact[t] : exact[t] / total;
          weights[i * taps + t] = (int) (0.5 + weight * (1 << PRECISION));
        }
      }
    }
  }
}
