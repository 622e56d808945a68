package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * The weight gradient of a k x k convolution: tiles are rows of pictures, seen through a {@link
 * Window}.
 */
final class SpatialGradient implements WeightGradient.Share {
  private static final int COLUMNS = 1024;
  private static final int CHANNELS = 24;
  private static final int ROWS = 48; // of the window's view that are packed together

  private final Plan plan;
  private final Window window;
  private final Rows x;
  private final Rows dy;
  private final int m;
  private final int lanes;
  private final Tiles tiles;
  private final int tileRows;
  private final int batch; // channels that lie in scratch together
  private final int[] windowRows;
  private final int[] gradientRows;
  private final int pitch; // of dy's rows

  /** For weights (m, channels * taps) between pictures x and gradients {@code dy (m, N*OH*OW)}. */
  SpatialGradient(Plan plan, Window window, Rows x, int channels, Rows dy, int m) {
    this.plan = plan;
    this.window = window;
    this.x = x;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, m);
    this.tiles = new Tiles(window.width);
    this.tileRows = Math.max(1, COLUMNS / window.width);
    this.batch = Math.min(channels, CHANNELS);
    this.windowRows = window.rows(batch, tileRows);
    this.pitch = window.maximumPositions(tileRows) + 16;
    this.gradientRows = Rows.starts(m, pitch);
  }

  @Override
  public Tiles divide(int images) {
    tiles.divide(images * window.height * window.width, tileRows * window.width);
    return tiles;
  }

  @Override
  public int places() {
    return window.taps;
  }

  @Override
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    Kernels kernels = plan.engine.kernels();
    int firstRow = tiles.start(tile) / window.width;
    int endRow = tiles.end(tile) / window.width;
    int positions = window.positions(firstRow, endRow);
    int xAt = Kernels.ALIGNED;
    int dyAt =
        Kernels.aligned(
            xAt + Math.max(m * pitch, batch * window.channelFloats(tileRows)) + Kernels.SLACK);
    int packedAt = dyAt + Math.ceilDiv(lanes, Kernels.PANEL) * Kernels.PANEL * pitch;
    int tileAt = packedAt + ROWS * pitch;
    int floats = tileAt + Kernels.correlateScratch(lanes);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    // First the gradient's rows, then, in their place, the pictures.
    window.packResult(dy, m, firstRow, endRow, positions, scratch, pitch);
    kernels.transpose(
        false,
        null,
        null,
        0,
        scratch,
        0,
        gradientRows,
        Kernels.PANEL,
        m,
        positions,
        scratch,
        dyAt,
        scratch,
        tileAt);
    for (int c = from; c < to; c += batch) {
      int count = Math.min(batch, to - c);
      window.pack(plan, prologue, x, c, count, firstRow, endRow, tileRows, scratch, xAt);
      int end = count * window.taps;
      for (int row = 0; row < end; row += ROWS) {
        int rows = Math.min(ROWS, end - row);
        kernels.packRows(
            false,
            null,
            null,
            0,
            scratch,
            xAt,
            windowRows,
            row,
            row + rows,
            positions,
            scratch,
            packedAt,
            scratch,
            tileAt);
        kernels.correlate(
            scratch,
            packedAt,
            rows,
            scratch,
            dyAt,
            lanes,
            positions,
            dw,
            dwAt + (c * window.taps + row) * lanes,
            lanes,
            scratch,
            tileAt);
      }
    }
  }
}
