package io.github.densenet4j.train;

import io.github.densenet4j.data.Picture;
import java.util.function.IntUnaryOperator;

/** Pictures whose colours change, with Pillow's arithmetic (ImageEnhance, ImageOps). */
final class Colours {
  private static final int CENTRE = 5;
  private static final double SMOOTH = 13;

  private Colours() {}

  /** Nearer to black (0), the same (1), lighter (above 1). */
  static Picture brightness(Picture picture, double factor) {
    return map(picture, v -> blend(0, v, factor));
  }

  /** Nearer to its mean gray (0), the same (1), stronger (above 1). */
  static Picture contrast(Picture picture, double factor) {
    Picture gray = picture.toChannels(1);
    long sum = 0;
    for (byte v : gray.pixels()) {
      sum += v & 0xff;
    }
    int mean = (int) ((double) sum / gray.pixels().length + 0.5);
    return map(picture, v -> blend(mean, v, factor));
  }

  /** Nearer to gray (0), the same (1), more colourful (above 1). */
  static Picture saturation(Picture picture, double factor) {
    byte[] gray = picture.toChannels(1).pixels();
    byte[] out = new byte[picture.pixels().length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) blend(gray[i % gray.length] & 0xff, picture.pixels()[i] & 0xff, factor);
    }
    return new Picture(picture.channels(), picture.height(), picture.width(), out);
  }

  /** Nearer to a smoothed copy (0), the same (1), sharper (above 1). */
  static Picture sharpness(Picture picture, double factor) {
    int h = picture.height();
    int w = picture.width();
    byte[] in = picture.pixels();
    byte[] out = in.clone();
    for (int i = 0; i < in.length; i++) {
      int x = i % w;
      int y = i / w % h;
      if (x > 0 && x < w - 1 && y > 0 && y < h - 1) {
        int sum = (CENTRE - 1) * (in[i] & 0xff);
        for (int dy = -w; dy <= w; dy += w) {
          sum += (in[i + dy - 1] & 0xff) + (in[i + dy] & 0xff) + (in[i + dy + 1] & 0xff);
        }
        out[i] = (byte) blend((int) (sum / SMOOTH + 0.5), in[i] & 0xff, factor);
      }
    }
    return new Picture(picture.channels(), h, w, out);
  }

  /** Hues turned by a part of the circle, in [-0.5, 0.5]; gray pictures stay. */
  static Picture hue(Picture picture, double turn) {
    if (picture.channels() == 1) {
      return picture;
    }
    int area = picture.height() * picture.width();
    byte[] in = picture.pixels();
    byte[] out = new byte[in.length];
    float[] hsv = new float[3];
    for (int i = 0; i < area; i++) {
      java.awt.Color.RGBtoHSB(in[i] & 0xff, in[area + i] & 0xff, in[2 * area + i] & 0xff, hsv);
      int rgb = java.awt.Color.HSBtoRGB((float) (hsv[0] + turn), hsv[1], hsv[2]);
      out[i] = (byte) (rgb >> 16);
      out[area + i] = (byte) (rgb >> 8);
      out[2 * area + i] = (byte) rgb;
    }
    return new Picture(3, picture.height(), picture.width(), out);
  }

  /** Only the upper bits of each value. */
  static Picture posterised(Picture picture, int bits) {
    int mask = 0xff << 8 - bits & 0xff;
    return map(picture, v -> v & mask);
  }

  /** Values from a threshold on inverted. */
  static Picture solarised(Picture picture, double threshold) {
    return map(picture, v -> v < threshold ? v : 255 - v);
  }

  /** Each channel stretched to the whole range. */
  static Picture autoContrast(Picture picture) {
    return channelwise(
        picture,
        counts -> {
          int low = 0;
          int high = 255;
          while (low < 255 && counts[low] == 0) {
            low++;
          }
          while (high > 0 && counts[high] == 0) {
            high--;
          }
          if (high <= low) {
            return v -> v;
          }
          double scale = 255.0 / (high - low);
          double offset = -low * scale;
          return v -> Math.clamp((int) (v * scale + offset), 0, 255);
        });
  }

  /** Each channel's histogram made even. */
  static Picture equalised(Picture picture) {
    return channelwise(
        picture,
        counts -> {
          int last = 255;
          while (last > 0 && counts[last] == 0) {
            last--;
          }
          int all = 0;
          for (int count : counts) {
            all += count;
          }
          int step = (all - counts[last]) / 255;
          if (step == 0) {
            return v -> v;
          }
          int[] table = new int[256];
          int n = step / 2;
          for (int v = 0; v < 256; v++) {
            table[v] = Math.min(255, n / step);
            n += counts[v];
          }
          return v -> table[v];
        });
  }

  /** A function of a channel's histogram (256). */
  private interface FromHistogram {
    IntUnaryOperator table(int[] counts);
  }

  private static Picture channelwise(Picture picture, FromHistogram how) {
    int area = picture.height() * picture.width();
    byte[] out = new byte[picture.pixels().length];
    for (int c = 0; c < picture.channels(); c++) {
      int[] counts = new int[256];
      for (int i = c * area; i < (c + 1) * area; i++) {
        counts[picture.pixels()[i] & 0xff]++;
      }
      IntUnaryOperator table = how.table(counts);
      for (int i = c * area; i < (c + 1) * area; i++) {
        out[i] = (byte) table.applyAsInt(picture.pixels()[i] & 0xff);
      }
    }
    return new Picture(picture.channels(), picture.height(), picture.width(), out);
  }

  private static Picture map(Picture picture, IntUnaryOperator function) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = (byte) function.applyAsInt(v);
    }
    byte[] out = new byte[picture.pixels().length];
    for (int i = 0; i < out.length; i++) {
      out[i] = table[picture.pixels()[i] & 0xff];
    }
    return new Picture(picture.channels(), picture.height(), picture.width(), out);
  }

  /** Pillow's blend: in single precision, cut off towards 0. */
  private static int blend(int from, int to, double factor) {
    float value = from + (float) factor * (to - from);
    return value <= 0 ? 0 : value >= 255 ? 255 : (int) value;
  }
}
