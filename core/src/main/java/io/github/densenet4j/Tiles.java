package io.github.densenet4j;

/**
 * The columns of a matrix in pieces that fit a cache. The borders depend on the shapes alone, never
 * on the number of threads, and partial sums are merged in the order of the tiles: so results are
 * the same bits on any number of threads.
 */
final class Tiles {
  private final int unit;
  private final int sliver;
  private int perTile;
  private int columns;
  private int count;

  /** Tiles whose borders are multiples of {@code unit} columns. */
  Tiles(int unit) {
    this(unit, 0);
  }

  /** The same, but a last tile of no more than {@code sliver} columns joins the one before. */
  Tiles(int unit, int sliver) {
    this.unit = unit;
    this.sliver = sliver;
  }

  /** Divides columns into tiles of about {@code target} columns. */
  void divide(int columns, int target) {
    this.columns = columns;
    this.perTile = Math.max(unit, (target + unit - 1) / unit * unit);
    this.count = Math.max(1, Math.ceilDiv(columns - sliver, perTile));
  }

  int count() {
    return count;
  }

  int start(int tile) {
    return tile * perTile;
  }

  int end(int tile) {
    return tile == count - 1 ? columns : start(tile) + perTile;
  }

  int pixels(int tile) {
    return end(tile) - start(tile);
  }
}
