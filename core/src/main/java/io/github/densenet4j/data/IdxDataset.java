package io.github.densenet4j.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Pictures in the IDX files of MNIST (Y. LeCun): unsigned bytes, one channel, plain or gzip. */
public final class IdxDataset {
  private static final int IMAGES = 0x803;
  private static final int LABELS = 0x801;
  private static final int CHUNK = 1 << 20;

  private IdxDataset() {}

  /**
   * Reads a pair of files.
   *
   * @param classNames a name for each class, or empty to name the labels found by their numbers
   * @throws DataException if a file is damaged or the two do not belong together
   */
  public static Dataset read(String name, Path images, Path labels, List<String> classNames)
      throws IOException {
    try (InputStream imageStream = open(images);
        InputStream labelStream = open(labels)) {
      return read(name, images.toString(), imageStream, labels.toString(), labelStream, classNames);
    }
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DataException(file + " is not there.");
    }
    return Files.newInputStream(file);
  }

  /**
   * As {@link #read(String, Path, Path, List)}, from streams that are called by names in messages.
   */
  static Dataset read(
      String name,
      String imageName,
      InputStream images,
      String labelName,
      InputStream labels,
      List<String> classNames)
      throws IOException {
    int[] shape = new int[3];
    byte[] pixels = readArray(imageName, images, IMAGES, shape);
    int[] count = new int[1];
    byte[] classes = readArray(labelName, labels, LABELS, count);
    if (shape[0] != count[0]) {
      throw new DataException(
          "%s holds %,d pictures, %s %,d labels: they do not belong together."
              .formatted(imageName, shape[0], labelName, count[0]));
    }
    if (shape[0] == 0) {
      throw new DataException(imageName + " holds no pictures.");
    }
    int largest = 0;
    for (byte label : classes) {
      largest = Math.max(largest, label & 0xff);
    }
    List<String> names = classNames;
    if (names.isEmpty()) {
      names = IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList();
    } else if (largest >= names.size()) {
      throw new DataException(
          "%s holds the label %d, but there are only %d classes."
              .formatted(labelName, largest, names.size()));
    }
    return ArrayDataset.of(name, 1, shape[1], shape[2], pixels, classes, List.copyOf(names));
  }

  /**
   * Reads header and elements; memory grows with what is really there, not with what a header says.
   */
  private static byte[] readArray(String name, InputStream raw, int magic, int[] shape)
      throws IOException {
    try {
      InputStream in = unpacked(raw);
      int found = readInt(in);
      if (found != magic) {
        throw new DataException(
            "%s begins with 0x%08x, expected 0x%08x: it is not an IDX file of %s."
                .formatted(name, found, magic, magic == IMAGES ? "pictures" : "labels"));
      }
      long size = 1;
      for (int i = 0; i < shape.length; i++) {
        shape[i] = readInt(in);
        if (shape[i] < (i == 0 ? 0 : 1)) {
          throw new DataException(
              "%s has the side %,d in its header.".formatted(name, shape[i] & 0xffffffffL));
        }
        size = Math.multiplyExact(size, shape[i]);
      }
      if (size > Integer.MAX_VALUE - 64) {
        throw new DataException(
            "%s announces %,d bytes, more than can be read here.".formatted(name, size));
      }
      byte[] out = new byte[(int) Math.min(size, CHUNK)];
      int at = 0;
      while (at < size) {
        if (at == out.length) {
          out = Arrays.copyOf(out, (int) Math.min(size, 2L * out.length));
        }
        int read = in.read(out, at, out.length - at);
        if (read < 0) {
          throw new DataException(
              "%s is cut off: its header announces %,d bytes, %,d are there."
                  .formatted(name, size, at));
        }
        at += read;
      }
      if (in.read() >= 0) {
        throw new DataException(
            "%s is too long: its header announces %,d bytes, and more follow."
                .formatted(name, size));
      }
      return out;
    } catch (EOFException e) {
      throw new DataException(name + " is cut off.", e);
    } catch (ZipException e) {
      throw new DataException(name + " is a damaged gzip file: " + e.getMessage() + ".", e);
    } catch (ArithmeticException e) {
      throw new DataException(name + " announces an absurd size.", e);
    }
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    InputStream in = new BufferedInputStream(raw, 1 << 16);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new GZIPInputStream(in, 1 << 16) : in;
  }

  private static int readInt(InputStream in) throws IOException {
    byte[] four = in.readNBytes(4);
    if (four.length < 4) {
      throw new EOFException();
    }
    return (four[0] & 0xff) << 24 | (four[1] & 0xff) << 16 | (four[2] & 0xff) << 8 | four[3] & 0xff;
  }

  /**
   * Reads a directory with MNIST's four files, plain or with {@code .gz}. Class names come from
   * {@code classes.txt}, a name a line, if it is there.
   *
   * @throws DataException naming what is missing or damaged
   */
  public static DataSplit readDirectory(Path directory) throws IOException {
    Path names = directory.resolve("classes.txt");
    List<String> classNames =
        Files.exists(names)
            ? Files.readAllLines(names).stream().filter(line -> !line.isBlank()).toList()
            : List.of();
    return readDirectory(directory, classNames);
  }

  static DataSplit readDirectory(Path directory, List<String> classNames) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new DataException(directory + " is not a directory.");
    }
    String name = String.valueOf(directory.getFileName());
    Dataset train =
        read(
            name + " (training)",
            find(directory, "train-images-idx3-ubyte"),
            find(directory, "train-labels-idx1-ubyte"),
            classNames);
    Dataset test =
        read(
            name + " (test)",
            find(directory, "t10k-images-idx3-ubyte"),
            find(directory, "t10k-labels-idx1-ubyte"),
            train.classNames());
    if (train.height() != test.height() || train.width() != test.width()) {
      throw new DataException(
          "%s: training pictures have %d x %d pixels, test pictures %d x %d."
              .formatted(directory, train.height(), train.width(), test.height(), test.width()));
    }
    return new DataSplit(train, test);
  }

  private static Path find(Path directory, String name) throws DataException {
    for (String file : List.of(name, name + ".gz")) {
      if (Files.isRegularFile(directory.resolve(file))) {
        return directory.resolve(file);
      }
    }
    throw new DataException("%s has neither %s nor %s.gz.".formatted(directory, name, name));
  }
}
