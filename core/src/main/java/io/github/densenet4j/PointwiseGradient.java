package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * The gradients of a 1x1 convolution: of its weights and, in the same walk over the tiles, of its
 * input, whose product reads the same panels of dy. Tiles are any columns, x is read where it lies.
 */
final class PointwiseGradient implements WeightGradient.Share {
  private static final int GRADIENT_FLOATS = 98_304; // of dy, so that they stay in the second cache
  private static final int CHANNELS = 48;

  private final Plan plan;
  private final Maps in;
  private final Rows dy;
  private final int m;
  private final int lanes;
  private final int columns;
  private final Tiles tiles = new Tiles(Kernels.PANEL);
  private final int[] rows; // of x
  private final int[] gradientRows; // of dy, in panels
  private Prologue finish = Prologue.NONE;
  private PointwiseProduct product; // null for the gradient of the weights alone
  private Sink sink;

  // where everything lies in a worker's scratch
  private final int panelsAt = Kernels.ALIGNED;
  private final int pixelsAt; // dy transposed
  private final int xAt; // x in blocks; results of the product come there afterwards
  private final int tileAt;
  private final int floats;

  /** For weights (m, channels) between rows of {@code in} and gradients {@code dy (m, N*H*W)}. */
  PointwiseGradient(Plan plan, Maps in, Rows dy, int m) {
    this.plan = plan;
    this.in = in;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, m);
    int atOnce = Math.clamp(GRADIENT_FLOATS / lanes, 192, Product.TILE);
    this.columns = atOnce / Kernels.PANEL * Kernels.PANEL;
    this.rows = Rows.starts(CHANNELS, in.pitch);
    this.gradientRows = Rows.starts(m, Kernels.PANEL);
    int wholePanels = Math.ceilDiv(lanes, Kernels.PANEL) * Kernels.PANEL;
    this.pixelsAt = Kernels.aligned(panelsAt + m * columns + Kernels.SLACK);
    this.xAt = pixelsAt + wholePanels * columns;
    int results = Math.max(CHANNELS * columns, PointwiseProduct.RESULT_FLOATS);
    this.tileAt = Kernels.aligned(xAt + results + Kernels.SLACK);
    this.floats = tileAt + Kernels.correlateScratch(lanes);
  }

  /** What turns dy's rows into the gradient of the result. */
  void finish(Prologue finish) {
    this.finish = finish;
  }

  /**
   * From now on hands each tile's gradient of the input to a sink as well.
   *
   * @param product whose weights are fresh, or null: no more
   */
  void alongside(PointwiseProduct product, Sink sink) {
    this.product = product;
    this.sink = sink;
    if (product != null) {
      product.use(Prologue.NONE, null, 0);
    }
  }

  @Override
  public Tiles divide(int images) {
    int all = images * in.area();
    int count = Math.ceilDiv(all, columns);
    int even = Math.ceilDiv(count, slices()) * slices();
    if (3 * even <= 4 * count) { // as many in each slice, or threads wait for each other
      count = even;
    }
    tiles.divide(all, Math.ceilDiv(all, count));
    return tiles;
  }

  @Override
  public int places() {
    return 1;
  }

  @Override
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    Kernels kernels = plan.engine.kernels();
    int p0 = tiles.start(tile);
    int p = tiles.pixels(tile);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    int panel = m * Kernels.PANEL;
    finish.apply(
        kernels,
        dy.array(),
        dy.at(0, p0),
        dy.pitch(),
        0,
        m,
        p,
        scratch,
        panelsAt,
        Kernels.PANEL,
        panel);
    kernels.transpose(
        false,
        null,
        null,
        0,
        scratch,
        panelsAt,
        gradientRows,
        panel,
        m,
        p,
        scratch,
        pixelsAt,
        scratch,
        tileAt);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      kernels.packRows(
          prologue.rectifies(),
          prologue.scale(),
          prologue.shift(),
          c,
          in.x(),
          in.at(c) + p0,
          rows,
          0,
          count,
          p,
          scratch,
          xAt,
          scratch,
          tileAt);
      kernels.correlate(
          scratch,
          xAt,
          count,
          scratch,
          pixelsAt,
          lanes,
          p,
          dw,
          dwAt + c * lanes,
          lanes,
          scratch,
          tileAt);
      if (product != null) { // at once, while its channels of x are in the second cache
        product.pass(sink, tile, c, c + count, p0, p, scratch, panelsAt, xAt, tileAt);
      }
    }
  }
}
