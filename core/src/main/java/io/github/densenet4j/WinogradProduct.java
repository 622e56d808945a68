package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The product of a 3x3 convolution with half the multiplications: {@link Winograd}'s algorithm down
 * the columns. With F(4,3), four rows of the result are made of six rows of the input: these are
 * combined into six planes, each plane is multiplied with weights of its own (the three columns of
 * the window are offsets, as in {@link Window}), and four combinations of the six results are the
 * four rows. One dimension saves a factor of 2 where two would save 2.25 to 4, but every load is
 * contiguous and the transforms cost a quarter.
 *
 * <p>A tile is a number of groups of rows, each in one picture. A group at a picture's lower edge
 * or at a tile's end may have fewer: the others are computed and left out.
 */
final class WinogradProduct implements Product {
  private static final int CHUNK = 8; // channels that are transformed together, in the first cache
  private static final int RESULT_ROWS = 32;
  private static final int LEAST_POSITIONS = 32; // shorter products would waste vectors

  private final Plan plan;
  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final WinogradWeights weights;
  private final Tiles tiles;
  private final int height;
  private final int width;
  private final int pitch; // of a group: its columns and the margin to their left
  private final int positionPitch;
  private final int[] xRow;
  private final Team.Task task = this::tile;
  private Prologue prologue;
  private float[] bias;
  private int biasAt;
  private Sink sink;
  private int groupsOfRows;

  /** Multiplies weights (M, channels * 9) with what a 3x3 window sees of some channels of maps. */
  WinogradProduct(Plan plan, Maps maps, Rows x, WinogradWeights weights) {
    this.plan = plan;
    this.maps = maps;
    this.x = x;
    this.channels = weights.planeDepth() / 3;
    this.weights = weights;
    this.height = maps.height;
    this.width = maps.width;
    this.tiles = new Tiles(width);
    this.pitch = width + 1;
    int most = Math.max(groups(tileRows(1)), groups(tileRows(plan.images)));
    int floats = most * pitch + 2;
    this.positionPitch = floats + (16 - floats % 16) + (floats / 16 % 2 == 0 ? 0 : 16);
    this.xRow = new int[channels * 3];
    for (int i = 0; i < xRow.length; i++) {
      xRow[i] = i / 3 * positionPitch + i % 3;
    }
  }

  /** Whether it pays: the window of a dense layer, and enough of everything to share the cost. */
  static boolean suits(Window window, int channels, int rows) {
    return window.kernel == 3
        && window.stride == 1
        && window.height >= Winograd.LINES
        && window.width >= Winograd.LINES
        && channels >= 8
        && rows >= 4;
  }

  /** Rows of a tile: whole groups that fill vectors, or whole pictures. */
  private int tileRows(int images) {
    int target = Math.max(1, Product.tileColumns(images * height * width) / width);
    boolean whole = images > 1 && height % Winograd.LINES != 0 && height * width <= Product.TILE;
    if (whole) {
      return height * Math.max(1, target / height);
    }
    int least = Math.max(1, Math.round((float) LEAST_POSITIONS / pitch));
    return Winograd.LINES * Math.max(least, target / Winograd.LINES);
  }

  /** No tile of so many rows has more groups. */
  private int groups(int rows) {
    int pictures = (rows + height - 1) / height + 1;
    return rows / Winograd.LINES + 2 * pictures;
  }

  @Override
  public PackedWeights weights() {
    return weights;
  }

  @Override
  public void run(Prologue prologue, float[] bias, int biasAt, Sink sink) {
    this.prologue = prologue;
    this.bias = bias;
    this.biasAt = biasAt;
    this.sink = sink;
    int columns = maps.images() * height * width;
    tiles.divide(columns, tileRows(maps.images()) * width);
    groupsOfRows = tiles.count() > 1 ? 1 : Product.rowGroups(columns, weights.rows());
    sink.begin(tiles);
    plan.engine.team().run(task, tiles.count() * groupsOfRows);
    sink.end();
  }

