package io.github.densenet4j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A zip file of weights: PyTorch's {@code torch.save}, or Keras's {@code .keras}. */
final class ZipCheckpoint implements AutoCloseable {
  private static final long ALLOWANCE = 64L << 20;
  private static final int MAXIMUM_EXPANSION = 4;

  private final Path file;
  private final ZipFile zip;
  private long budget;

  private ZipCheckpoint(Path file) throws IOException {
    this.file = file;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException | RuntimeException e) {
      throw new WeightsException(
          "%s is a damaged or cut off zip file: %s.".formatted(file, e.getMessage()), e);
    }
    budget = ALLOWANCE + MAXIMUM_EXPANSION * Files.size(file);
  }

  static Checkpoint read(Path file) throws IOException {
    try (ZipCheckpoint zip = new ZipCheckpoint(file)) {
      String pickle = zip.find("data.pkl");
      if (pickle != null) {
        return TorchFile.readZip(file, zip, pickle.substring(0, pickle.lastIndexOf("data.pkl")));
      }
      String weights = zip.find("model.weights.h5");
      if (weights != null) {
        return KerasFile.readArchive(file, zip.bytes(weights));
      }
      throw new WeightsException(
          "%s is a zip file, but neither PyTorch's (no data.pkl in it) nor Keras's (no model.weights.h5): it holds %s."
              .formatted(file, zip.some()));
    }
  }

  /** The first entry with that last name, in a folder or at the top; null if there is none. */
  private String find(String last) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.equals(last) || name.endsWith("/" + last))
        .findFirst()
        .orElse(null);
  }

  private String some() {
    List<String> names = new ArrayList<>(zip.stream().map(ZipEntry::getName).limit(4).toList());
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }

  /** Whether there is an entry. */
  boolean has(String name) {
    return zip.getEntry(name) != null;
  }

  /** An entry of text, or an empty one. */
  String text(String name) throws IOException {
    return has(name) ? java.nio.charset.StandardCharsets.UTF_8.decode(bytes(name)).toString() : "";
  }

  /**
   * An entry's bytes. All that are read from a file together may not be much more than the file: a
   * small file that expands without end is refused before it does.
   */
  ByteBuffer bytes(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new WeightsException(file + " lacks the entry " + name + ": it is cut off or damaged.");
    }
    budget -= Math.max(0, entry.getSize());
    if (entry.getSize() < 0 || budget < 0 || entry.getSize() > Integer.MAX_VALUE - 64) {
      throw new WeightsException(
          "%s: with its entry %s of %,d bytes it expands to far more than the file has: it is damaged or hostile."
              .formatted(file, name, entry.getSize()));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) entry.getSize());
      if (bytes.length < entry.getSize()) {
        throw new WeightsException(
            "%s: its entry %s ends after %,d of %,d bytes: it is cut off or damaged."
                .formatted(file, name, bytes.length, entry.getSize()));
      }
      return ByteBuffer.wrap(bytes);
    } catch (WeightsException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new WeightsException(
          "%s: its entry %s cannot be read: %s.".formatted(file, name, e.getMessage()), e);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
