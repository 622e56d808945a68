package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/** The weight gradient of a 1x1 convolution: tiles are any columns, dy is read where it lies. */
final class PointwiseGradient implements WeightGradient.Share {
  private static final int UNIT = 48;
  private static final int COLUMNS = 2016;
  private static final int PITCH = COLUMNS + 16;
  private static final int CHANNELS = 24;

  private final Plan plan;
  private final Maps in;
  private final int channels;
  private final Rows dy;
  private final int m;
  private final Tiles tiles = new Tiles(UNIT);
  private final int[] panelRows = new int[CHANNELS];

  /** For weights (m, channels) between rows of {@code in} and gradients {@code dy (m, N*H*W)}. */
  PointwiseGradient(Plan plan, Maps in, int channels, Rows dy, int m) {
    this.plan = plan;
    this.in = in;
    this.channels = channels;
    this.dy = dy;
    this.m = m;
    for (int i = 0; i < CHANNELS; i++) {
      panelRows[i] = i * PITCH;
    }
  }

  @Override
  public Tiles divide(int images) {
    tiles.divide(images * in.area(), COLUMNS);
    return tiles;
  }

  @Override
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    Kernels kernels = plan.engine.kernels();
    int p0 = tiles.start(tile);
    int p = tiles.pixels(tile);
    int sumsAt = CHANNELS * PITCH + Kernels.SLACK;
    float[] panel = plan.engine.team().scratch(worker, sumsAt + Kernels.TILE_SCRATCH);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      prologue.apply(
          kernels, in.x(), in.at(c) + p0, in.pitch, c, count, p, panel, 0, PITCH, Kernels.PANEL);
      kernels.correlate(
          dy.array(),
          dy.at(0, p0),
          dy.pitch(),
          m,
          panel,
          0,
          panelRows,
          count,
          p,
          dw,
          dwAt + c,
          channels,
          panel,
          sumsAt);
    }
  }
}
