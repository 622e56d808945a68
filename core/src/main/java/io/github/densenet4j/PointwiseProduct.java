package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/** The product of a 1x1 convolution: x (K,P) are rows of maps, any columns of which make a tile. */
final class PointwiseProduct extends Product {
  private static final int PANEL = Kernels.PANEL;
  private static final int PANEL_FLOATS =
      96_000; // of panels, so that they stay in the second cache
  private static final int SLIVER = 16; // columns at the end that join the tile before them
  private static final int PITCH = TILE + SLIVER;
  private static final int RESULT_ROWS = 8 * Kernels.ROW_BLOCK;

  /** Of the results that are handed to a sink together. */
  static final int RESULT_FLOATS = RESULT_ROWS * PITCH;

  private final Maps maps;
  private final Rows x;

  /**
   * Multiplies weights (M,K) with K rows of maps: with their values or, in the backward pass, their
   * gradients.
   */
  PointwiseProduct(Plan plan, Maps maps, Rows x, PackedWeights weights) {
    super(plan, weights, new Tiles(Kernels.TILE_COLUMNS, SLIVER));
    this.maps = maps;
    this.x = x;
  }

  @Override
  int divide() {
    int columns = maps.pixels();
    tiles.divide(columns, tileColumns(columns));
    return rowGroups(columns, weights().rows());
  }

  @Override
  void compute(int tile, int from, int to, int worker) {
    if (sink instanceof Store store) {
      store(store, tile, from, to, worker);
    } else {
      pass(tile, from, to, worker);
    }
  }

  /** A plain result needs no way station: the product writes it to its place. */
  private void store(Store store, int tile, int from, int to, int worker) {
    int start = tiles.start(tile);
    int end = tiles.end(tile);
    Rows y = store.target();
    float[] scratch = plan.engine.team().scratch(worker, columnsScratch());
    columns(start, end, from, to, y.array(), y.at(from, start), y.pitch(), scratch);
    store.taken(from, to - from, start, end - start, tile);
  }

  /** Floats of scratch that {@link #columns} needs. */
  int columnsScratch() {
    return tileAt() + Kernels.TILE_SCRATCH;
  }

  /** Where the kernel's scratch begins, behind the panels. */
  private int tileAt() {
    return Kernels.ALIGNED + weights().depth() * (columnsAtOnce() + PANEL);
  }

  /** Columns that are normalised at once. */
  private int columnsAtOnce() {
    int unit = Kernels.TILE_COLUMNS;
    return Math.max(1, PANEL_FLOATS / (weights().depth() * unit)) * unit;
  }

  /** y (to - from, end - start) = rows [from, to) and columns [start, end) of the result. */
  void columns(
      int start, int end, int from, int to, float[] y, int yAt, int yPitch, float[] scratch) {
    int k = weights().depth();
    int columns = columnsAtOnce();
    int p;
    for (int p0 = start; p0 < end; p0 += p) {
      p = end - p0 <= columns + SLIVER ? end - p0 : columns;
      panels(p0, p, scratch, Kernels.ALIGNED);
      plan.engine
          .kernels()
          .product(
              weights().array(),
              from * k,
              to - from,
              k,
              scratch,
              Kernels.ALIGNED,
              bias,
              biasAt + from,
              y,
              yAt + p0 - start,
              yPitch,
              p,
              scratch,
              tileAt());
    }
  }

  private void pass(int tile, int from, int to, int worker) {
    int start = tiles.start(tile);
    int p = tiles.pixels(tile);
    int panelsAt = Kernels.ALIGNED + RESULT_FLOATS;
    int tileAt = panelsAt + weights().depth() * (TILE + PANEL);
    float[] scratch = plan.engine.team().scratch(worker, tileAt + Kernels.TILE_SCRATCH);
    panels(start, p, scratch, panelsAt);
    pass(sink, tile, from, to, start, p, scratch, panelsAt, Kernels.ALIGNED, tileAt);
  }

  /**
   * Hands rows [from, to) of the result of p columns, at most {@link #TILE} and a sliver, to a sink
   * in groups of rows that stay in cache.
   *
   * @param tile the sink's number of these columns
   * @param start the first of them
   * @param scratch holds them in panels from {@code panelsAt}
   * @param resultAt where {@link #RESULT_FLOATS} of scratch are free
   * @param tileAt scratch for the kernel
   */
  void pass(
      Sink sink,
      int tile,
      int from,
      int to,
      int start,
      int p,
      float[] scratch,
      int panelsAt,
      int resultAt,
      int tileAt) {
    int k = weights().depth();
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      plan.engine
          .kernels()
          .product(
              weights().array(),
              m * k,
              count,
              k,
              scratch,
              panelsAt,
              bias,
              biasAt + m,
              scratch,
              resultAt,
              PITCH,
              p,
              scratch,
              tileAt);
      sink.take(scratch, resultAt, PITCH, m, count, start, p, tile);
    }
  }

  /** Lays columns [p0, p0 + p) of x, normalised, into panels. */
  private void panels(int p0, int p, float[] panels, int at) {
    int k = weights().depth();
    prologue.apply(
        plan.engine.kernels(),
        x.array(),
        x.at(0, p0),
        x.pitch(),
        0,
        k,
        p,
        panels,
        at,
        PANEL,
        k * PANEL);
  }
}
