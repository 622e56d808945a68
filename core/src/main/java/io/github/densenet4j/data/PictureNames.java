package io.github.densenet4j.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Which files are pictures, by their names. */
public final class PictureNames {
  private static final List<String> ENDINGS =
      List.of("bmp", "gif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp");

  private PictureNames() {}

  /** The endings of pictures' names, in small letters. */
  public static List<String> endings() {
    return ENDINGS;
  }

  /** Whether a file that is not hidden has the ending of a picture. */
  public static boolean isPicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
  }
}
