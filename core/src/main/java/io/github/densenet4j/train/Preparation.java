package io.github.densenet4j.train;

import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;

/** How a picture of any size becomes a network's input. Safe for use by several threads. */
@FunctionalInterface
interface Preparation {
  /**
   * Writes a picture's input (C,H,W).
   *
   * @param key of all that is random about it
   */
  void write(Picture picture, long key, float[] out, int at);

  /** As the network will see pictures later: nothing is random. */
  static Preparation plain(InputTransform input) {
    return (picture, key, out, at) -> input.normalise(input.fit(picture).pixels(), 0, out, at);
  }
}