  private void tile(int index, int worker) {
    int tile = index / groupsOfRows;
    int blocks = (weights.rows() + Kernels.ROW_BLOCK - 1) / Kernels.ROW_BLOCK;
    int part = index % groupsOfRows;
    int from = blocks * part / groupsOfRows * Kernels.ROW_BLOCK;
    int to = Math.min(weights.rows(), blocks * (part + 1) / groupsOfRows * Kernels.ROW_BLOCK);
    int firstRow = tiles.start(tile) / width;
    int endRow = tiles.end(tile) / width;
    int planeFloats = channels * positionPitch;
    int resultPlane = RESULT_ROWS * positionPitch;
    int resultAt = Winograd.PLANES * planeFloats + Kernels.SLACK;
    int yAt = resultAt + Winograd.PLANES * resultPlane + Kernels.SLACK;
    int yPitch = tiles.pixels(0) + 16;
    float[] scratch =
        plan.engine.team().scratch(worker, yAt + RESULT_ROWS * yPitch + Kernels.SLACK);
    int positions = transformInput(firstRow, endRow, scratch, yAt);
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      for (int i = 0; i < Winograd.PLANES; i++) {
        plan.engine
            .kernels()
            .product(
                weights.array(),
                weights.plane(i) + m * weights.planeDepth(),
                count,
                weights.planeDepth(),
                scratch,
                i * planeFloats,
                xRow,
                null,
                0,
                scratch,
                resultAt + i * resultPlane,
                positionPitch,
                positions);
      }
      transformResult(firstRow, endRow, m, count, scratch, resultAt, yAt, yPitch);
      sink.take(scratch, yAt, yPitch, m, count, tiles.start(tile), tiles.pixels(tile), tile);
    }
  }

  /** Lines of the group that begins at a row of a tile. */
  private int lines(int row, int endRow) {
    return Math.min(Winograd.LINES, Math.min(height - row % height, endRow - row));
  }

  /**
   * Fills the planes (channels, positions); {@code at} is free scratch. Returns the positions of
   * the products.
   */
  private int transformInput(int firstRow, int endRow, float[] scratch, int at) {
    Kernels kernels = plan.engine.kernels();
    int line = pitch + 16;
    int planeFloats = channels * positionPitch;
    int end = 0;
    for (int c = 0; c < channels; c += CHUNK) {
      int count = Math.min(CHUNK, channels - c);
      int group = 0;
      for (int row = firstRow; row < endRow; row += lines(row, endRow), group++) {
        gather(row, c, count, scratch, at, line);
        kernels.winogradInput(
            scratch,
            at,
            line,
            Winograd.PLANES * line,
            count,
            pitch,
            scratch,
            c * positionPitch + group * pitch,
            planeFloats,
            positionPitch);
      }
      end = group * pitch;
      for (int i = 0; i < Winograd.PLANES; i++) { // the margin to the right of the last group
        for (int r = c; r < c + count; r++) {
          scratch[i * planeFloats + r * positionPitch + end] = 0;
        }
      }
    }
    return end - 1;
  }

  /** The rows around a group of some channels, zeros outside of the picture. */
  private void gather(int row, int channel, int count, float[] scratch, int at, int line) {
    int picture = row / height;
    for (int r = 0; r < Winograd.PLANES; r++) {
      int h = row % height - 1 + r;
      int to = at + r * line;
      boolean inside = h >= 0 && h < height;
      for (int c = 0; c < count; c++) {
        int start = to + c * Winograd.PLANES * line;
        if (inside) {
          scratch[start] = 0;
        } else {
          Arrays.fill(scratch, start, start + pitch, 0);
        }
      }
      if (inside) {
        prologue.apply(
            plan.engine.kernels(),
            x.array(),
            x.at(channel, (picture * height + h) * width),
            x.pitch(),
            channel,
            count,
            width,
            scratch,
            to + 1,
            Winograd.PLANES * line);
      }
    }
  }

  private void transformResult(
      int firstRow,
      int endRow,
      int m,
      int count,
      float[] scratch,
      int resultAt,
      int yAt,
      int yPitch) {
    int group = 0;
    for (int row = firstRow; row < endRow; group++) {
      int lines = lines(row, endRow);
      plan.engine
          .kernels()
          .winogradOutput(
              scratch,
              resultAt + group * pitch,
              RESULT_ROWS * positionPitch,
              positionPitch,
              count,
              width,
              bias,
              biasAt + m,
              scratch,
              yAt + (row - firstRow) * width,
              yPitch,
              width,
              lines);
      row += lines;
    }
  }
}
