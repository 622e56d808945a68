package io.github.densenet4j.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a PyTorch state_dict that {@code torch.load(weights_only=True)} reads: a zip file with a
 * pickle of an ordered dictionary, in which each tensor is a view of a storage of its own beside
 * it, aligned to 64 bytes as PyTorch does for mapping.
 *
 * <p>Our own description lies beside in an entry that PyTorch ignores.
 */
final class TorchWriter {
  /** The entry with the metadata, as JSON. */
  static final String DESCRIPTION = "densenet4j.json";

  private static final String FOLDER = "densenet/";
  private static final int ALIGNMENT = 64;
  private static final int ENTRY_HEADER = 30;

  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchWriter() {}

  static void write(Path file, List<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    byte[] pickle = new TorchWriter().stateDict(tensors);
    AtomicFile.write(
        file,
        out -> {
          Counting counted = new Counting(out);
          try (ZipOutputStream zip = new ZipOutputStream(counted)) {
            store(zip, counted, "data.pkl", ByteBuffer.wrap(pickle));
            store(zip, counted, "byteorder", text("little"));
            for (int i = 0; i < tensors.size(); i++) {
              store(zip, counted, "data/" + i, tensors.get(i).data());
            }
            store(zip, counted, "version", text("3\n"));
            store(zip, counted, DESCRIPTION, text(Json.write(metadata)));
          }
        });
  }

  /** The metadata that {@link #write} left; empty for a file from elsewhere. */
  static Map<String, String> readDescription(Path file, String json) throws WeightsException {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (!json.isEmpty()) {
      try {
        if (Json.read(json) instanceof Map<?, ?> map) {
          map.forEach((key, value) -> metadata.put((String) key, String.valueOf(value)));
        }
      } catch (IllegalArgumentException e) {
        throw new WeightsException(
            "%s: its entry %s is damaged, %s.".formatted(file, DESCRIPTION, e.getMessage()), e);
      }
    }
    return metadata;
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Stores an entry uncompressed, its bytes beginning at a multiple of 64. */
  private static void store(ZipOutputStream zip, Counting out, String name, ByteBuffer bytes)
      throws IOException {
    ZipEntry entry = new ZipEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.capacity());
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate().clear());
    entry.setCrc(crc.getValue());
    entry.setTime(315_532_800_000L + 86_400_000L); // the same bytes for the same weights
    zip.flush();
    long at = out.written + ENTRY_HEADER + entry.getName().length() + 4;
    int padding = (int) ((ALIGNMENT - at % ALIGNMENT) % ALIGNMENT);
    entry.setExtra(
        ByteBuffer.allocate(4 + padding)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) 'F')
            .put((byte) 'B')
            .putShort((short) padding)
            .array());
    zip.putNextEntry(entry);
    byte[] array = new byte[bytes.capacity()];
    bytes.get(0, array);
    zip.write(array);
    zip.closeEntry();
  }

  /** Knows where in the file it is. */
  private static final class Counting extends OutputStream {
    private final OutputStream out;
    long written;

    Counting(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      written++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
      written += length;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }

  // ---- the pickle, protocol 2

  private byte[] stateDict(List<Tensor> tensors) throws WeightsException {
    bytes(0x80, 2); // PROTO 2
    global("collections", "OrderedDict");
    bytes(')', 'R', '('); // called without arguments; then a mark for its entries
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      string(tensor.name());
      global("torch._utils", "_rebuild_tensor_v2");
      bytes('('); // its arguments: storage, offset, size, stride, requires_grad, hooks
      bytes('('); // the storage: 'storage', type, key, location, elements
      string("storage");
      global("torch", storageType(tensor));
      string(Integer.toString(i));
      string("cpu");
      whole(tensor.size());
      bytes('t', 'Q'); // a persistent id
      whole(0);
      tuple(tensor.shape());
      tuple(strides(tensor.shape()));
      bytes(0x89); // False
      global("collections", "OrderedDict");
      bytes(')', 'R', 't', 'R');
    }
    bytes('u', '.'); // SETITEMS, STOP
    return pickle.toByteArray();
  }

  private static String storageType(Tensor tensor) throws WeightsException {
    return switch (tensor.dtype()) {
      case "F32" -> "FloatStorage";
      case "I64" -> "LongStorage";
      default ->
          throw new WeightsException(
              "Tensor " + tensor.name() + " of type " + tensor.dtype() + " cannot be written.");
    };
  }

  private static List<Long> strides(List<Long> shape) {
    Long[] strides = new Long[shape.size()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.get(i);
    }
    return List.of(strides);
  }

  private void bytes(int... values) {
    for (int value : values) {
      pickle.write(value);
    }
  }

  private void global(String module, String name) {
    bytes('c');
    pickle.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    bytes('X');
    littleEndian(utf8.length);
    pickle.writeBytes(utf8);
  }

  private void whole(long value) {
    bytes('J');
    littleEndian(Math.toIntExact(value));
  }

  private void littleEndian(int value) {
    bytes(value, value >> 8, value >> 16, value >> 24);
  }

  private void tuple(List<Long> values) {
    bytes('(');
    values.forEach(this::whole);
    bytes('t');
  }
}
