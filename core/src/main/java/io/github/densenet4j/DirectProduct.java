package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.PlainProduct;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;

/**
 * Any convolution as its definition says it, on {@link PlainProduct}'s loop: for kernels without
 * vectors, and for a process that will have ended before those with vectors are compiled.
 *
 * <p>A few channels of a tile are laid into scratch, with zeros around the pictures where a window
 * needs them; each (channel, tap) is a row of it, and eight rows at a time are added to all rows of
 * the result. Every value is summed in the order of the weights, whatever the tiles are.
 */
final class DirectProduct extends Product {
  private static final int TILE = 784; // eight rows of it stay in the first cache
  private static final int LEAST_TILE = 196; // shorter loops are mostly beginning and end
  private static final int CHANNELS = PlainProduct.DEPTH; // laid, and rows multiplied, at once

  private final Window window; // null for 1x1
  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final int width; // of the result
  private final int tileRows;
  private final int positions; // of the largest tile, margins included
  private final int[] rows; // where in scratch each (channel, tap) begins

  /**
   * Multiplies weights (M, channels * taps) with what a window sees of some channels of maps.
   *
   * @param window null for 1x1
   */
  DirectProduct(Plan plan, Window window, Maps maps, Rows x, int channels, PackedWeights weights) {
    super(plan, weights, new Tiles(window == null ? 1 : window.width));
    this.window = window;
    this.maps = maps;
    this.x = x;
    this.channels = channels;
    int together = Math.min(CHANNELS, channels);
    if (window == null) {
      this.width = 1;
      this.tileRows = TILE;
      this.positions = TILE;
      this.rows = new int[together];
      Arrays.setAll(rows, c -> c * TILE);
    } else {
      this.width = window.width;
      this.tileRows = Math.max(1, TILE / width);
      this.positions = window.maximumPositions(tileRows);
      this.rows = window.rows(together, tileRows);
    }
  }

  @Override
  int divide() {
    int columns = maps.images() * (window == null ? maps.area() : window.height * width);
    int target = Math.clamp(columns / 4, LEAST_TILE, TILE) / width * width;
    tiles.divide(columns, Math.max(width, target));
    return tiles.count() > 1 ? 1 : Math.clamp(weights().rows() / 16, 1, 2);
  }

  @Override
  void compute(int tile, int from, int to, int worker) {
    int start = tiles.start(tile);
    int p = tiles.pixels(tile);
    int all = window == null ? p : window.positions(start / width, (start + p) / width);
    Team team = plan.engine.team();
    float[][] lines = team.rows(worker, CHANNELS + to - from, positions + Kernels.SLACK);
    for (int m = from; m < to; m++) {
      Arrays.fill(lines[CHANNELS + m - from], 0, all, bias == null ? 0 : bias[biasAt + m]);
    }
    for (int c = 0; c < channels; c += CHANNELS) {
      int count = Math.min(CHANNELS, channels - c);
      float[] scratch = lay(c, count, start, p, worker);
      int k = count * taps();
      for (int j = 0; j < k; j += CHANNELS) {
        int depth = Math.min(CHANNELS, k - j);
        see(scratch, j, depth, all, lines);
        int w = from * weights().depth() + c * taps() + j;
        PlainProduct.add(
            weights().array(), w, weights().depth(), to - from, depth, lines, lines, CHANNELS, all);
      }
    }
    for (int m = from; m < to; m++) {
      float[] line = lines[CHANNELS + m - from];
      closeGaps(line, start / width, (start + p) / width);
      sink.take(line, 0, positions, m, 1, start, p, tile);
    }
  }

  /** Copies (channel, tap) [row, row + depth) to the first lines; what is missing there is zero. */
  private void see(float[] scratch, int row, int depth, int p, float[][] lines) {
    for (int i = 0; i < CHANNELS; i++) {
      if (i < depth) {
        System.arraycopy(scratch, rows[row + i], lines[i], 0, p);
      } else {
        Arrays.fill(lines[i], 0, p, 0);
      }
    }
  }

  private int taps() {
    return window == null ? 1 : window.taps;
  }

  /** Lays channels of a tile, normalised, into scratch. */
  private float[] lay(int channel, int count, int start, int p, int worker) {
    Team team = plan.engine.team();
    if (window != null) {
      int floats = CHANNELS * window.channelFloats(tileRows) + Kernels.SLACK;
      float[] scratch = team.scratch(worker, floats);
      int first = start / width;
      int end = (start + p) / width;
      window.pack(plan, prologue, x, channel, count, first, end, tileRows, scratch, 0);
      return scratch;
    }
    float[] scratch = team.scratch(worker, CHANNELS * TILE + Kernels.SLACK);
    prologue.apply(
        plan.engine.kernels(),
        x.array(),
        x.at(channel, start),
        x.pitch(),
        channel,
        count,
        p,
        scratch,
        0,
        TILE,
        Kernels.PANEL);
    return scratch;
  }

  /** Moves the rows of pictures together, over the margins between them. */
  private void closeGaps(float[] result, int first, int end) {
    if (window != null) {
      for (int row = first + 1; row < end; row++) {
        System.arraycopy(result, window.position(first, row), result, (row - first) * width, width);
      }
    }
  }
}
