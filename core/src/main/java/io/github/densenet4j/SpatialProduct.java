package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * The product of a k x k convolution: tiles are rows of pictures, laid into scratch by a {@link
 * Window}.
 */
final class SpatialProduct implements Product {
  private static final int RESULT_ROWS = 16 * Kernels.ROW_BLOCK; // the bottleneck of a dense layer
  private static final int SCRATCH_FLOATS = 160_000;

  private final Plan plan;
  final Window window;
  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final PackedWeights weights;
  private final Tiles tiles;
  private final int tileRows;
  private final int[] windowRows;
  private final Team.Task task = this::tile;
  private Prologue prologue;
  private float[] bias;
  private int biasAt;
  private Sink sink;
  private int groups;

  /** Multiplies weights (M, channels * taps) with what a window sees of some channels of maps. */
  SpatialProduct(Plan plan, Window window, Maps maps, Rows x, int channels, PackedWeights weights) {
    this.plan = plan;
    this.window = window;
    this.maps = maps;
    this.x = x;
    this.channels = channels;
    this.weights = weights;
    this.tiles = new Tiles(window.width);
    int rows = Math.max(1, Product.TILE / window.width);
    while (rows > 1 && (long) channels * window.channelFloats(rows) > SCRATCH_FLOATS) {
      rows--;
    }
    this.tileRows = rows;
    this.windowRows = window.rows(channels, rows);
  }

  @Override
  public PackedWeights weights() {
    return weights;
  }

  @Override
  public void run(Prologue prologue, float[] bias, int biasAt, Sink sink) {
    use(prologue, bias, biasAt);
    this.sink = sink;
    int columns = maps.images() * window.height * window.width;
    int rows = Math.min(tileRows, Math.max(1, Product.tileColumns(columns) / window.width));
    tiles.divide(columns, rows * window.width);
    groups = Product.rowGroups(columns, weights.rows());
    sink.begin(tiles);
    plan.engine.team().run(task, tiles.count() * groups);
    sink.end();
  }

  private void tile(int index, int worker) {
    int tile = index / groups;
    int from = Product.firstRow(weights.rows(), index % groups, groups);
    int to = Product.firstRow(weights.rows(), index % groups + 1, groups);
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

  // ---- for someone who goes through the pictures in his own order

  /** What {@link #lay} and {@link #multiply} will use. */
  void use(Prologue prologue, float[] bias, int biasAt) {
    this.prologue = prologue;
    this.bias = bias;
    this.biasAt = biasAt;
  }

  /** Rows that are laid and multiplied at once: at most so many. */
  int rowsAtOnce() {
    return tileRows;
  }

  /** Floats of scratch that {@link #lay} and {@link #multiply} need. */
  int rowsScratch() {
    return tileAt() + Kernels.TILE_SCRATCH;
  }

  private int panelAt() {
    int floats = channels * window.channelFloats(tileRows) + Kernels.SLACK;
    return Kernels.aligned(Kernels.ALIGNED + floats);
  }

  private int tileAt() {
    return panelAt() + weights.depth() * Kernels.PANEL;
  }

  /** Lays what the window sees of rows [firstRow, endRow) into scratch. */
  void lay(int firstRow, int endRow, float[] scratch) {
    window.pack(
        plan, prologue, x, 0, channels, firstRow, endRow, tileRows, scratch, Kernels.ALIGNED);
  }

  /**
   * y (count, positions) = output channels [m, m + count) of rows [firstRow, endRow), which were
   * laid; {@link Window#position} says where the rows begin.
   */
  void multiply(
      int firstRow, int endRow, int m, int count, float[] y, int yAt, int yPitch, float[] scratch) {
    Kernels kernels = plan.engine.kernels();
    int k = weights.depth();
    int positions = window.positions(firstRow, endRow);
    for (int j = 0; j < positions; j += Kernels.PANEL) {
      kernels.gather(scratch, Kernels.ALIGNED + j, windowRows, k, scratch, panelAt());
      kernels.product(
          weights.array(),
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
