package io.github.densenet4j.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** From rasters to bytes (C,H,W) by Pillow's rules; no colour is managed. */
final class Pixels {
  private Pixels() {}

  static Picture of(BufferedImage image) {
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    if (model instanceof IndexColorModel palette) {
      return palette(raster, palette);
    }
    int bands = raster.getNumBands();
    // of gray, gray and alpha, colours, colours and alpha: the alpha is left out
    return planes(raster, bands < 3 ? 1 : 3);
  }

  /**
   * The first bands of a raster. Of 16 bits Pillow takes the upper 8, but of gray alone it cuts
   * everything above 255 off: so do we.
   */
  static Picture planes(Raster raster, int channels) {
    int h = raster.getHeight();
    int w = raster.getWidth();
    byte[] pixels = new byte[channels * h * w];
    int[] row = new int[w];
    boolean alone = raster.getNumBands() == 1;
    for (int c = 0; c < channels; c++) {
      int bits = raster.getSampleModel().getSampleSize(c);
      for (int y = 0; y < h; y++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, w, 1, c, row);
        for (int x = 0; x < w; x++) {
          pixels[(c * h + y) * w + x] = toByte(row[x], bits, alone);
        }
      }
    }
    return new Picture(channels, h, w, pixels);
  }

  private static byte toByte(int value, int bits, boolean alone) {
    if (bits == 8) {
      return (byte) value;
    }
    if (bits < 8) {
      return (byte) (value * 255 / ((1 << bits) - 1));
    }
    return (byte) (alone && bits == 16 ? Math.min(value, 255) : value >>> bits - 8);
  }

  private static Picture palette(Raster raster, IndexColorModel palette) {
    int size = palette.getMapSize();
    byte[][] colours = new byte[3][size];
    palette.getReds(colours[0]);
    palette.getGreens(colours[1]);
    palette.getBlues(colours[2]);
    int h = raster.getHeight();
    int w = raster.getWidth();
    byte[] pixels = new byte[3 * h * w];
    int[] row = new int[w];
    for (int y = 0; y < h; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, w, 1, 0, row);
      for (int x = 0; x < w; x++) {
        for (int c = 0; c < 3; c++) {
          pixels[(c * h + y) * w + x] = row[x] < size ? colours[c][row[x]] : 0;
        }
      }
    }
    return new Picture(3, h, w, pixels);
  }

  /**
   * Red, green and blue from cyan, magenta, yellow and black (4,H,W), as Pillow's {@code cmyk2rgb}.
   */
  static Picture fromCmyk(Picture cmyk) {
    int area = cmyk.height() * cmyk.width();
    byte[] in = cmyk.pixels();
    byte[] out = new byte[3 * area];
    for (int i = 0; i < area; i++) {
      int light = 255 - (in[3 * area + i] & 0xff);
      for (int c = 0; c < 3; c++) {
        int product = (in[c * area + i] & 0xff) * light + 128;
        out[c * area + i] = (byte) Math.clamp(light - ((product >> 8) + product >> 8), 0, 255);
      }
    }
    return new Picture(3, cmyk.height(), cmyk.width(), out);
  }

  /**
   * Red, green and blue from the Y, Cb and Cr of the first three planes, in place, with the 16 bit
   * fixed point numbers of libjpeg (jdcolor.c).
   *
   * @param inverted whether the results are 255 minus the colour, as for YCCK to CMYK
   */
  static void fromYcc(Picture picture, boolean inverted) {
    int area = picture.height() * picture.width();
    byte[] p = picture.pixels();
    for (int i = 0; i < area; i++) {
      int y = p[i] & 0xff;
      int cb = (p[area + i] & 0xff) - 128;
      int cr = (p[2 * area + i] & 0xff) - 128;
      int r = y + (91881 * cr + 32768 >> 16);
      int g = y + (-22554 * cb - 46802 * cr + 32768 >> 16);
      int b = y + (116130 * cb + 32768 >> 16);
      p[i] = (byte) Math.clamp(inverted ? 255 - r : r, 0, 255);
      p[area + i] = (byte) Math.clamp(inverted ? 255 - g : g, 0, 255);
      p[2 * area + i] = (byte) Math.clamp(inverted ? 255 - b : b, 0, 255);
    }
  }
}
