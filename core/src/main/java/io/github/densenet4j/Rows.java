package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;

/**
 * Rows of a matrix in a slab.
 *
 * @param slab holds them
 * @param at index of the first row's first element
 * @param pitch distance between rows
 */
record Rows(Slab slab, int at, int pitch) {
  float[] array() {
    return slab.array();
  }

  /** Index of an element. */
  int at(int row, int column) {
    return at + row * pitch + column;
  }
}
