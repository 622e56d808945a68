package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures and labels in a pair of NumPy's array files. Pictures are uint8 (N,H,W), (N,H,W,C) or
 * (N,C,H,W) with 1 or 3 channels; the file is mapped, not read. Labels are whole numbers (N), or 0
 * and 1 (N,classes) for several labels.
 */
final class NpyPictures {
  /** The names of the files of pictures and labels, by what they are for. */
  private static final List<List<String>> TRAIN =
      List.of(
          List.of("train_images.npy", "train_labels.npy"), List.of("x_train.npy", "y_train.npy"));

  private static final List<List<String>> TEST =
      List.of(
          List.of("val_images.npy", "val_labels.npy"),
          List.of("test_images.npy", "test_labels.npy"),
          List.of("x_val.npy", "y_val.npy"),
          List.of("x_test.npy", "y_test.npy"));

  private static final List<List<String>> ALL =
      List.of(List.of("images.npy", "labels.npy"), List.of("x.npy", "y.npy"));

  private NpyPictures() {}

  /** Whether a folder has a pair to learn from. */
  static boolean isIn(Path folder) {
    return find(folder, TRAIN) != null || find(folder, ALL) != null;
  }

  /** Reads a folder's pairs; class names come from {@code classes.txt} if it is there. */
  static LabelledData read(Path folder) throws IOException {
    Path file = folder.resolve("classes.txt");
    List<String> names =
        Files.exists(file)
            ? Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList()
            : List.of();
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    List<String> train = find(folder, TRAIN);
    if (train == null) {
      return LabelledData.undivided(pair(name, folder, find(folder, ALL), names));
    }
    List<String> test = find(folder, TEST);
    if (test == null) {
      return LabelledData.undivided(pair(name, folder, train, names));
    }
    Dataset learn = pair(name + " (train)", folder, train, names);
    String part = test.getFirst().contains("val") ? " (val)" : " (test)";
    return LabelledData.divided(learn, pair(name + part, folder, test, learn.classNames()));
  }

  private static List<String> find(Path folder, List<List<String>> pairs) {
    return pairs.stream()
        .filter(pair -> pair.stream().allMatch(name -> Files.isRegularFile(folder.resolve(name))))
        .findFirst()
        .orElse(null);
  }

  private static Dataset pair(String name, Path folder, List<String> names, List<String> classNames)
      throws IOException {
    Path imageFile = folder.resolve(names.get(0));
    Path labelFile = folder.resolve(names.get(1));
    Npy.Mapped images = Npy.map(imageFile);
    Npy.Mapped labels = Npy.map(labelFile);
    int[] shape = images.shape();
    int sides = shape.length;
    boolean planes = sides == 4 && isChannels(shape[1]) && !isChannels(shape[3]);
    boolean interleaved = sides == 4 && isChannels(shape[3]);
    if (!images.type().equals("|u1") || sides != 3 && !planes && !interleaved) {
      throw new DataException(
          "%s holds %s of shape %s, expected uint8 (N,H,W), (N,H,W,C) or (N,C,H,W) with 1 or 3 channels: save it with x.astype('uint8')."
              .formatted(imageFile, images.type(), Arrays.toString(shape)));
    }
    if (labels.shape().length < 1 || labels.shape()[0] != shape[0] || shape[0] == 0) {
      throw new DataException(
          "%s has the shape %s, %s the shape %s: expected a label for each picture."
              .formatted(
                  imageFile, Arrays.toString(shape), labelFile, Arrays.toString(labels.shape())));
    }
    boolean several = labels.shape().length == 2;
    int[][] classes = several ? sets(labelFile, labels) : numbers(labelFile, labels);
    int largest =
        several
            ? labels.shape()[1] - 1
            : Arrays.stream(classes).mapToInt(label -> label[0]).max().orElseThrow();
    if (!classNames.isEmpty() && largest >= classNames.size()) {
      throw new DataException(
          "%s has the label %d, but there are only %d classes."
              .formatted(labelFile, largest, classNames.size()));
    }
    return new ArrayDataset(
        name,
        sides == 3 ? 1 : planes ? shape[1] : shape[3],
        planes ? shape[2] : shape[1],
        planes ? shape[3] : shape[2],
        interleaved ? ArrayDataset.Order.INTERLEAVED : ArrayDataset.Order.PLANES,
        images.values(),
        classes,
        classNames.isEmpty()
            ? IntStream.rangeClosed(0, largest).mapToObj(Integer::toString).toList()
            : classNames,
        several);
  }

  private static boolean isChannels(int side) {
    return side == 1 || side == 3;
  }

  private static int[][] numbers(Path file, Npy.Mapped labels) throws DataException {
    int[][] classes = new int[labels.shape()[0]][];
    for (int i = 0; i < classes.length; i++) {
      long label = labels.whole(file, i);
      if (label < 0 || label > 1 << 20) {
        throw new DataException(
            "%s: label %d of the array is %,d: expected classes from 0.".formatted(file, i, label));
      }
      classes[i] = new int[] {(int) label};
    }
    return classes;
  }

  private static int[][] sets(Path file, Npy.Mapped labels) throws DataException {
    int width = labels.shape()[1];
    int[][] classes = new int[labels.shape()[0]][];
    int[] present = new int[width];
    for (int i = 0; i < classes.length; i++) {
      int count = 0;
      for (int c = 0; c < width; c++) {
        long value = labels.whole(file, (long) i * width + c);
        if (value != 0 && value != 1) {
          throw new DataException(
              "%s: row %d holds %d: expected 0 and 1 for several labels."
                  .formatted(file, i, value));
        }
        if (value == 1) {
          present[count++] = c;
        }
      }
      classes[i] = Arrays.copyOf(present, count);
    }
    return classes;
  }
}
