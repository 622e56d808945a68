package io.github.densenet4j.cli;

import io.github.densenet4j.data.PictureNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files that a user means by files and folders. */
final class PictureFiles {
  private PictureFiles() {}

  /**
   * Files as they are named, folders as all pictures in and below them, by name.
   *
   * @throws UsageException if a folder has no pictures
   */
  static List<Path> of(List<Path> named) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path path : named) {
      if (!Files.isDirectory(path)) {
        files.add(path);
        continue;
      }
      int before = files.size();
      try (Stream<Path> walk = Files.walk(path)) {
        walk.filter(file -> PictureNames.isPicture(file) && Files.isRegularFile(file))
            .sorted()
            .forEach(files::add);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      if (files.size() == before) {
        throw new UsageException(
            path + " has no pictures in it or below: looked for " + PictureNames.endings() + ".");
      }
    }
    return files;
  }
}
