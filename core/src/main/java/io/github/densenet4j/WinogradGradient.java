package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution by {@link Winograd}'s algorithm, dW = G^T ((B^T x B) *
 * (A dy A^T)) G, summed over all tiles before the last transform: a quarter of the plain sum's
 * products with F(4x4), four ninths with F(2x2).
 *
 * <p>Of its two sides the channels are in the lanes: they are many, the output channels often fewer
 * than a vector has.
 */
final class WinogradGradient implements WeightGradient.Share {
  private static final int SLICES = 4; // a sum is four times the gradient
  private static final int CHANNELS = Kernels.TILE_COLUMNS; // transformed together, so that they
  private static final int POSITIONS = 64; // stay in the second cache with the gradient's planes
  private static final int TAPS = 9;

  private final Plan plan;
  private final Winograd winograd;
  private final Rows x;
  private final Rows dy;
  private final int m;
  private final int lanes;
  private final int height;
  private final int width;
  private final int step;
  private final WinogradTiles pictures;
  private final int bandRows;
  private final Tiles tiles;
  private final int[] rows; // of x
  private final int[] gradientRows; // of dy, or of its whole tiles

  // where everything lies in a worker's scratch
  private final int gradientsAt;
  private final int gradientPlane;
  private final int inputsAt;
  private final int inputPlane;
  private final int pixelPitch; // of dy's whole tiles, where the inputs come afterwards
  private final int zeroAt; // a pixel
  private final int pixelsAt; // of dy, then of the inputs
  private final int tileAt;
  private final int floats;

  /** For weights (m, channels * 9) between pictures x and gradients {@code dy (m, N*H*W)}. */
  WinogradGradient(Plan plan, Maps in, Rows x, int channels, Rows dy, int m) {
    this.winograd = in.lines.winograd();
    this.step = winograd.step();
    this.plan = plan;
    this.x = x;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, channels);
    this.height = in.height;
    this.width = in.width;
    this.pictures = new WinogradTiles(winograd, height, width, Math.ceilDiv(width, step));
    int tileRows = Math.max(1, POSITIONS / pictures.pitch());
    this.bandRows =
        height % step == 0 ? tileRows * step : Math.max(1, tileRows / pictures.rows()) * height;
    this.tiles = new Tiles(width);
    int positions = pictures.positions(0, bandRows);
    int blocks = Math.ceilDiv(m, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK;
    int panels = Math.ceilDiv(Math.min(CHANNELS, lanes), Kernels.PANEL) * Kernels.PANEL;
    this.gradientsAt = Kernels.ALIGNED;
    this.gradientPlane = Kernels.wholeLines(blocks * positions) + 16;
    this.inputsAt = gradientsAt + winograd.planes() * gradientPlane;
    this.inputPlane = panels * positions + 16;
    int pixels = positions * step * step;
    this.pixelPitch = Kernels.wholeLines(pixels) + 16;
    this.zeroAt =
        Kernels.aligned(inputsAt + Math.max(winograd.planes() * inputPlane, m * pixelPitch));
    this.pixelsAt = zeroAt + Kernels.PANEL;
    int seen = (bandRows + 2) * width * Kernels.PANEL;
    this.tileAt = Kernels.aligned(pixelsAt + Math.max(blocks * pixels, seen) + Kernels.SLACK);
    this.floats = tileAt + Kernels.correlateScratch(CHANNELS);
    this.rows = Rows.starts(Kernels.PANEL, x.pitch());
    this.gradientRows = Rows.starts(m, overhang() ? pixelPitch : dy.pitch());
  }

  /** Whether tiles overhang the pictures. */
  private boolean overhang() {
    return height % step != 0 || width % step != 0;
  }

  @Override
  public Tiles divide(int images) {
    tiles.divide(images * height * width, bandRows * width);
    return tiles;
  }

  @Override
  public int slices() {
    return SLICES;
  }

  @Override
  public int places() {
    return winograd.planes();
  }

  @Override
  public boolean channelsInLanes() {
    return true;
  }

