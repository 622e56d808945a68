package io.github.densenet4j.train;

import java.io.IOException;

/**
 * Where a loader's values come from: pictures, or features that were kept. Safe for many threads.
 */
@FunctionalInterface
interface Source {
  /**
   * Writes the values of one picture.
   *
   * @param index of the picture in its data set
   * @param key of all that is random about it
   */
  void write(int index, long key, float[] out, int at) throws IOException;

  /** Pictures, prepared for a network. */
  static Source of(PictureCache pictures, Preparation preparation) {
    return (index, key, out, at) -> preparation.write(pictures.picture(index), key, out, at);
  }
}
