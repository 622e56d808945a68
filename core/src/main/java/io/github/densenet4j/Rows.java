package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;

/**
 * Rows of a matrix in a slab.
 *
 * @param slab holds them
 * @param at index of the first row's first element in the slab
 * @param pitch distance between rows
 */
record Rows(Slab slab, int at, int pitch) {
  float[] array() {
    return slab.array();
  }

  /** Index of an element. */
  int at(int row, int column) {
    return slab.at() + at + row * pitch + column;
  }
}
