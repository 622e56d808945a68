package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * The product of a k x k convolution: tiles are rows of pictures, laid into scratch by a {@link
 * Window}.
 */
final class SpatialProduct extends Product {
  private static final int RESULT_ROWS = 16 * Kernels.ROW_BLOCK; // the bottleneck of a dense layer
  private static final int SCRATCH_FLOATS = 160_000;

  private final Window window;
  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final int tileRows;
  private final int[] windowRows;

  /** Multiplies weights (M, channels * taps) with what a window sees of some channels of maps. */
  SpatialProduct(Plan plan, Window window, Maps maps, Rows x, int channels, PackedWeights weights) {
    super(plan, weights, new Tiles(window.width));
    this.window = window;
    this.maps = maps;
    this.x = x;
    this.channels = channels;
    int rows = Math.max(1, TILE / window.width);
    while (rows > 1 && (long) channels * window.channelFloats(rows) > SCRATCH_FLOATS) {
      rows--;
    }
    this.tileRows = rows;
    this.windowRows = window.rows(channels, rows);
  }

  @Override
  int divide() {
    int columns = maps.images() * window.height * window.width;
    int rows = Math.min(tileRows, Math.max(1, tileColumns(columns) / window.width));
    tiles.divide(columns, rows * window.width);
    return rowGroups(columns, weights().rows());
  }

  @Override
  void compute(int tile, int from, int to, int worker) {
    int firstRow = tiles.start(tile) / window.width;
    int endRow = tiles.end(tile) / window.width;
    int resultAt = rowsScratch();
    int pitch = Kernels.wholeLines(window.maximumPositions(tileRows)) + Kernels.SLACK;
    int floats = resultAt + RESULT_ROWS * pitch + Kernels.SLACK;
    float[] scratch = plan.engine.team().scratch(worker, floats);
    lay(firstRow, endRow, scratch);
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      multiply(firstRow, endRow, m, count, scratch, resultAt, pitch, scratch);
      closeGaps(scratch, resultAt, pitch, count, firstRow, endRow);
      sink.take(scratch, resultAt, pitch, m, count, tiles.start(tile), tiles.pixels(tile), tile);
    }
  }

  /** Floats of scratch that {@link #lay} and {@link #multiply} need. */
  private int rowsScratch() {
    return tileAt() + Kernels.TILE_SCRATCH;
  }

  private int panelAt() {
    int floats = channels * window.channelFloats(tileRows) + Kernels.SLACK;
    return Kernels.aligned(Kernels.ALIGNED + floats);
  }

  private int tileAt() {
    return panelAt() + weights().depth() * Kernels.PANEL;
  }

  /** Lays what the window sees of rows [firstRow, endRow) into scratch. */
  private void lay(int firstRow, int endRow, float[] scratch) {
    window.pack(
        plan, prologue, x, 0, channels, firstRow, endRow, tileRows, scratch, Kernels.ALIGNED);
  }

  /**
   * y (count, positions) = output channels [m, m + count) of rows [firstRow, endRow), which were
   * laid; {@link Window#position} says where the rows begin.
   */
  private void multiply(
      int firstRow, int endRow, int m, int count, float[] y, int yAt, int yPitch, float[] scratch) {
    Kernels kernels = plan.engine.kernels();
    int k = weights().depth();
    int positions = window.positions(firstRow, endRow);
    for (int j = 0; j < positions; j += Kernels.PANEL) {
      kernels.gather(scratch, Kernels.ALIGNED + j, windowRows, k, scratch, panelAt());
      kernels.product(
          weights().array(),
          m * k,
          count,
          k,
          scratch,
          panelAt(),
          bias,
          biasAt + m,
          y,
          yAt + j,
          yPitch,
          Math.min(Kernels.PANEL, positions - j),
          scratch,
          tileAt());
    }
  }

  /** Moves the rows of pictures together, over the margins between them. */
  private void closeGaps(float[] result, int at, int pitch, int rows, int firstRow, int endRow) {
    int width = window.width;
    for (int r = 0; r < rows; r++) {
      int line = at + r * pitch;
      for (int row = firstRow + 1; row < endRow; row++) {
        System.arraycopy(
            result,
            line + window.position(firstRow, row),
            result,
            line + (row - firstRow) * width,
            width);
      }
    }
  }
}
