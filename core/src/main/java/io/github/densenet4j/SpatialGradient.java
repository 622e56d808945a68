package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import java.util.Arrays;

/**
 * The weight gradient of a k x k convolution: tiles are rows of pictures, seen through a {@link
 * Window}.
 */
final class SpatialGradient implements WeightGradient.Share {
  private static final int COLUMNS = 2048;
  private static final int CHANNELS = 24;

  private final Plan plan;
  private final Window window;
  private final Rows x;
  private final int channels;
  private final Rows dy;
  private final int m;
  private final Tiles tiles;
  private final int tileRows;
  private final int batch; // channels that lie in scratch together
  private final int[] windowRows;

  /** For weights (m, channels * taps) between pictures x and gradients {@code dy (m, N*OH*OW)}. */
  SpatialGradient(Plan plan, Window window, Rows x, int channels, Rows dy, int m) {
    this.plan = plan;
    this.window = window;
    this.x = x;
    this.channels = channels;
    this.dy = dy;
    this.m = m;
    this.tiles = new Tiles(window.width);
    this.tileRows = Math.max(1, COLUMNS / window.width);
    this.batch = Math.min(channels, CHANNELS);
    this.windowRows = window.rows(batch, tileRows);
  }

  @Override
  public Tiles divide(int images) {
    tiles.divide(images * window.height * window.width, tileRows * window.width);
    return tiles;
  }

  @Override
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    int firstRow = tiles.start(tile) / window.width;
    int endRow = tiles.end(tile) / window.width;
    int pitch = window.maximumPositions(tileRows) + 16;
    int pictureAt = m * pitch + Kernels.SLACK;
    int sumsAt = pictureAt + batch * window.channelFloats(tileRows) + Kernels.SLACK;
    float[] scratch = plan.engine.team().scratch(worker, sumsAt + Kernels.TILE_SCRATCH);
    Arrays.fill(scratch, sumsAt - Kernels.SLACK, sumsAt, 0);
    // Whole vectors: behind the last position the gradient is zero, and the pictures are finite.
    int positions = (window.positions(firstRow, endRow) + 15) / 16 * 16;
    window.packResult(dy, m, firstRow, endRow, positions, scratch, pitch);
    for (int c = from; c < to; c += batch) {
      int count = Math.min(batch, to - c);
      window.pack(plan, prologue, x, c, count, firstRow, endRow, tileRows, scratch, pictureAt);
      plan.engine
          .kernels()
          .correlate(
              scratch,
              0,
              pitch,
              m,
              scratch,
              pictureAt,
              windowRows,
              count * window.taps,
              positions,
              dw,
              dwAt + c * window.taps,
              channels * window.taps,
              scratch,
              sumsAt);
    }
  }
}
