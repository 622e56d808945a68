package io.github.densenet4j.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Unpacks folders and files of a tar archive (POSIX ustar); what else may stand in one is refused.
 * For archives whose contents are known: a library for all of tar would be larger than all that it
 * unpacks for us.
 */
final class TarFile {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_AT = 156;

  private TarFile() {}

  /** Writes everything into a folder. */
  static void unpack(InputStream in, Path folder) throws IOException {
    byte[] header = new byte[BLOCK];
    while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
      String name = text(header, 0, NAME);
      Path file = folder.resolve(name).normalize();
      if (!file.startsWith(folder.normalize())) {
        throw new IOException("the archive's entry " + name + " leads out of its folder");
      }
      long size = size(header, name);
      switch (header[TYPE_AT]) {
        case '5' -> Files.createDirectories(file);
        case '0', 0 -> {
          Files.createDirectories(file.getParent());
          try (OutputStream out = Files.newOutputStream(file)) {
            copy(in, out, size, name);
          }
          in.skipNBytes(Math.floorMod(-size, BLOCK));
        }
        default ->
            throw new IOException(
                "the archive's entry %s is of the kind '%c', expected a file or a folder"
                    .formatted(name, header[TYPE_AT]));
      }
    }
  }

  private static void copy(InputStream in, OutputStream out, long size, String name)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = size; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("the archive ends within " + name);
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  private static long size(byte[] header, String name) throws IOException {
    String octal = text(header, SIZE_AT, SIZE_LENGTH).strip();
    if (!octal.matches("[0-7]{0,12}")) {
      throw new IOException("the archive's entry " + name + " has no length");
    }
    return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
  }

  private static String text(byte[] header, int at, int length) {
    int end = at;
    while (end < at + length && header[end] != 0) {
      end++;
    }
    return new String(header, at, end - at, StandardCharsets.UTF_8);
  }
}
