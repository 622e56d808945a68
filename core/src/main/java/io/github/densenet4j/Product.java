package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * y (M, N*OH*OW) = w (M,K) * x (K, N*OH*OW) + bias (M): a convolution as one matrix product, tile
 * by tile over all threads. What comes before (a normalisation) and after (storing, statistics, a
 * gradient's mask) happens to a tile while it is in cache.
 */
interface Product {
  /** Columns of a tile: with 128 rows it is a quarter of a second-level cache. */
  int TILE = 480;

  /**
   * Multiplies.
   *
   * @param prologue applied to x on its way in
   * @param bias (M) from {@code biasAt}, or null
   * @param sink takes the result
   */
  void run(Prologue prologue, float[] bias, int biasAt, Sink sink);

  /** The weights, which the caller refreshes before a run. */
  PackedWeights weights();

  /**
   * The columns of a tile: whole panels, few enough for the cache, and so many tiles that threads
   * finish together.
   */
  static int tileColumns(int columns) {
    return Math.clamp(Math.ceilDiv(columns, 14), Kernels.PANEL, TILE);
  }

  /**
   * How many groups of rows a phase is divided into, where there are too few columns for all
   * threads.
   */
  static int rowGroups(int columns, int rows) {
    return columns > 2 * Kernels.PANEL ? 1 : Math.max(1, Math.min(2, rows / 16));
  }

  /** Where the i-th of so many groups of rows begins: at a whole block of the packed weights. */
  static int firstRow(int rows, int group, int groups) {
    int blocks = (rows + Kernels.ROW_BLOCK - 1) / Kernels.ROW_BLOCK;
    return Math.min(rows, blocks * group / groups * Kernels.ROW_BLOCK);
  }

  /** No phase over these maps has more tiles. */
  static long maximumTiles(Maps maps, int images) {
    return Math.max((long) images * maps.height, (long) images * maps.area() / TILE) + 16;
  }
}
