package io.github.densenet4j.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some pictures of a data set, whose classes may be numbered anew.
 *
 * @param name in messages
 * @param whole the data set
 * @param indices the pictures
 * @param newLabels the new number of each class, or -1 for one that no chosen picture has
 * @param classNames a name for each new class
 */
record Subset(String name, Dataset whole, int[] indices, int[] newLabels, List<String> classNames)
    implements Dataset {
  /** Some pictures, with all classes. */
  static Subset of(String name, Dataset whole, int[] indices) {
    int[] same = new int[whole.classNames().size()];
    Arrays.setAll(same, c -> c);
    return new Subset(name, whole, indices, same, whole.classNames());
  }

  /** Some pictures, without the classes that are not kept. */
  static Subset of(Dataset whole, int[] indices, boolean[] keptClasses) {
    int[] labels = new int[keptClasses.length];
    List<String> names = new ArrayList<>();
    for (int c = 0; c < labels.length; c++) {
      labels[c] = keptClasses[c] ? names.size() : -1;
      if (keptClasses[c]) {
        names.add(whole.classNames().get(c));
      }
    }
    return new Subset(whole.name(), whole, indices, labels, List.copyOf(names));
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public int[] labels(int index) {
    return Arrays.stream(whole.labels(indices[index]))
        .map(label -> newLabels[label])
        .filter(label -> label >= 0)
        .toArray();
  }

  @Override
  public Picture picture(int index) throws IOException {
    return whole.picture(indices[index]);
  }

  @Override
  public String describe(int index) {
    return whole.describe(indices[index]);
  }

  @Override
  public boolean multiLabel() {
    return whole.multiLabel();
  }

  @Override
  public int channels() {
    return whole.channels();
  }

  @Override
  public int height() {
    return whole.height();
  }

  @Override
  public int width() {
    return whole.width();
  }

  @Override
  public long bytes() {
    return whole.bytes() + 4L * indices.length;
  }

  /** Its share, as if all pictures were of one size. */
  @Override
  public long decodedBytes() {
    return whole.size() == 0 ? 0 : whole.decodedBytes() / whole.size() * size();
  }

  @Override
  public boolean isDecoded() {
    return whole.isDecoded();
  }
}
