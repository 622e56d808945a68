package io.github.densenet4j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a file of weights holds, whoever wrote it.
 *
 * @param file where it was
 * @param format what kind of file it is, for people
 * @param from where in the file the tensors were, e.g. {@code state_dict}; empty for its top
 * @param tensors by the names that the file uses
 * @param metadata free text by key; of a file of this library, its description
 * @param labels names of the classes, if the file has them
 * @param bnEps the epsilon of the file's batch normalisation, if it says so or its kind implies it
 */
public record Checkpoint(
    Path file,
    String format,
    String from,
    Map<String, Tensor> tensors,
    Map<String, String> metadata,
    List<String> labels,
    OptionalDouble bnEps) {
  static final int MAXIMUM_TENSORS = 100_000;
  private static final long MAXIMUM_FILE = Integer.MAX_VALUE - 64;
  private static final int PIECE = 1 << 20;

  /** Copies the collections, keeping their order. */
  public Checkpoint {
    tensors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    labels = List.copyOf(labels);
  }

  /**
   * Reads a file, recognised by its content and not by its name: safetensors (also the index of a
   * sharded one), PyTorch, Keras or ONNX.
   *
   * @throws WeightsException if it is none of them, damaged or hostile; the message names the file
   *     and the place
   * @throws IOException if it cannot be read
   */
  public static Checkpoint read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new WeightsException(
          Files.isDirectory(file)
              ? file + " is a directory: name the file of weights in it."
              : file + " is not there.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      if (startsWith(in.readNBytes(4), 'P', 'K', 3, 4)) {
        return ZipCheckpoint.read(file);
      }
    }
    return of(file, bytes(file));
  }

  /** All bytes of a file. */
  static ByteBuffer bytes(Path file) throws IOException {
    if (Files.size(file) > MAXIMUM_FILE) {
      throw new WeightsException(
          file + " has more than 2 GiB: too large for a DenseNet's weights in one file.");
    }
    try (FileChannel in = FileChannel.open(file)) {
      ByteBuffer all = ByteBuffer.allocate((int) in.size()).order(ByteOrder.LITTLE_ENDIAN);
      do { // in pieces: the system's copy of all at once would be as large again
        all.limit(all.position() + Math.min(PIECE, all.capacity() - all.position()));
      } while (in.read(all) > 0);
      if (all.position() < all.capacity()) {
        throw new WeightsException(file + " became shorter while it was read.");
      }
      return all.clear();
    }
  }

  /** What the bytes of a file that is no zip file hold. */
  static Checkpoint of(Path file, ByteBuffer bytes) throws IOException {
    byte[] start = new byte[Math.min(16, bytes.capacity())];
    bytes.get(0, start);
    if (startsWith(start, 0x89, 'H', 'D', 'F')) {
      return KerasFile.read(file, bytes);
    }
    if (start.length > 8 && start[8] == '{') {
      return SafeTensors.parse(file, bytes).toCheckpoint(file);
    }
    if (startsWith(start, 0x80) && start.length > 1 && start[1] >= 1 && start[1] <= 5) {
      return TorchFile.readLegacy(file, bytes);
    }
    if (startsWith(start, '{')) {
      return ShardedSafeTensors.read(file, bytes);
    }
    if (startsWith(start, 0x08) && start.length > 2) { // the field ir_version of an ONNX model
      return OnnxReader.read(file, bytes);
    }
    throw new WeightsException(
        file
            + " is not a file of weights that can be read here: expected safetensors, PyTorch (.pt,"
            + " .pth), Keras (.h5, .keras) or ONNX, found "
            + (start.length == 0 ? "an empty file." : "bytes that begin with " + hex(start) + "."));
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.ofDelimiter(" ")
        .formatHex(Arrays.copyOf(bytes, Math.min(8, bytes.length)));
  }
}
