package io.github.densenet4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Folders of pictures: a sub-folder a class, its pictures in it or anywhere below it ({@code
 * Crack/Imgs/*.jpg}), with or without {@code train/} and {@code val/} or {@code test/} above.
 */
final class ImageFolder {
  private ImageFolder() {}

  /** The folder that is divided already, or all of it to learn from. */
  static LabelledData read(Path folder) throws IOException {
    Path train = folder.resolve("train");
    if (!Files.isDirectory(train)) {
      return LabelledData.undivided(
          classes(folder, String.valueOf(folder.getFileName()), List.of()));
    }
    String name = String.valueOf(folder.getFileName());
    FileDataset learn = classes(train, name + " (train)", List.of());
    Optional<Dataset> validation = Optional.empty();
    Optional<Dataset> test = Optional.empty();
    for (String part : List.of("val", "valid", "validation")) {
      if (validation.isEmpty() && Files.isDirectory(folder.resolve(part))) {
        validation =
            Optional.of(
                classes(folder.resolve(part), name + " (" + part + ")", learn.classNames()));
      }
    }
    if (Files.isDirectory(folder.resolve("test"))) {
      test = Optional.of(classes(folder.resolve("test"), name + " (test)", learn.classNames()));
    }
    return new LabelledData(learn, validation, test);
  }

  /**
   * The pictures of a folder with class folders.
   *
   * @param known the classes that there are, or empty to find them
   */
  private static FileDataset classes(Path folder, String name, List<String> known)
      throws IOException {
    List<String> found = folders(folder);
    if (found.isEmpty()) {
      throw new DataException(
          folder
              + " has no sub-folders: expected one a class with its pictures in it, or train/ and"
              + " val/ with class folders.");
    }
    List<String> names = new ArrayList<>(known);
    PathList.Builder files = new PathList.Builder();
    List<int[]> labels = new ArrayList<>();
    for (String className : found) {
      List<String> pictures = pictures(folder, folder.resolve(className));
      if (pictures.isEmpty()) {
        continue;
      }
      if (known.isEmpty()) {
        names.add(className);
      }
      int label = names.indexOf(className);
      if (label < 0) {
        throw new DataException(
            "%s has the class folder '%s', which the training pictures do not have: their classes are %s."
                .formatted(folder, className, names));
      }
      int[] shared = {label};
      for (String picture : pictures) {
        files.add(picture);
        labels.add(shared);
      }
    }
    if (labels.isEmpty()) {
      throw new DataException(
          folder
              + " has no pictures in its sub-folders or below: looked for "
              + PictureNames.endings()
              + ".");
    }
    return new FileDataset(
        name, folder, files.build(), labels.toArray(int[][]::new), List.copyOf(names), false, 3, 0);
  }

  private static List<String> folders(Path folder) throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.filter(Files::isDirectory)
          .map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  /** All pictures in and below a folder, in an order that no file system decides. */
  private static List<String> pictures(Path root, Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(file -> PictureNames.isPicture(file) && Files.isRegularFile(file))
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
