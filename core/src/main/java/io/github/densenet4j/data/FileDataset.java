package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Picture files with their classes. Only the paths are kept in memory, and a reference each to the
 * array of classes, which is shared.
 *
 * @param name in messages
 * @param root what the paths are relative to
 * @param files paths, with the separators of this system
 * @param classes the classes of each file
 * @param classNames a name for each class
 * @param multiLabel whether a picture may show several classes
 * @param channels 1 if all pictures are known to be gray, else 3
 * @param decodedBytes of all pictures; 0 if nobody has looked
 */
record FileDataset(
    String name,
    Path root,
    PathList files,
    int[][] classes,
    List<String> classNames,
    boolean multiLabel,
    int channels,
    long decodedBytes)
    implements Dataset {
  @Override
  public int size() {
    return files.size();
  }

  @Override
  public int[] labels(int index) {
    return classes[index];
  }

  @Override
  public Picture picture(int index) throws IOException {
    return Picture.read(file(index));
  }

  /** Where a picture lies. */
  Path file(int index) {
    return root.resolve(files.get(index));
  }

  @Override
  public String describe(int index) {
    return files.get(index);
  }

  @Override
  public long bytes() {
    return files.bytes() + 4L * size();
  }

  /** The same pictures, with what turned out when they were decoded. */
  FileDataset decoded(int channels, long decodedBytes) {
    return new FileDataset(
        name, root, files, classes, classNames, multiLabel, channels, decodedBytes);
  }
}
