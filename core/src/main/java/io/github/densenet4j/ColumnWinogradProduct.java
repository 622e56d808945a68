package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The product of a 3x3 convolution by {@link Winograd}'s algorithm down the columns alone, F(4,3):
 * four rows of results need six planes, in which the window is a plain sum along the row. That
 * takes about as many products and weights as F(2x2,3x3), 18 instead of 16 for four results, but
 * lines need not be sorted into tiles.
 *
 * <p>A plane holds lines, one for four rows of the picture, each with the picture's margin of one
 * zero before it, which is the margin behind the line before as well.
 */
final class ColumnWinogradProduct extends Product {
  private static final Winograd WINOGRAD = Winograd.F4;
  private static final int STEP = WINOGRAD.step();
  private static final int CHUNK = 4; // channels that are transformed together, in the first cache
  private static final int RESULT_ROWS = 4 * Kernels.ROW_BLOCK;

  /** Positions of a band: whole vectors behind them must not reach the next channel. */
  private static final int MOST = Kernels.BAND_PITCH - 32;

  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final WinogradWeights weights;
  private final int height;
  private final int width;
  private final int tileRows; // lines of a plane in a picture
  private Scratch layout;
  private final int[] held; // the first row of the weights that are in each worker's scratch, or -1

  /** Multiplies weights (M, channels * 9) with what a 3x3 window sees of some channels of maps. */
  ColumnWinogradProduct(Plan plan, Maps maps, Rows x, WinogradWeights weights) {
    super(plan, weights, new Tiles(maps.width));
    this.maps = maps;
    this.x = x;
    this.channels = weights.channels();
    this.weights = weights;
    this.height = maps.height;
    this.width = maps.width;
    this.tileRows = Math.ceilDiv(height, STEP);
    this.held = new int[plan.engine.team().threads()];
  }

  /** Whether it takes the place of F(2x2) over maps of a size: in inference, if a picture fits. */
  static boolean suits(Plan plan, int height, int width) {
    return !plan.record
        && WinogradProduct.choose(height, width, plan.images) == Winograd.F2
        && Math.ceilDiv(height, STEP) * (width + 1) <= MOST;
  }

  @Override
  int divide() {
    int bandRows = bandRows(maps.images());
    layout = new Scratch(bandRows);
    tiles.divide(maps.images() * height * width, bandRows * width);
    Arrays.fill(held, -1);
    return tiles.count() > 1 ? 1 : Math.clamp(weights.rows() / (2 * Kernels.ROW_BLOCK), 1, 2);
  }

  /** Picture rows of a band: whole lines of planes, or whole pictures where lines overhang them. */
  private int bandRows(int images) {
    // enough bands for several threads, but two vectors wide
    int positions = Math.clamp(images * tileRows * (width + 1) / 12, Kernels.PANEL, MOST);
    int lines = Math.max(1, positions / (width + 1));
    if (height % STEP != 0 && images > 1) {
      return height * Math.max(1, lines / tileRows);
    }
    return Math.min(tileRows, lines) * STEP;
  }

  /** Where everything of a band lies in a worker's scratch. */
  private final class Scratch {
    final int vPlane;
    final int mPlane;
    final int mPitch;
    final int linePitch; // between channels
    final int yPitch;
    final int vAt;
    final int mAt;
    final int linesAt;
    final int yAt;
    final int weightsAt;
    final int floats;

    Scratch(int bandRows) {
      int inPicture = Math.min(bandRows, height);
      vPlane = channels * Kernels.BAND_PITCH + Kernels.SLACK;
      mPitch = Math.ceilDiv(position(bandRows), Kernels.PANEL) * Kernels.PANEL + 16;
      mPlane = RESULT_ROWS * mPitch + 16;
      linePitch = Kernels.wholeLines((Math.ceilDiv(inPicture, STEP) * STEP + 2) * width) + 16;
      yPitch = Kernels.wholeLines(bandRows * width) + 16;
      vAt = Kernels.ALIGNED;
      mAt = vAt + WINOGRAD.size() * vPlane;
      linesAt = mAt + WINOGRAD.size() * mPlane;
      yAt = linesAt + CHUNK * linePitch + Kernels.SLACK;
      weightsAt = Kernels.aligned(yAt + RESULT_ROWS * yPitch + Kernels.SLACK);
      floats = weightsAt + weights.transformedLength() + Kernels.SLACK;
    }
  }

