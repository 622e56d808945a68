package io.github.densenet4j;

/** Where the result of a product goes, tile by tile, while it is in cache. */
interface Sink {
  /** Told before the first tile how the columns are divided. */
  void begin(Tiles tiles);

  /**
   * Takes rows [row, row + rows) and columns [column, column + p) of the result.
   *
   * @param tile holds them from {@code at}, rows {@code pitch} apart; may be overwritten
   * @param index the tile's number
   */
  void take(float[] tile, int at, int pitch, int row, int rows, int column, int p, int index);

  /** Told after the last tile. */
  void end();
}
