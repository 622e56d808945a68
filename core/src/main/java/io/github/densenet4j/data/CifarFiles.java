package io.github.densenet4j.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * CIFAR-10 and CIFAR-100 (Krizhevsky, 2009) in their binary version: a record is one label, or a
 * coarse and a fine one, and 3072 bytes (3,32,32).
 */
final class CifarFiles {
  private static final int PIXELS = 3 * 32 * 32;
  private static final List<String> TEN =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private CifarFiles() {}

  /** Whether a folder has files of CIFAR. */
  static boolean isIn(Path folder) {
    return isTen(folder) || isHundred(folder);
  }

  private static boolean isTen(Path folder) {
    return Files.isRegularFile(folder.resolve("data_batch_1.bin"));
  }

  private static boolean isHundred(Path folder) {
    return Files.isRegularFile(folder.resolve("train.bin"))
        && Files.isRegularFile(folder.resolve("test.bin"));
  }

  /** Reads a folder; names come from its {@code batches.meta.txt}, {@code fine_label_names.txt}. */
  static LabelledData read(Path folder) throws IOException {
    if (isTen(folder)) {
      List<Path> train =
          IntStream.rangeClosed(1, 5)
              .mapToObj(i -> folder.resolve("data_batch_" + i + ".bin"))
              .filter(Files::isRegularFile)
              .toList();
      List<String> names = names(folder.resolve("batches.meta.txt"), TEN);
      return LabelledData.divided(
          records("CIFAR-10 (training)", train, 1, names),
          records("CIFAR-10 (test)", List.of(folder.resolve("test_batch.bin")), 1, names));
    }
    List<String> numbers = IntStream.range(0, 100).mapToObj(Integer::toString).toList();
    List<String> names = names(folder.resolve("fine_label_names.txt"), numbers);
    return LabelledData.divided(
        records("CIFAR-100 (training)", List.of(folder.resolve("train.bin")), 2, names),
        records("CIFAR-100 (test)", List.of(folder.resolve("test.bin")), 2, names));
  }

  private static List<String> names(Path file, List<String> otherwise) throws IOException {
    if (!Files.isRegularFile(file)) {
      return otherwise;
    }
    List<String> names =
        Files.readAllLines(file).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
    if (names.size() != otherwise.size()) {
      throw new DataException(
          "%s has %d names, expected %d.".formatted(file, names.size(), otherwise.size()));
    }
    return names;
  }

  private static Dataset records(String name, List<Path> files, int labelBytes, List<String> names)
      throws IOException {
    int record = labelBytes + PIXELS;
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new DataException(file + " is not there.");
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length == 0 || bytes.length % record != 0) {
        throw new DataException(
            "%s has %,d bytes, expected a multiple of %,d: it is cut off or not CIFAR's binary version."
                .formatted(file, bytes.length, record));
      }
      for (int at = 0; at < bytes.length; at += record) {
        int label = bytes[at + labelBytes - 1] & 0xff;
        if (label >= names.size()) {
          throw new DataException(
              "%s, picture %d has the label %d, but there are only %d classes."
                  .formatted(file, at / record, label, names.size()));
        }
        labels.write(label);
        pixels.write(bytes, at + labelBytes, PIXELS);
      }
    }
    return ArrayDataset.of(name, 3, 32, 32, pixels.toByteArray(), labels.toByteArray(), names);
  }
}
