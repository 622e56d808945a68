package io.github.densenet4j.report;

import io.github.densenet4j.data.Picture;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Pictures small enough to lie inside a page by the hundred. */
final class Thumbnail {
  private static final int LOSSLESS = 64; // up to this side, each pixel is worth showing
  private static final int SIDE = 112;

  private Thumbnail() {}

  /** The picture in pixels, no side longer than 112. */
  static BufferedImage image(Picture picture) {
    int h = picture.height();
    int w = picture.width();
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    int area = h * w;
    byte[] pixels = picture.pixels();
    for (int i = 0; i < area; i++) {
      int red = pixels[i] & 0xff;
      int green = pixels[picture.channels() == 3 ? area + i : i] & 0xff;
      int blue = pixels[picture.channels() == 3 ? 2 * area + i : i] & 0xff;
      image.setRGB(i % w, i / w, red << 16 | green << 8 | blue);
    }
    double scale = Math.min(1, (double) SIDE / Math.max(h, w));
    if (scale == 1) {
      return image;
    }
    BufferedImage small =
        new BufferedImage(
            (int) Math.max(1, Math.round(w * scale)),
            (int) Math.max(1, Math.round(h * scale)),
            BufferedImage.TYPE_INT_RGB);
    Graphics2D g = small.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    g.drawImage(image, 0, 0, small.getWidth(), small.getHeight(), null);
    g.dispose();
    return small;
  }

  /** The picture as a data address: PNG if it is tiny, else JPEG. */
  static String address(Picture picture) throws IOException {
    String format = isTiny(picture.height(), picture.width()) ? "png" : "jpeg";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image(picture), format, out);
    return "data:image/"
        + format
        + ";base64,"
        + Base64.getEncoder().encodeToString(out.toByteArray());
  }

  /** Whether pixels are shown as squares. */
  static boolean isTiny(int height, int width) {
    return Math.max(height, width) <= LOSSLESS;
  }
}
