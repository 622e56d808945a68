package io.github.densenet4j.data;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicReference;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes picture files through ImageIO: JPEG, PNG, GIF and BMP with the JDK's readers, TIFF and
 * WebP with TwelveMonkeys'.
 *
 * <p>JPEG is read as a raster and its colours are computed here: the JDK's decoder is libjpeg with
 * the same transform and the same smooth upsampling that Pillow's has, but ImageIO would apply the
 * colour profile, and cannot make colours of CMYK.
 */
final class PictureDecoder {
  /** More than this many pixels are refused before memory is taken for them. */
  private static final long MAXIMUM_PIXELS = 200_000_000;

  private final String name;
  private final byte[] bytes;

  private PictureDecoder(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  /**
   * Decodes a file.
   *
   * @throws DataException naming it, if it cannot be decoded
   */
  static Picture decode(String name, byte[] bytes) throws DataException {
    PictureDecoder decoder = new PictureDecoder(name, bytes);
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      ImageReader reader = decoder.reader(in);
      try {
        return decoder.decode(reader, in).oriented(decoder.orientation());
      } finally {
        reader.dispose();
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) { // what the readers throw
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new DataException(name + " cannot be decoded: " + why + ".", e);
    }
  }

  private ImageReader reader(ImageInputStream in) throws DataException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    ImageReader first = null;
    while (readers.hasNext()) { // the JDK's where there are several: see above
      ImageReader reader = readers.next();
      boolean own = reader.getClass().getName().startsWith("com.sun.imageio.");
      boolean tiff = reader.getClass().getSimpleName().startsWith("TIFF");
      if (first == null || own != tiff) {
        first = reader;
      }
    }
    if (first == null) {
      throw new DataException(
          name
              + (bytes.length == 0
                  ? " is an empty file."
                  : " is not a picture in a known format (JPEG, PNG, GIF, BMP, TIFF, WebP)."));
    }
    return first;
  }

  private Picture decode(ImageReader reader, ImageInputStream in) throws IOException {
    AtomicReference<String> cut = new AtomicReference<>();
    reader.addIIOReadWarningListener(
        (_, warning) -> {
          if (warning.contains("Premature end") || warning.contains("runcated")) {
            cut.set(warning);
          }
        });
    requireWholeRiff();
    reader.setInput(in, false, false);
    long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
    if (pixels > MAXIMUM_PIXELS || pixels < 1) {
      throw new DataException(
          "%s announces %,d x %,d pixels, at most %,d in all are read: it is damaged, or make it smaller."
              .formatted(name, reader.getWidth(0), reader.getHeight(0), MAXIMUM_PIXELS));
    }
    Picture picture =
        switch (reader.getFormatName().toLowerCase(java.util.Locale.ROOT)) {
          case "jpeg" -> jpeg(reader.readRaster(0, null));
          case "gif" -> onScreen(reader, reader.read(0));
          default -> picture(reader);
        };
    if (cut.get() != null) {
      throw new DataException(name + " is cut off: " + cut.get() + ".");
    }
    return picture;
  }

  /** WebP's container says how long it is; its reader does not mind when that is missing. */
  private void requireWholeRiff() throws DataException {
    if (bytes.length >= 12 && bytes[0] == 'R' && bytes[1] == 'I' && bytes[2] == 'F') {
      long size = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(4) & 0xffffffffL;
      if (size + 8 > bytes.length) {
        throw new DataException(
            "%s is cut off: %,d bytes are announced, %,d are there."
                .formatted(name, size + 8, bytes.length));
      }
    }
  }

  private static Picture picture(ImageReader reader) throws IOException {
    if (reader.canReadRaster()) {
      Raster raster = reader.readRaster(0, null);
      if (raster.getNumBands() == 4 && isCmyk(reader)) {
        return Pixels.fromCmyk(Pixels.planes(raster, 4));
      }
    }
    return Pixels.of(reader.read(0));
  }

  private static boolean isCmyk(ImageReader reader) throws IOException {
    var type = reader.getRawImageType(0);
    return type != null
        && type.getColorModel().getColorSpace().getType() == java.awt.color.ColorSpace.TYPE_CMYK;
  }

  // ---- JPEG

  private Picture jpeg(Raster raster) throws DataException {
    JpegColours colours = JpegColours.of(bytes);
    int bands = raster.getNumBands();
    Picture raw = Pixels.planes(raster, bands);
    switch (bands) {
      case 1:
        return raw;
      case 3:
        if (colours == JpegColours.YCC) {
          Pixels.fromYcc(raw, false);
        }
        return raw;
      case 4:
        if (colours == JpegColours.YCC) {
          Pixels.fromYcc(raw, true);
        }
        for (int i = 0; i < raw.pixels().length; i++) { // Adobe's programs store ink inverted
          raw.pixels()[i] ^= (byte) 0xff;
        }
        return Pixels.fromCmyk(raw);
      default:
        throw new DataException(name + " has " + bands + " channels: 1, 3 or 4 are known of JPEG.");
    }
  }

  // ---- GIF

  /** A frame may cover a part of the logical screen only: Pillow shows the whole screen. */
  private static Picture onScreen(ImageReader reader, BufferedImage frame) throws IOException {
    Picture picture = Pixels.of(frame);
    int[] screen =
        attributes(
            reader.getStreamMetadata(),
            "LogicalScreenDescriptor",
            "logicalScreenWidth",
            "logicalScreenHeight");
    int[] place =
        attributes(
            reader.getImageMetadata(0), "ImageDescriptor", "imageLeftPosition", "imageTopPosition");
    int w = Math.max(screen[0], place[0] + picture.width());
    int h = Math.max(screen[1], place[1] + picture.height());
    if (w == picture.width() && h == picture.height() || (long) w * h > MAXIMUM_PIXELS) {
      return picture;
    }
    byte[] out = new byte[picture.channels() * h * w];
    for (int c = 0; c < picture.channels(); c++) {
      for (int y = 0; y < picture.height(); y++) {
        System.arraycopy(
            picture.pixels(),
            (c * picture.height() + y) * picture.width(),
            out,
            (c * h + place[1] + y) * w + place[0],
            picture.width());
      }
    }
    return new Picture(picture.channels(), h, w, out);
  }

  private static int[] attributes(IIOMetadata metadata, String node, String first, String second) {
    if (metadata.getAsTree(metadata.getNativeMetadataFormatName()) instanceof IIOMetadataNode tree
        && tree.getElementsByTagName(node).item(0) instanceof IIOMetadataNode found) {
      return new int[] {
        Integer.parseInt(found.getAttribute(first)), Integer.parseInt(found.getAttribute(second))
      };
    }
    return new int[2];
  }

  // ---- orientation

  /** 1 to 8; 1 if the file does not say it. What is wrong with its notes is not the picture's. */
  private int orientation() {
    try {
      Metadata metadata = ImageMetadataReader.readMetadata(new ByteArrayInputStream(bytes));
      for (ExifIFD0Directory exif : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
        Integer value = exif.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
        if (value != null) {
          return value;
        }
      }
    } catch (ImageProcessingException | IOException | RuntimeException e) {
      return 1;
    }
    return 1;
  }
}
