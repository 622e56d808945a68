package io.github.densenet4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A safetensors file: eight bytes with the header's length, a JSON header, the tensors' bytes.
 * Everything that the header says is checked against the file before it is believed.
 *
 * @param tensors by name, in the order of the header
 * @param metadata free text by key
 */
public record SafeTensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
  private static final long MAXIMUM_HEADER = 10_000_000;

  /**
   * Reads a file.
   *
   * @throws WeightsException if it is damaged or not a safetensors file, naming the place
   * @throws IOException if it cannot be read
   */
  public static SafeTensors read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(file + " is not a file.");
    }
    return parse(file, Checkpoint.bytes(file));
  }

  /** As {@link #read}, of a file's bytes. */
  static SafeTensors parse(Path file, ByteBuffer all) throws WeightsException {
    long size = all.capacity();
    if (size < 10) {
      throw new WeightsException(
          "%s has %,d bytes: the shortest safetensors file has 10.".formatted(file, size));
    }
    long header = all.getLong(0);
    if (header < 2 || header > MAXIMUM_HEADER || header > size - 8) {
      throw new WeightsException(
          "%s: the first eight bytes announce a header of %,d bytes, the file has %,d: it is not a safetensors file, or it is cut off."
              .formatted(file, header, size));
    }
    try {
      return parse(file, all, (int) header);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(
          file + ": its header is not valid JSON, " + e.getMessage() + ".", e);
    }
  }

  private static SafeTensors parse(Path file, ByteBuffer all, int headerLength)
      throws WeightsException {
    String header = new String(all.array(), 8, headerLength, StandardCharsets.UTF_8);
    if (!(Json.read(header) instanceof Map<?, ?> entries)) {
      throw new WeightsException(file + ": its header is not a JSON object.");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    List<long[]> spans = new ArrayList<>();
    long available = all.capacity() - 8L - headerLength;
    for (Map.Entry<?, ?> entry : entries.entrySet()) {
      String name = (String) entry.getKey();
      if (!(entry.getValue() instanceof Map<?, ?> fields)) {
        throw new WeightsException(
            file + ": the entry '" + name + "' of its header is not a JSON object.");
      }
      if (name.equals("__metadata__")) {
        fields.forEach((key, value) -> metadata.put((String) key, String.valueOf(value)));
        continue;
      }
      long[] span = span(file, name, fields, available);
      spans.add(span);
      String dtype = (String) fields.get("dtype");
      ByteBuffer data = all.slice(8 + headerLength + (int) span[0], (int) (span[1] - span[0]));
      tensors.put(name, new Tensor(name, dtype, shape(file, name, fields), data));
    }
    checkCoverage(file, spans, available);
    return new SafeTensors(tensors, metadata);
  }

  private static List<Long> shape(Path file, String name, Map<?, ?> fields)
      throws WeightsException {
    List<Long> shape = new ArrayList<>();
    if (fields.get("shape") instanceof List<?> sides) {
      for (Object side : sides) {
        if (!(side instanceof Long length) || length < 0) {
          throw new WeightsException(
              "%s: tensor %s has the side %s, expected whole numbers.".formatted(file, name, side));
        }
        shape.add(length);
      }
      return shape;
    }
    throw new WeightsException("%s: tensor %s has no shape.".formatted(file, name));
  }

  /** Where a tensor's bytes lie, checked against its shape and the file. */
  private static long[] span(Path file, String name, Map<?, ?> fields, long available)
      throws WeightsException {
    if (!(fields.get("data_offsets") instanceof List<?> offsets)
        || offsets.size() != 2
        || !(offsets.get(0) instanceof Long from)
        || !(offsets.get(1) instanceof Long to)) {
      throw new WeightsException(
          "%s: tensor %s has no data_offsets [begin, end].".formatted(file, name));
    }
    if (from < 0 || to < from || to > available) {
      throw new WeightsException(
          "%s: tensor %s lies at bytes %,d to %,d, the file holds %,d: it is cut off or damaged."
              .formatted(file, name, from, to, available));
    }
    int bytes = fields.get("dtype") instanceof String dtype ? Tensor.bytes(dtype) : 0;
    if (bytes == 0) {
      throw new WeightsException(
          "%s: tensor %s has the unknown type %s.".formatted(file, name, fields.get("dtype")));
    }
    List<Long> shape = shape(file, name, fields);
    long size = bytes;
    try {
      for (long side : shape) {
        size = Math.multiplyExact(size, side);
      }
    } catch (ArithmeticException e) {
      throw new WeightsException(
          "%s: tensor %s of shape %s is absurdly large.".formatted(file, name, shape), e);
    }
    if (size != to - from) {
      throw new WeightsException(
          "%s: tensor %s of shape %s needs %,d bytes, its data_offsets span %,d."
              .formatted(file, name, shape, size, to - from));
    }
    return new long[] {from, to};
  }

  /** The tensors must fill the file without gaps and without sharing bytes. */
  private static void checkCoverage(Path file, List<long[]> spans, long available)
      throws WeightsException {
    spans.sort(
        Comparator.comparingLong((long[] span) -> span[0]).thenComparingLong(span -> span[1]));
    long end = 0;
    for (long[] span : spans) {
      if (span[0] != end) {
        throw new WeightsException(
            "%s: a tensor begins at byte %,d where %,d was expected: tensors overlap or leave a gap."
                .formatted(file, span[0], end));
      }
      end = span[1];
    }
    if (end != available) {
      throw new WeightsException(
          "%s: the tensors end at byte %,d, the file at %,d: it has bytes that belong to nothing."
              .formatted(file, end, available));
    }
  }

  Checkpoint toCheckpoint(Path file) {
    return new Checkpoint(
        file, "safetensors", "", tensors, metadata, List.of(), OptionalDouble.empty());
  }

  /**
   * Writes a file, all of it or nothing.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Collection<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put("__metadata__", metadata);
    }
    long at = 0;
    for (Tensor tensor : tensors) {
      long end = at + tensor.data().capacity();
      header.put(
          tensor.name(),
          Map.of(
              "dtype", tensor.dtype(), "shape", tensor.shape(), "data_offsets", List.of(at, end)));
      at = end;
    }
    String json = Json.write(sorted(header));
    byte[] text =
        (json + " ".repeat((8 - json.getBytes(StandardCharsets.UTF_8).length % 8) % 8))
            .getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(
        file,
        out -> {
          out.write(
              ByteBuffer.allocate(8)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .putLong(0, text.length)
                  .array());
          out.write(text);
          for (Tensor tensor : tensors) {
            tensor.writeTo(out);
          }
        });
  }

  /** The fields of a tensor in a fixed order, so that equal contents give equal bytes. */
  private static Map<String, Object> sorted(Map<String, Object> header) {
    Map<String, Object> out = new LinkedHashMap<>();
    header.forEach(
        (name, value) -> {
          if (name.equals("__metadata__")) {
            out.put(name, value);
          } else {
            Map<?, ?> fields = (Map<?, ?>) value;
            Map<String, Object> ordered = new LinkedHashMap<>();
            for (String field : List.of("dtype", "shape", "data_offsets")) {
              ordered.put(field, fields.get(field));
            }
            out.put(name, ordered);
          }
        });
    return out;
  }
}
