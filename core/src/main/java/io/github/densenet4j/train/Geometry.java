package io.github.densenet4j.train;

import io.github.densenet4j.data.Picture;

/** Pictures whose pixels move; what comes from outside is black, as in Pillow. */
final class Geometry {
  /** Bits behind the point of a place in a picture. */
  private static final int FRACTION = 16;

  private Geometry() {}

  /** A part of a picture of the same size, moved by whole pixels. */
  static Picture moved(Picture picture, int down, int right) {
    return new Picture(
        picture.channels(), picture.height(), picture.width(), moved(picture, down, right, false));
  }

  /** The picture with left and right exchanged. */
  static Picture mirrored(Picture picture) {
    return picture.mirrored();
  }

  /** The picture with top and bottom exchanged. */
  static Picture upsideDown(Picture picture) {
    return new Picture(
        picture.channels(), picture.height(), picture.width(), moved(picture, 0, 0, true));
  }

  private static byte[] moved(Picture picture, int down, int right, boolean fromBottom) {
    int h = picture.height();
    int w = picture.width();
    byte[] out = new byte[picture.pixels().length];
    int from = Math.clamp(right, 0, w);
    int to = Math.clamp(w + right, 0, w);
    for (int c = 0; c < picture.channels(); c++) {
      for (int y = 0; y < h; y++) {
        int row = fromBottom ? h - 1 - y : y - down;
        if (row >= 0 && row < h && from < to) {
          int in = (c * h + row) * w;
          System.arraycopy(
              picture.pixels(), in + from - right, out, (c * h + y) * w + from, to - from);
        }
      }
    }
    return out;
  }

  /** A rectangle cut out. */
  static Picture cut(Picture picture, int top, int left, int height, int width) {
    byte[] out = new byte[picture.channels() * height * width];
    for (int c = 0; c < picture.channels(); c++) {
      for (int y = 0; y < height; y++) {
        int in = (c * picture.height() + top + y) * picture.width() + left;
        System.arraycopy(picture.pixels(), in, out, (c * height + y) * width, width);
      }
    }
    return new Picture(picture.channels(), height, width, out);
  }

  /** Turned about its middle by degrees, counter-clockwise, bilinearly. */
  static Picture rotated(Picture picture, double degrees) {
    return bilinear(picture, aboutMiddle(picture, degrees));
  }

  /** Turned about its middle by degrees, counter-clockwise, to the nearest pixel. */
  static Picture rotatedToNearest(Picture picture, double degrees) {
    return nearest(picture, aboutMiddle(picture, degrees));
  }

  private static double[] aboutMiddle(Picture picture, double degrees) {
    double angle = -Math.toRadians(degrees);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double x = picture.width() / 2.0;
    double y = picture.height() / 2.0;
    return new double[] {cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y};
  }

  /** Sheared: each row moves by its number times a factor, to the nearest pixel. */
  static Picture shearedAcross(Picture picture, double factor) {
    return nearest(picture, new double[] {1, factor, 0, 0, 1, 0});
  }

  /** Sheared: each column moves by its number times a factor, to the nearest pixel. */
  static Picture shearedDown(Picture picture, double factor) {
    return nearest(picture, new double[] {1, 0, 0, factor, 1, 0});
  }

  /**
   * The pixel at (x, y) comes from (m0 x + m1 y + m2, m3 x + m4 y + m5), middles of pixels; in 16 +
   * 16 bits, as Pillow does it: what falls on a border falls to Pillow's side.
   */
  private static Picture nearest(Picture picture, double[] m) {
    int h = picture.height();
    int w = picture.width();
    byte[] out = new byte[picture.pixels().length];
    long startX = fixed(m[2] + m[0] * 0.5 + m[1] * 0.5);
    long startY = fixed(m[5] + m[3] * 0.5 + m[4] * 0.5);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        long fromX = startX + y * fixed(m[1]) + x * fixed(m[0]) >> FRACTION;
        long fromY = startY + y * fixed(m[4]) + x * fixed(m[3]) >> FRACTION;
        if (fromX < 0 || fromX >= w || fromY < 0 || fromY >= h) {
          continue;
        }
        for (int c = 0; c < picture.channels(); c++) {
          int plane = c * h * w;
          out[plane + y * w + x] = picture.pixels()[plane + (int) fromY * w + (int) fromX];
        }
      }
    }
    return new Picture(picture.channels(), h, w, out);
  }

  private static long fixed(double value) {
    return (long) Math.floor(value * (1 << FRACTION) + 0.5);
  }

  /** As {@link #nearest}, between four pixels. */
  private static Picture bilinear(Picture picture, double[] m) {
    int h = picture.height();
    int w = picture.width();
    byte[] out = new byte[picture.pixels().length];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double fromX = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2];
        double fromY = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5];
        if (fromX < 0 || fromX >= w || fromY < 0 || fromY >= h) {
          continue;
        }
        for (int c = 0; c < picture.channels(); c++) {
          int plane = c * h * w;
          out[plane + y * w + x] = between(picture, plane, fromX - 0.5, fromY - 0.5);
        }
      }
    }
    return new Picture(picture.channels(), h, w, out);
  }

  private static byte between(Picture picture, int plane, double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double above = row(picture, plane, left, top, x - left);
    double below = row(picture, plane, left, top + 1, x - left);
    return (byte) (int) (above + (below - above) * (y - top));
  }

  private static double row(Picture picture, int plane, int left, int row, double part) {
    int w = picture.width();
    int at = plane + Math.clamp(row, 0, picture.height() - 1) * w;
    double first = picture.pixels()[at + Math.clamp(left, 0, w - 1)] & 0xff;
    double second = picture.pixels()[at + Math.clamp(left + 1, 0, w - 1)] & 0xff;
    return first + (second - first) * part;
  }
}
