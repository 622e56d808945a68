package io.github.densenet4j.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NumPy's array files, as far as a network's input and labels need them, in C order.
 *
 * @param shape the sides, outermost first
 * @param values float32 in C order
 */
public record Npy(int[] shape, float[] values) {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");

  /**
   * Reads a file.
   *
   * @throws DataException if it is not such an array
   */
  public static Npy read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + " is not there.");
    }
    if (Files.size(file) > Integer.MAX_VALUE - 64) {
      throw new DataException(file + " is larger than 2 GiB: divide it.");
    }
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (all.capacity() < 12 || all.getLong(0) << 16 != 0x59504d554e93L << 16) {
      throw new DataException(file + " is not a NumPy array file.");
    }
    boolean old = all.get(6) == 1;
    long header = old ? all.getShort(8) & 0xffff : all.getInt(8) & 0xffffffffL;
    int at = old ? 10 : 12;
    if (at + header > all.capacity()) {
      throw new DataException(file + " is cut off in its header.");
    }
    String text = new String(all.array(), at, (int) header, StandardCharsets.ISO_8859_1);
    if (!field(file, TYPE, text).equals("<f4") || !field(file, ORDER, text).equals("False")) {
      throw new DataException(
          file
              + " is not float32 in C order: save it with numpy.ascontiguousarray(x,"
              + " dtype='<f4').");
    }
    int[] shape = shape(file, field(file, SHAPE, text));
    long size = Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
    int from = at + (int) header;
    if (all.capacity() - from != 4 * size) {
      throw new DataException(
          "%s of shape %s needs %,d bytes behind its header, %,d are there."
              .formatted(file, Arrays.toString(shape), 4 * size, all.capacity() - from));
    }
    float[] values = new float[(int) size];
    all.slice(from, (int) (4 * size)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new Npy(shape, values);
  }

  /**
   * An array in a mapped file.
   *
   * @param type NumPy's name of it, e.g. {@code |u1}
   * @param shape the sides, outermost first
   * @param values in C order, little-endian
   */
  record Mapped(String type, int[] shape, MemorySegment values) {
    /**
     * A value of whole numbers.
     *
     * @throws DataException if they are of another type
     */
    long whole(Path file, long index) throws DataException {
      return switch (type) {
        case "|u1", "|b1" -> values.get(ValueLayout.JAVA_BYTE, index) & 0xff;
        case "|i1" -> values.get(ValueLayout.JAVA_BYTE, index);
        case "<i2" -> values.get(SHORT, 2 * index);
        case "<u2" -> values.get(SHORT, 2 * index) & 0xffff;
        case "<i4" -> values.get(INT, 4 * index);
        case "<u4" -> values.get(INT, 4 * index) & 0xffffffffL;
        case "<i8", "<u8" -> values.get(LONG, 8 * index);
        default ->
            throw new DataException(
                file + " is of type " + type + ", expected whole numbers: y.astype('int64').");
      };
    }
  }

  /**
   * Maps a file of any type that has a fixed size.
   *
   * @throws DataException if it is damaged or in Fortran's order
   */
  static Mapped map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      if (size < 12 || all.get(LONG, 0) << 16 != 0x59504d554e93L << 16) {
        throw new DataException(file + " is not a NumPy array file.");
      }
      boolean old = all.get(ValueLayout.JAVA_BYTE, 6) == 1;
      long header = old ? all.get(SHORT, 8) & 0xffff : all.get(INT, 8) & 0xffffffffL;
      int at = old ? 10 : 12;
      if (at + header > size || header > 1 << 16) {
        throw new DataException(file + " is cut off in its header.");
      }
      byte[] bytes = all.asSlice(at, header).toArray(ValueLayout.JAVA_BYTE);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      String type = field(file, TYPE, text);
      if (!field(file, ORDER, text).equals("False") || !type.matches("[|<][ubif][1248]")) {
        throw new DataException(
            file
                + " is of type "
                + type
                + ", or not in C order: save it with numpy.ascontiguousarray(x).");
      }
      int[] shape = shape(file, field(file, SHAPE, text));
      long needed =
          Arrays.stream(shape).asLongStream().reduce(type.charAt(2) - '0', Math::multiplyExact);
      if (size - at - header != needed) {
        throw new DataException(
            "%s of shape %s needs %,d bytes behind its header, %,d are there."
                .formatted(file, Arrays.toString(shape), needed, size - at - header));
      }
      return new Mapped(type, shape, all.asSlice(at + header));
    } catch (ArithmeticException e) {
      throw new DataException(file + " announces an absurd size.", e);
    }
  }

  private static String field(Path file, Pattern pattern, String header) throws DataException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new DataException(file + " has a damaged header.");
    }
    return matcher.group(1);
  }

  private static int[] shape(Path file, String sides) throws DataException {
    try {
      return Arrays.stream(sides.split(","))
          .map(String::trim)
          .filter(s -> !s.isEmpty())
          .mapToInt(Integer::parseUnsignedInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new DataException(file + " has the shape (" + sides + ").", e);
    }
  }
}