  @Override
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    int firstRow = tiles.start(tile) / width;
    int endRow = tiles.end(tile) / width;
    int positions = pictures.positions(firstRow, endRow);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    transformGradient(firstRow, endRow, positions, scratch);
    Arrays.fill(scratch, zeroAt, zeroAt + Kernels.PANEL, 0);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      for (int i = 0; i < count; i += Kernels.PANEL) {
        int v = inputsAt + i * positions;
        int channels = Math.min(Kernels.PANEL, count - i);
        transformInputs(prologue, c + i, channels, firstRow, endRow, scratch, v);
      }
      for (int i = 0; i < winograd.planes(); i++) {
        plan.engine
            .kernels()
            .correlate(
                scratch,
                gradientsAt + i * gradientPlane,
                m,
                scratch,
                inputsAt + i * inputPlane,
                WeightGradient.lanes(plan, count),
                positions,
                dw,
                dwAt + i * lanes + c,
                winograd.planes() * lanes,
                scratch,
                tileAt);
      }
    }
  }

  /** v (planes, positions, channels), no more than a panel of them, in picture rows [from, to). */
  private void transformInputs(
      Prologue prologue, int channel, int channels, int from, int to, float[] scratch, int v) {
    Kernels kernels = plan.engine.kernels();
    int first = from % height == 0 ? from : from - 1; // with the lines above and below
    int last = to % height == 0 ? to : to + 1;
    kernels.transpose(
        prologue.rectifies(),
        prologue.scale(),
        prologue.shift(),
        channel,
        x.array(),
        x.at(channel, first * width),
        rows,
        Kernels.PANEL,
        channels,
        (last - first) * width,
        scratch,
        pixelsAt,
        scratch,
        tileAt);
    int end;
    for (int row = from; row < to; row = end) {
      int picture = row / height * height; // its first row
      end = Math.min(to, picture + height);
      kernels.winogradPixels(
          winograd,
          scratch,
          pixelsAt + (picture - first) * width * Kernels.PANEL,
          zeroAt,
          channels,
          height,
          width,
          row - picture,
          Math.ceilDiv(end - row, step),
          scratch,
          v + pictures.positions(from, row) * Kernels.PANEL,
          inputPlane,
          scratch,
          tileAt);
    }
  }

  /** The planes of dy in picture rows [from, to). */
  private void transformGradient(int from, int to, int positions, float[] scratch) {
    Kernels kernels = plan.engine.kernels();
    boolean whole = !overhang();
    if (!whole) {
      wholeTiles(from, to, scratch);
    }
    kernels.packRows(
        false,
        null,
        null,
        0,
        whole ? dy.array() : scratch,
        whole ? dy.at(0, from * width) : inputsAt,
        gradientRows,
        0,
        m,
        positions * step * step,
        scratch,
        pixelsAt,
        scratch,
        tileAt);
    kernels.winogradResultGradient(
        winograd,
        scratch,
        pixelsAt,
        m,
        positions / pictures.pitch() * step,
        pictures.pitch() * step,
        scratch,
        gradientsAt,
        gradientPlane,
        scratch,
        tileAt);
  }

  /** Lays dy in picture rows [from, to) into scratch, with zeros where tiles overhang pictures. */
  private void wholeTiles(int from, int to, float[] scratch) {
    for (int r = 0; r < m; r++) {
      int line = inputsAt + r * pixelPitch;
      Arrays.fill(scratch, line, line + pixelPitch, 0);
      for (int row = from; row < to; row++) {
        wholeLine(dy.at(r, row * width), scratch, line + lineInTiles(from, row));
      }
    }
  }

  private int lineInTiles(int from, int row) {
    int above = (row / height - from / height) * pictures.rows() * step;
    return (above + row % height - from % height) * pictures.pitch() * step;
  }

  private void wholeLine(int from, float[] scratch, int to) {
    int pixel = from;
    for (int phase = 0; phase < step; phase++) {
      int pixels = Math.ceilDiv(width - phase, step);
      System.arraycopy(dy.array(), pixel, scratch, to + phase * pictures.pitch(), pixels);
      pixel += pixels;
    }
  }

  /** Turns sums (rows, planes, lanes) into gradients (rows, 9, lanes), in their place. */
  @Override
  public void finish(float[] sums, int at, int rows, int worker) {
    Kernels kernels = plan.engine.kernels();
    int size = winograd.size();
    float[] half = plan.engine.team().scratch(worker, 3 * size * lanes);
    for (int r = 0; r < rows; r++) {
      int from = at + r * size * size * lanes;
      kernels.winogradWeightsGradient(
          winograd, sums, from, size * lanes, size * lanes, half, 0, size * lanes);
      for (int t = 0; t < 3; t++) {
        int to = at + (r * TAPS + 3 * t) * lanes;
        kernels.winogradWeightsGradient(
            winograd, half, t * size * lanes, lanes, lanes, sums, to, lanes);
      }
    }
  }
}
