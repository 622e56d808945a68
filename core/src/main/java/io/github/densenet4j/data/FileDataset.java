package io.github.densenet4j.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Picture files with their classes. Only the paths are kept in memory.
 *
 * @param name in messages
 * @param root what the paths are relative to
 * @param files paths, with the separators of this system
 * @param classes the classes of each file
 * @param classNames a name for each class
 * @param multiLabel whether a picture may show several classes
 * @param channels 1 if all pictures are known to be gray, else 3
 */
record FileDataset(
    String name,
    Path root,
    String[] files,
    int[][] classes,
    List<String> classNames,
    boolean multiLabel,
    int channels)
    implements Dataset {
  @Override
  public int size() {
    return files.length;
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
    return root.resolve(files[index]);
  }

  @Override
  public String describe(int index) {
    return files[index];
  }

  /** Paths of usual length, with their share of the arrays. */
  @Override
  public long bytes() {
    return 100L * files.length;
  }

  /** The same pictures, which turned out to be gray or not. */
  FileDataset withChannels(int value) {
    return new FileDataset(name, root, files, classes, classNames, multiLabel, value);
  }
}
