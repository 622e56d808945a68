package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/** The weight gradient of a 1x1 convolution: tiles are any columns, x is read where it lies. */
final class PointwiseGradient implements WeightGradient.Share {
  private static final int GRADIENT_FLOATS = 98_304; // of dy, so that they stay in the second cache
  private static final int CHANNELS = 48;

  private final Plan plan;
  private final Maps in;
  private final Rows dy;
  private final int m;
  private final int lanes;
  private final int columns;
  private final int pitch;
  private final Tiles tiles = new Tiles(Kernels.PANEL);
  private final int[] rows = new int[CHANNELS];

  /** For weights (m, channels) between rows of {@code in} and gradients {@code dy (m, N*H*W)}. */
  PointwiseGradient(Plan plan, Maps in, Rows dy, int m) {
    this.plan = plan;
    this.in = in;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, m);
    int atOnce = Math.clamp(GRADIENT_FLOATS / lanes, 192, Product.TILE);
    this.columns = atOnce / Kernels.PANEL * Kernels.PANEL;
    this.pitch = columns + 16;
    for (int i = 0; i < CHANNELS; i++) {
      rows[i] = i * pitch;
    }
  }

  @Override
  public Tiles divide(int images) {
    tiles.divide(images * in.area(), columns);
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
    int xAt = Kernels.ALIGNED;
    int dyAt = xAt + CHANNELS * pitch + Kernels.SLACK;
    int tileAt = dyAt + Math.ceilDiv(lanes, Kernels.PANEL) * Kernels.PANEL * columns;
    int floats = tileAt + Kernels.TILE_SCRATCH;
    float[] scratch = plan.engine.team().scratch(worker, floats);
    kernels.transpose(dy.array(), dy.at(0, p0), dy.pitch(), m, p, scratch, dyAt, scratch, tileAt);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      prologue.apply(
          kernels,
          in.x(),
          in.at(c) + p0,
          in.pitch,
          c,
          count,
          p,
          scratch,
          xAt,
          pitch,
          Kernels.PANEL);
      kernels.correlate(
          scratch,
          xAt,
          rows,
          count,
          scratch,
          dyAt,
          lanes,
          p,
          dw,
          dwAt + c * lanes,
          lanes,
          scratch,
          tileAt);
    }
  }
}
