package io.github.densenet4j.report;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.DoubleSupplier;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;

/**
 * TensorBoard's event file: records of a length, its checksum, a protobuf {@code Event} and its
 * checksum, as TensorFlow's {@code record_writer} and {@code event.proto} have them. What is
 * written is in the file at once, so that TensorBoard can follow a run.
 */
public final class EventFile implements Closeable {
  private static final int MASK = 0xa282ead8;
  private static final int BUCKETS = 50;
  private static final String VERSION = "brain.Event:2";

  private final OutputStream out;
  private final DoubleSupplier clock;

  /**
   * A new file {@code events.out.tfevents.SECONDS.densenet4j} in a directory.
   *
   * @throws IOException if it cannot be written, or is there already
   */
  public static EventFile create(Path directory) throws IOException {
    Files.createDirectories(directory);
    long millis = System.currentTimeMillis();
    String name = "events.out.tfevents.%d.densenet4j.%d".formatted(millis / 1000, millis % 1000);
    return new EventFile(
        Files.newOutputStream(
            directory.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        () -> System.currentTimeMillis() / 1000.0);
  }

  /**
   * Writes events to a stream.
   *
   * @param clock seconds since 1970
   */
  EventFile(OutputStream out, DoubleSupplier clock) throws IOException {
    this.out = out;
    this.clock = clock;
    event(0, 3, VERSION.getBytes(StandardCharsets.UTF_8));
  }

  /** A value of a curve. */
  public void scalar(String tag, long step, double value) throws IOException {
    summary(tag, step, p -> p.writeFloat(2, (float) value));
  }

  /**
   * How values are spread.
   *
   * @param values of which those from {@code from} on are meant
   * @param count how many, at least 1
   */
  public void histogram(String tag, long step, float[] values, int from, int count)
      throws IOException {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
      sum += values[i];
      squares += (double) values[i] * values[i];
    }
    double width = (max > min ? max - min : 1) / BUCKETS;
    double[] counts = new double[BUCKETS];
    double[] limits = new double[BUCKETS];
    for (int b = 0; b < BUCKETS; b++) {
      limits[b] = b == BUCKETS - 1 && max > min ? max : min + (b + 1) * width;
    }
    for (int i = from; i < from + count; i++) {
      counts[Math.clamp((int) ((values[i] - min) / width), 0, BUCKETS - 1)]++;
    }
    double[] figures = {min, max, count, sum, squares};
    byte[] histogram =
        message(
            p -> {
              for (int f = 0; f < figures.length; f++) {
                p.writeDouble(f + 1, figures[f]);
              }
              p.writeByteArray(6, packed(limits));
              p.writeByteArray(7, packed(counts));
            });
    summary(tag, step, p -> p.writeByteArray(5, histogram));
  }

  private static byte[] packed(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes.array();
  }

  /** A picture. */
  public void image(String tag, long step, BufferedImage picture) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    byte[] image =
        message(
            p -> {
              p.writeInt32(1, picture.getHeight());
              p.writeInt32(2, picture.getWidth());
              p.writeInt32(3, 3); // red, green, blue
              p.writeBytes(4, ByteString.copyFrom(png.toByteArray()));
            });
    summary(tag, step, p -> p.writeByteArray(4, image));
  }

  // ---- the format

  /** Writes fields of a message. */
  private interface Fields {
    void to(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.to(out);
    out.flush();
    return bytes.toByteArray();
  }

  private void summary(String tag, long step, Fields value) throws IOException {
    byte[] tagged =
        message(
            p -> {
              p.writeString(1, tag);
              value.to(p);
            });
    event(step, 5, message(p -> p.writeByteArray(1, tagged)));
  }

  private void event(long step, int field, byte[] content) throws IOException {
    byte[] event =
        message(
            p -> {
              p.writeDouble(1, clock.getAsDouble());
              if (step != 0) { // as protobuf leaves out what is the default
                p.writeInt64(2, step);
              }
              p.writeByteArray(field, content);
            });
    byte[] length =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(event.length)
            .array();
    ByteBuffer record =
        ByteBuffer.allocate(length.length + event.length + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.put(length).putInt(maskedChecksum(length)).put(event).putInt(maskedChecksum(event));
    out.write(record.array());
    out.flush();
  }

  /** CRC32C, rotated and shifted, so that checksums of data with checksums in them stay good. */
  static int maskedChecksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK;
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
