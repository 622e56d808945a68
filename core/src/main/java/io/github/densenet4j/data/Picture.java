package io.github.densenet4j.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * A picture of 8 bits a channel.
 *
 * @param channels 1 (gray) or 3 (red, green, blue)
 * @param height in pixels
 * @param width in pixels
 * @param pixels unsigned bytes (channels, height, width)
 */
public record Picture(int channels, int height, int width, byte[] pixels) {
  /**
   * Reads a PNG or JPEG file. Gray values are taken as they are stored, not through a colour
   * profile; transparency is left out.
   *
   * @throws DataException if there is no such file or it cannot be decoded
   */
  public static Picture read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + " is not there.");
    }
    BufferedImage image;
    try (InputStream in = Files.newInputStream(file)) {
      ImageIO.setUseCache(false);
      image = ImageIO.read(in);
    } catch (IOException | RuntimeException e) {
      throw new DataException(file + " cannot be decoded: " + e.getMessage() + ".", e);
    }
    if (image == null) {
      throw new DataException(file + " is not a picture in a known format (PNG, JPEG, GIF, BMP).");
    }
    return of(image);
  }

  private static Picture of(BufferedImage image) {
    int h = image.getHeight();
    int w = image.getWidth();
    Raster raster = image.getRaster();
    boolean palette = image.getColorModel() instanceof IndexColorModel;
    int bands = raster.getNumBands();
    int channels = bands >= 3 || palette ? 3 : 1;
    byte[] pixels = new byte[channels * h * w];
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    int[] sample = new int[bands];
    for (int y = 0, i = 0; y < h; y++) {
      for (int x = 0; x < w; x++, i++) {
        if (palette) {
          int rgb = image.getRGB(x, y);
          pixels[i] = (byte) (rgb >> 16);
          pixels[h * w + i] = (byte) (rgb >> 8);
          pixels[2 * h * w + i] = (byte) rgb;
        } else {
          raster.getPixel(x, y, sample);
          for (int c = 0; c < channels; c++) {
            pixels[c * h * w + i] = (byte) (sample[c] >> shift);
          }
        }
      }
    }
    return new Picture(channels, h, w, pixels);
  }

  /**
   * The same picture in gray (by Pillow's luma weights) or in colour (three equal channels).
   *
   * @param wanted 1 or 3
   * @throws IllegalArgumentException if it is another number
   */
  public Picture toChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    int area = height * width;
    byte[] out = new byte[wanted * area];
    if (wanted == 3) {
      for (int c = 0; c < 3; c++) {
        System.arraycopy(pixels, 0, out, c * area, area);
      }
    } else if (wanted == 1) {
      for (int i = 0; i < area; i++) {
        int luma =
            (pixels[i] & 0xff) * 19595
                + (pixels[area + i] & 0xff) * 38470
                + (pixels[2 * area + i] & 0xff) * 7471;
        out[i] = (byte) (luma + 0x8000 >> 16);
      }
    } else {
      throw new IllegalArgumentException(
          "A picture file gives 1 or 3 channels, the network wants "
              + wanted
              + ": pass its input as .npy.");
    }
    return new Picture(wanted, height, width, out);
  }
}
