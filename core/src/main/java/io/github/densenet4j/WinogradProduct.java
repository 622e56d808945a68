package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;
import java.util.List;

/**
 * The product of a 3x3 convolution by {@link Winograd}'s algorithm: the tiles of a band of picture
 * rows are transformed into planes {@code (planes, C, positions)}, one small product a plane makes
 * {@code (planes, M, positions)}, and these are transformed back.
 *
 * <p>A position is a tile of {@code step x step} results. The positions of a row of tiles are its
 * tiles and, where whole vectors are near, a few void ones: then each row begins a vector.
 */
final class WinogradProduct extends Product {
  /** Of how many channels, read and made, the algorithm makes a product worth its while. */
  static final int LEAST_CHANNELS = 8;

  private static final int RESULT_ROWS = 2 * Kernels.ROW_BLOCK;
  private static final int BAND_FLOATS =
      170_000; // of planes, so that they stay in the second cache

  private final Maps maps;
  private final Rows x;
  private final int channels;
  private final WinogradWeights weights;
  private final Winograd winograd;
  private final int height;
  private final int width;
  private final int step;
  private final WinogradTiles pictures;
  private Scratch layout;
  private final int[] held; // the first row of the weights that are in each worker's scratch, or -1

  /** Multiplies weights (M, channels * 9) with what a 3x3 window sees of some channels of maps. */
  WinogradProduct(Plan plan, Maps maps, Rows x, WinogradWeights weights) {
    super(plan, weights, new Tiles(maps.width));
    this.maps = maps;
    this.x = x;
    this.channels = weights.channels();
    this.weights = weights;
    this.winograd = weights.winograd();
    this.height = maps.height;
    this.width = maps.width;
    this.step = winograd.step();
    this.pictures = new WinogradTiles(winograd, height, width, pitch(winograd, width));
    this.held = new int[plan.engine.team().threads()];
  }

  /** Positions in a row of tiles: where whole vectors are near, so many. */
  private static int pitch(Winograd winograd, int width) {
    int tiles = Math.ceilDiv(width, winograd.step());
    int whole = tiles > 8 ? Kernels.wholeLines(tiles) : tiles > 4 ? 8 : tiles;
    return 7 * whole <= 8 * tiles ? whole : tiles;
  }

  /**
   * The form that suits 3x3 convolutions over pictures of a size: larger tiles save more products,
   * but must be so many that each of several threads has whole vectors of its own part of a
   * picture; null where the plain sum is as good. Several pictures count as two or four, so that a
   * batch's size does not change the last bits of its results.
   */
  static Winograd choose(int height, int width, int images) {
    for (Winograd winograd : List.of(Winograd.F4, Winograd.F2)) {
      long positions =
          (images == 1 ? 1L : winograd == Winograd.F4 ? 2L : 4L)
              * Math.ceilDiv(height, winograd.step())
              * pitch(winograd, width);
      // half of one picture is a vector at least; F(2x2), the last choice, takes less
      boolean halves = images == 1 && winograd == Winograd.F4;
      if (positions >= (halves ? Kernels.PANEL : Kernels.PANEL / 2)) {
        return winograd;
      }
    }
    return null;
  }

  @Override
  WinogradWeights weights() {
    return weights;
  }

  /** Picture rows of a band: whole rows of tiles, or whole pictures where tiles overhang them. */
  private int bandRows(int images) {
    int positions = bandPositions();
    int inPicture = pictures.position(height);
    int all = images * inPicture;
    // enough bands for several threads, but two vectors wide: one alone waits for its weights
    positions = Math.min(positions, Math.max(Kernels.PANEL, all / 12));
    if (height % step != 0) {
      return height * Math.max(1, positions / inPicture);
    }
    return rows(positions);
  }

  /** Picture rows, whole rows of tiles, that have about so many positions. */
  private int rows(int positions) {
    return step * Math.max(1, Math.round((float) positions / pictures.pitch() - 0.4f));
  }

  /** Picture rows of a band that is part of one picture. */
  int bandRows() {
    return Math.min(Math.ceilDiv(height, step) * step, rows(bandPositions()));
  }

  /** Positions whose planes stay in the second cache: one to four panels. */
  private int bandPositions() {
    int rows = channels + Math.min(RESULT_ROWS, weights.rows());
    int panels = BAND_FLOATS / (winograd.planes() * rows * Kernels.PANEL);
    return Kernels.PANEL * Math.clamp(panels, 1, 4);
  }

  @Override
  int divide() {
    int bandRows = bandRows(maps.images());
    layout = new Scratch(bandRows);
    tiles.divide(maps.images() * height * width, bandRows * width);
    Arrays.fill(held, -1);
    return tiles.count() > 1 ? 1 : Math.min(2, weights.rows() / Kernels.ROW_BLOCK);
  }

  /** What {@link #rows} will use, for bands of at most so many picture rows. */
  void use(Prologue prologue, float[] bias, int biasAt, Sink sink, int bandRows) {
    use(prologue, bias, biasAt);
    this.sink = sink;
    this.layout = new Scratch(bandRows);
  }

