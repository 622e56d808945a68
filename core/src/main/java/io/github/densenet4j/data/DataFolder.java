package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Labelled pictures in a place, in whatever form they lie there: class folders, CSV, CIFAR's binary
 * files, IDX (MNIST) or NumPy arrays.
 */
public final class DataFolder {
  private DataFolder() {}

  /**
   * Finds out what lies in a place and reads where its pictures are; picture files themselves are
   * read later, one by one.
   *
   * <p>A place is a CSV file, or a directory with MNIST's four IDX files; {@code data_batch_1.bin}
   * or {@code train.bin} and {@code test.bin}, in it or in the sub-directory that CIFAR's archive
   * makes; {@code train.csv} and {@code val.csv} or {@code test.csv}, or {@code labels.csv}; {@code
   * train_images.npy} and {@code train_labels.npy} (or {@code x_train.npy} and {@code
   * y_train.npy}), or {@code images.npy} and {@code labels.npy}; {@code train/} and {@code val/} or
   * {@code test/} with class folders, or class folders.
   *
   * @throws DataException if there is nothing of that kind, or it is damaged
   */
  public static LabelledData open(Path place) throws IOException {
    if (Files.isRegularFile(place) && place.toString().endsWith(".csv")) {
      return CsvLabels.read(place);
    }
    if (!Files.isDirectory(place)) {
      throw new DataException(place + " is neither a directory nor a .csv file.");
    }
    if (has(place, "train-images-idx3-ubyte") || has(place, "train-images-idx3-ubyte.gz")) {
      DataSplit split = IdxDataset.readDirectory(place);
      return LabelledData.divided(split.train(), split.test());
    }
    for (Path folder :
        List.of(place, place.resolve("cifar-10-batches-bin"), place.resolve("cifar-100-binary"))) {
      if (CifarFiles.isIn(folder)) {
        return CifarFiles.read(folder);
      }
    }
    if (NpyPictures.isIn(place)) {
      return NpyPictures.read(place);
    }
    Optional<LabelledData> csv = csv(place);
    return csv.isPresent() ? csv.get() : ImageFolder.read(place);
  }

  private static Optional<LabelledData> csv(Path folder) throws IOException {
    Path train = folder.resolve("train.csv");
    if (!has(folder, "train.csv")) {
      return has(folder, "labels.csv")
          ? Optional.of(CsvLabels.read(folder.resolve("labels.csv")))
          : Optional.empty();
    }
    return Optional.of(
        CsvLabels.read(
            train,
            Optional.of(folder.resolve("val.csv")).filter(Files::isRegularFile),
            Optional.of(folder.resolve("test.csv")).filter(Files::isRegularFile)));
  }

  private static boolean has(Path folder, String name) {
    return Files.isRegularFile(folder.resolve(name));
  }
}
