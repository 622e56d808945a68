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
  /** Where each of so many rows begins, counted from the first: the table of a kernel. */
  static int[] starts(int rows, int pitch) {
    int[] starts = new int[rows];
    for (int r = 0; r < rows; r++) {
      starts[r] = r * pitch;
    }
    return starts;
  }

  float[] array() {
    return slab.array();
  }

  /** Index of an element. */
  int at(int row, int column) {
    return slab.at() + at + row * pitch + column;
  }
}
