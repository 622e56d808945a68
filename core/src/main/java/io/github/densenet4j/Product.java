package io.github.densenet4j;

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
   * The columns of a tile: large enough for the kernels, small enough for the cache and for several
   * threads.
   */
  static int tileColumns(int columns) {
    return Math.max(48, Math.min(TILE, (columns + 7) / 8));
  }

  /**
   * How many groups of rows a phase is divided into, where there are too few columns for all
   * threads.
   */
  static int rowGroups(int columns, int rows) {
    return columns > 256 ? 1 : Math.max(1, Math.min(4, rows / 16));
  }

  /** No phase over these maps has more tiles. */
  static long maximumTiles(Maps maps, int images) {
    return Math.max((long) images * maps.height, (long) images * maps.area() / TILE) + 16;
  }
}
