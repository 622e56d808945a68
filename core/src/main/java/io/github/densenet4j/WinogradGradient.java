package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution by {@link Winograd}'s algorithm, dW = G^T ((B^T x B) *
 * (A dy A^T)) G, summed over all tiles before the last transform: a quarter of the plain sum's
 * products with F(4x4), four ninths with F(2x2).
 */
final class WinogradGradient implements WeightGradient.Share {
  private static final int SLICES = 4; // a sum is four times the gradient
  private static final int CHANNELS = 16; // transformed together, so that they stay in the second
  private static final int POSITIONS = 64; // cache with the gradient's planes
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
  private final int pitch; // of a channel in a plane of inputs
  private final int[] rows = new int[CHANNELS];

  // where everything lies in a worker's scratch
  private final int gradientsAt;
  private final int gradientPlane;
  private final int inputsAt;
  private final int inputPlane;
  private final int inputTileAt;
  private final int pixelPitch; // of dy, which lies where the inputs come afterwards
  private final int pixelsAt;
  private final int pixelTileAt;
  private final int floats;

  /** For weights (m, channels * 9) between pictures x and gradients {@code dy (m, N*H*W)}. */
  WinogradGradient(Plan plan, Maps in, Rows x, Rows dy, int m) {
    this.winograd = in.lines.winograd();
    this.step = winograd.step();
    this.plan = plan;
    this.x = x;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, m);
    this.height = in.height;
    this.width = in.width;
    this.pictures = new WinogradTiles(winograd, height, width, Math.ceilDiv(width, step));
    int tileRows = Math.max(1, POSITIONS / pictures.pitch());
    this.bandRows =
        height % step == 0 ? tileRows * step : Math.max(1, tileRows / pictures.rows()) * height;
    this.tiles = new Tiles(width);
    int positions = pictures.positions(0, bandRows);
    this.pitch = Kernels.wholeLines(positions) + 16;
    for (int c = 0; c < CHANNELS; c++) {
      rows[c] = c * pitch;
    }
    int wholePanels = Math.ceilDiv(lanes, Kernels.PANEL) * Kernels.PANEL;
    this.gradientsAt = Kernels.ALIGNED;
    this.gradientPlane = wholePanels * positions + 16;
    this.inputsAt = Kernels.aligned(gradientsAt + winograd.planes() * gradientPlane);
    this.inputPlane = CHANNELS * pitch + 16;
    this.inputTileAt = Kernels.aligned(inputsAt + winograd.planes() * inputPlane);
    int pixels = positions * step * step;
    this.pixelPitch = Kernels.wholeLines(pixels) + 16;
    this.pixelsAt = Kernels.aligned(inputsAt + m * pixelPitch);
    this.pixelTileAt = Kernels.aligned(pixelsAt + wholePanels * pixels);
    int inputTile = Kernels.winogradInputScratch(winograd, pictures.pitch());
    this.floats =
        Math.max(
            inputTileAt + Math.max(inputTile, Kernels.TILE_SCRATCH),
            pixelTileAt + Math.max(Kernels.WINOGRAD_SCRATCH, Kernels.TILE_SCRATCH));
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
  public void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt) {
    int firstRow = tiles.start(tile) / width;
    int endRow = tiles.end(tile) / width;
    int positions = pictures.positions(firstRow, endRow);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    transformGradient(firstRow, endRow, positions, scratch);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      pictures.transform(
          plan.engine.kernels(),
          prologue,
          x.array(),
          x.at(c, 0),
          x.pitch(),
          c,
          count,
          firstRow,
          endRow,
          scratch,
          inputsAt,
          inputPlane,
          pitch,
          Kernels.PANEL,
          inputTileAt);
      for (int i = 0; i < winograd.planes(); i++) {
        plan.engine
            .kernels()
            .correlate(
                scratch,
                inputsAt + i * inputPlane,
                rows,
                count,
                scratch,
                gradientsAt + i * gradientPlane,
                lanes,
                positions,
                dw,
                dwAt + (c * winograd.planes() + i) * lanes,
                winograd.planes() * lanes,
                scratch,
                inputTileAt);
      }
    }
  }

  /** The planes of dy in picture rows [from, to), output channels in the lanes. */
  private void transformGradient(int from, int to, int positions, float[] scratch) {
    Kernels kernels = plan.engine.kernels();
    int pixels = positions * step * step;
    if (height % step == 0 && width % step == 0) {
      kernels.transpose(
          dy.array(),
          dy.at(0, from * width),
          dy.pitch(),
          Kernels.PANEL,
          m,
          pixels,
          scratch,
          pixelsAt,
          scratch,
          pixelTileAt);
    } else {
      wholeTiles(from, to, scratch);
      kernels.transpose(
          scratch,
          inputsAt,
          pixelPitch,
          Kernels.PANEL,
          m,
          pixels,
          scratch,
          pixelsAt,
          scratch,
          pixelTileAt);
    }
    kernels.winogradResultGradient(
        winograd,
        scratch,
        pixelsAt,
        pixels * Kernels.PANEL,
        lanes,
        positions / pictures.pitch() * step,
        pictures.pitch() * step,
        scratch,
        gradientsAt,
        gradientPlane,
        positions * Kernels.PANEL,
        scratch,
        pixelTileAt);
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

  /** Turns sums (channels, planes, lanes) into gradients (channels, 9, lanes), in their place. */
  @Override
  public void finish(float[] sums, int at, int channels, int worker) {
    Kernels kernels = plan.engine.kernels();
    int size = winograd.size();
    float[] half = plan.engine.team().scratch(worker, 3 * size * lanes);
    for (int c = 0; c < channels; c++) {
      int from = at + c * size * size * lanes;
      kernels.winogradWeightsGradient(
          winograd, sums, from, size * lanes, size * lanes, half, 0, size * lanes);
      for (int t = 0; t < 3; t++) {
        int to = at + (c * TAPS + 3 * t) * lanes;
        kernels.winogradWeightsGradient(
            winograd, half, t * size * lanes, lanes, lanes, sums, to, lanes);
      }
    }
  }
}
