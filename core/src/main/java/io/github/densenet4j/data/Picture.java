package io.github.densenet4j.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A picture of 8 bits a channel, with the pixels that Pillow's {@code convert("RGB")} and {@code
 * convert("L")} give.
 *
 * @param channels 1 (gray) or 3 (red, green, blue)
 * @param height in pixels
 * @param width in pixels
 * @param pixels unsigned bytes (channels, height, width)
 */
public record Picture(int channels, int height, int width, byte[] pixels) {
  private static final long MAXIMUM_FILE = 1L << 30;

  /**
   * Reads a JPEG, PNG, GIF (its first frame), BMP, TIFF or WebP file. Values are taken as they are
   * stored: colour profiles are not applied, transparency is left out, 16 bits are cut to 8 as
   * Pillow does it. The orientation that a camera noted is applied.
   *
   * @throws DataException if there is no such file or it cannot be decoded
   */
  public static Picture read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          Files.isDirectory(file) ? file + " is a directory." : file + " is not there.");
    }
    if (Files.size(file) > MAXIMUM_FILE) {
      throw new DataException(file + " has more than 1 GiB: it is not read as a picture.");
    }
    return PictureDecoder.decode(file.toString(), Files.readAllBytes(file));
  }

  /**
   * Reads a picture from a stream to its end; the stream stays open.
   *
   * @param name of the picture in messages
   * @throws DataException if it cannot be decoded
   */
  public static Picture read(InputStream in, String name) throws IOException {
    return PictureDecoder.decode(name, in.readAllBytes());
  }

  /** The pixels of an image in memory, without any colour management. */
  public static Picture of(BufferedImage image) {
    return Pixels.of(image);
  }

  /** An image in memory with these pixels. */
  public BufferedImage toImage() {
    int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(width, height, type);
    int[] row = new int[width];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          row[x] = pixels[(c * height + y) * width + x] & 0xff;
        }
        image.getRaster().setSamples(0, y, width, 1, c, row);
      }
    }
    return image;
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

  /** All channels resized by what was made for this size, and cut to h x w pixels. */
  public Picture resized(PilResize resize, int h, int w) {
    byte[] scratch = new byte[resize.scratch()];
    byte[] out = new byte[channels * h * w];
    for (int c = 0; c < channels; c++) {
      resize.apply(pixels, c * height * width, out, c * h * w, scratch, 0);
    }
    return new Picture(channels, h, w, out);
  }

  /** The picture with left and right exchanged. */
  public Picture mirrored() {
    return oriented(2);
  }

  /**
   * The picture as it should be seen.
   *
   * @param orientation of the Exif standard, 1 to 8; others leave it as it is
   */
  Picture oriented(int orientation) {
    if (orientation < 2 || orientation > 8) {
      return this;
    }
    boolean turned = orientation >= 5; // rows become columns
    int h = turned ? width : height;
    int w = turned ? height : width;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    byte[] out = new byte[pixels.length];
    int at = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
          int across = fromRight ? w - 1 - x : x;
          int down = fromBottom ? h - 1 - y : y;
          int row = turned ? across : down;
          int column = turned ? down : across;
          out[at++] = pixels[(c * height + row) * width + column];
        }
      }
    }
    return new Picture(channels, h, w, out);
  }
}
