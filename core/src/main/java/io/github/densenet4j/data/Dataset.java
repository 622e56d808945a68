package io.github.densenet4j.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled pictures of any sizes, read one by one: one's own storage needs the five methods without
 * a default. Safe for reading by several threads.
 */
public interface Dataset {
  /** What it is called in messages. */
  String name();

  /** Number of pictures. */
  int size();

  /** A name for each class. */
  List<String> classNames();

  /** The classes of a picture, from 0: one, or any number if {@link #multiLabel()}. */
  int[] labels(int index);

  /**
   * A picture, of any size.
   *
   * @throws IOException if it cannot be read, naming it
   */
  Picture picture(int index) throws IOException;

  /** The only class of a picture. */
  default int label(int index) {
    return labels(index)[0];
  }

  /** Whether a picture may show several classes at once, or none. */
  default boolean multiLabel() {
    return false;
  }

  /** What a picture is called in messages: its file, for instance. */
  default String describe(int index) {
    return "picture " + index + " of " + name();
  }

  /** Channels of the pictures: 1 if all are gray, else 3. */
  default int channels() {
    return 3;
  }

  /** Height of all pictures in pixels; 0 if they have different sizes. */
  default int height() {
    return 0;
  }

  /** Width of all pictures in pixels; 0 if they have different sizes. */
  default int width() {
    return 0;
  }

  /** Whether reading a picture costs time worth saving by a cache: files do, arrays do not. */
  default boolean isDecoded() {
    return false;
  }

  /** Bytes of memory that the pictures, or where they lie, take all the time; about. */
  default long bytes() {
    return 0;
  }

  /** Bytes of all pictures when they are decoded; 0 if nobody has looked. */
  default long decodedBytes() {
    return 0;
  }

  /**
   * The same pictures with the classes numbered as a model numbers them, by name.
   *
   * @throws DataException if a class is not among the names
   */
  default Dataset withClassNames(List<String> names) throws DataException {
    if (names.equals(classNames())) {
      return this;
    }
    int[] labels = new int[classNames().size()];
    for (int c = 0; c < labels.length; c++) {
      labels[c] = names.indexOf(classNames().get(c));
      if (labels[c] < 0) {
        throw new DataException(
            "%s has the class '%s', which the model does not know. Its classes are %s."
                .formatted(name(), classNames().get(c), names));
      }
    }
    int[] all = new int[size()];
    Arrays.setAll(all, i -> i);
    return new Subset(name(), this, all, labels, List.copyOf(names));
  }
}