  /** Floats of scratch that {@link #rows} needs. */
  int rowsScratch() {
    return layout.floats;
  }

  /** Where everything of a band lies in a worker's scratch. Distances avoid powers of two. */
  private final class Scratch {
    final int panels;
    final int vPlane;
    final int mPlane;
    final int phase;
    final int yPitch;
    final int vAt;
    final int mAt;
    final int inputAt;
    final int phasesAt;
    final int yAt;
    final int tileAt;
    final int floats;

    Scratch(int bandRows) {
      int positions = pictures.position(bandRows);
      panels = Math.ceilDiv(positions, Kernels.PANEL);
      vPlane = panels * channels * Kernels.PANEL + 16;
      mPlane = panels * RESULT_ROWS * Kernels.PANEL + 16;
      phase = (positions + Kernels.PANEL) / 16 * 16 + 16;
      yPitch = Kernels.wholeLines(bandRows * width) + 16;
      vAt = Kernels.ALIGNED;
      mAt = vAt + winograd.planes() * vPlane;
      inputAt = Kernels.aligned(mAt + winograd.planes() * mPlane + 16);
      phasesAt =
          Kernels.aligned(inputAt + Kernels.winogradInputScratch(winograd, pictures.pitch()));
      yAt = phasesAt + RESULT_ROWS * winograd.phases() * phase + 64;
      tileAt = yAt + RESULT_ROWS * yPitch + 64;
      floats = tileAt + Kernels.WINOGRAD_SCRATCH + Kernels.SLACK;
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
    int weightsAt = Kernels.aligned(layout.floats);
    float[] scratch = plan.engine.team().scratch(worker, weightsAt + weightsScratch());
    if (held[worker] != from) {
      held[worker] = from;
      weights.transform(from, to, scratch, weightsAt);
    }
    rows(firstRow, endRow, from, to, x.array(), x.at(0, 0), x.pitch(), tile, scratch, weightsAt);
  }

  /** Floats of scratch for the weights that {@link #rows} needs. */
  int weightsScratch() {
    return weights.transformedLength() + Kernels.SLACK;
  }

  /**
   * Hands rows [from, to) of the result, picture rows [firstRow, endRow), to the sink.
   *
   * @param x holds row r of channel c of the pictures at {@code xAt + c * xPitch + r * width}, for
   *     the rows wanted and their neighbours in the picture
   * @param tile the sink's number of these columns
   * @param weightsAt where {@link #weights} were transformed to in scratch
   */
  void rows(
      int firstRow,
      int endRow,
      int from,
      int to,
      float[] x,
      int xAt,
      int xPitch,
      int tile,
      float[] scratch,
      int weightsAt) {
    Scratch s = layout;
    pictures.transform(
        plan.engine.kernels(),
        prologue,
        x,
        xAt,
        xPitch,
        0,
        channels,
        firstRow,
        endRow,
        scratch,
        s.vAt,
        s.vPlane,
        Kernels.PANEL,
        channels * Kernels.PANEL,
        s.inputAt);
    int positions = pictures.positions(firstRow, endRow);
    int columns = (endRow - firstRow) * width;
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      multiply(m, count, positions, s, scratch, weightsAt);
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

  /** m (planes, rows, positions) = weights (planes, rows, C) * v (planes, C, positions). */
  private void multiply(
      int row, int rows, int positions, Scratch s, float[] scratch, int weightsAt) {
    int whole = Math.min(s.panels * Kernels.PANEL, Kernels.wholeLines(positions));
    for (int i = 0; i < winograd.planes(); i++) {
      plan.engine
          .kernels()
          .product(
              scratch,
              weightsAt + i * weights.pitch() + row * channels,
              rows,
              channels,
              scratch,
              s.vAt + i * s.vPlane,
              null,
              0,
              scratch,
              s.mAt + i * s.mPlane,
              s.panels * Kernels.PANEL,
              whole,
              scratch,
              s.tileAt);
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
    Kernels kernels = plan.engine.kernels();
    kernels.winogradOutput(
        winograd,
        scratch,
        s.mAt,
        s.mPlane,
        s.panels * Kernels.PANEL,
        count,
        pictures.positions(firstRow, endRow),
        bias,
        biasAt + m,
        scratch,
        s.phasesAt,
        winograd.phases() * s.phase,
        s.phase,
        scratch,
        s.tileAt);
    int end;
    for (int row = firstRow; row < endRow; row = end) {
      end = Math.min(endRow, (row / height + 1) * height);
      kernels.winogradJoin(
          winograd,
          scratch,
          s.phasesAt + pictures.positions(firstRow, row),
          winograd.phases() * s.phase,
          s.phase,
          pictures.pitch(),
          count,
          end - row,
          width,
          y,
          yAt + (row - firstRow) * width,
          yPitch);
    }
  }
}