  @Override
  void arrive(int worker) {
    held[worker] = -1;
  }

  @Override
  void compute(int tile, int from, int to, int worker) {
    int firstRow = tiles.start(tile) / width;
    int endRow = tiles.end(tile) / width;
    Scratch s = layout;
    float[] scratch = plan.engine.team().scratch(worker, s.floats);
    if (held[worker] != from) {
      held[worker] = from;
      weights.transform(from, to, scratch, s.weightsAt);
    }
    for (int c = 0; c < channels; c += CHUNK) {
      transformInput(firstRow, endRow, c, Math.min(CHUNK, channels - c), s, scratch);
    }
    int positions = position(endRow) - position(firstRow);
    int columns = (endRow - firstRow) * width;
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      multiply(m, count, positions, s, scratch);
      if (sink instanceof Store store) { // needs no way station
        Rows y = store.target();
        int yAt = y.at(m, firstRow * width);
        transformResult(firstRow, endRow, m, count, s, scratch, y.array(), yAt, y.pitch());
        store.taken(m, count, firstRow * width, columns, tile);
      } else {
        transformResult(firstRow, endRow, m, count, s, scratch, scratch, s.yAt, s.yPitch);
        sink.take(scratch, s.yAt, s.yPitch, m, count, firstRow * width, columns, tile);
      }
    }
  }

  /** Positions before a row that begins a line of a plane, counted through all pictures. */
  private int position(int row) {
    return (row / height * tileRows + Math.ceilDiv(row % height, STEP)) * (width + 1);
  }

  /** Fills the planes of some channels, picture by picture. */
  private void transformInput(
      int firstRow, int endRow, int channel, int count, Scratch s, float[] scratch) {
    int end;
    for (int row = firstRow; row < endRow; row = end) {
      int picture = row / height;
      end = Math.min(endRow, (picture + 1) * height);
      int lines = Math.ceilDiv(end - row, STEP);
      PictureLines.lay(
          plan.engine.kernels(),
          prologue,
          x.array(),
          x.at(channel, picture * height * width),
          x.pitch(),
          height,
          width,
          row % height,
          lines * STEP + 2,
          channel,
          count,
          scratch,
          s.linesAt,
          s.linePitch);
      plan.engine
          .kernels()
          .columnInput(
              scratch,
              s.linesAt,
              s.linePitch,
              count,
              lines,
              width,
              scratch,
              s.vAt + channel * Kernels.BAND_PITCH + position(row) - position(firstRow),
              s.vPlane,
              Kernels.BAND_PITCH);
    }
  }

  /**
   * m (6, rows, positions) = sum over the window's columns of weights (6, rows, C) * v (6, C,
   * positions).
   */
  private void multiply(int row, int rows, int positions, Scratch s, float[] scratch) {
    for (int i = 0; i < WINOGRAD.size(); i++) {
      plan.engine
          .kernels()
          .columnProduct(
              scratch,
              s.weightsAt + 3 * i * weights.pitch() + row * channels,
              weights.pitch(),
              rows,
              channels,
              scratch,
              s.vAt + i * s.vPlane,
              scratch,
              s.mAt + i * s.mPlane,
              s.mPitch,
              positions);
    }
  }

  /** y (rows, columns of the band) from the planes. */
  private void transformResult(
      int firstRow,
      int endRow,
      int m,
      int count,
      Scratch s,
      float[] scratch,
      float[] y,
      int yAt,
      int yPitch) {
    int end;
    for (int row = firstRow; row < endRow; row = end) {
      end = Math.min(endRow, (row / height + 1) * height);
      plan.engine
          .kernels()
          .columnOutput(
              scratch,
              s.mAt + position(row) - position(firstRow),
              s.mPlane,
              s.mPitch,
              count,
              end - row,
              width,
              bias,
              biasAt + m,
              y,
              yAt + (row - firstRow) * width,
              yPitch);
    }
  }
}
