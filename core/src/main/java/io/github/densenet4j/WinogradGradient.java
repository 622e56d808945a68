package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The weight gradient of a 3x3 convolution by {@link Winograd}'s algorithm, dW = G^T ((B^T x B) *
 * (A dy A^T)) G, summed over all tiles before the last transform: a quarter of the plain sum's
 * products.
 */
final class WinogradGradient implements WeightGradient.Share {
  private static final int SLICES = 4; // a sum is four times the gradient
  private static final int CHANNELS = 16; // transformed together, so that they stay in the second
  private static final int POSITIONS = 64; // cache with the gradient's planes
  private static final int TAPS = 9;

  private final Plan plan;
  private final Winograd winograd = Winograd.F4;
  private final Rows x;
  private final Rows dy;
  private final int m;
  private final int lanes;
  private final int height;
  private final int width;
  private final int step = winograd.step();
  private final int across; // tiles in a row of a picture
  private final int down;
  private final int bandRows;
  private final Tiles tiles;
  private final int pitch; // positions of a channel of a plane
  private final int[] rows = new int[CHANNELS];

  /** For weights (m, channels * 9) between pictures x and gradients {@code dy (m, N*H*W)}. */
  WinogradGradient(Plan plan, Window window, Rows x, Rows dy, int m) {
    this.plan = plan;
    this.x = x;
    this.dy = dy;
    this.m = m;
    this.lanes = WeightGradient.lanes(plan, m);
    this.height = window.height;
    this.width = window.width;
    this.across = Math.ceilDiv(width, step);
    this.down = Math.ceilDiv(height, step);
    int tileRows = Math.max(1, POSITIONS / across);
    this.bandRows = height % step == 0 ? tileRows * step : Math.max(1, tileRows / down) * height;
    this.tiles = new Tiles(width);
    this.pitch = Kernels.wholeLines(positions(0, bandRows)) + 16;
    for (int c = 0; c < CHANNELS; c++) {
      rows[c] = c * pitch;
    }
  }

  /** Whether it takes fewer products than the plain sum. */
  static boolean suits(Window window, int channels, int m) {
    Winograd f = Winograd.F4;
    int tiles = Math.ceilDiv(window.height, f.step()) * Math.ceilDiv(window.width, f.step());
    return window.kernel == 3
        && window.stride == 1
        && channels >= 8
        && m >= 8
        && 2 * f.planes() * tiles <= TAPS * window.height * window.width;
  }

  /** Tiles of picture rows [from, to), counted through all pictures. */
  private int positions(int from, int to) {
    return position(to) - position(from);
  }

  private int position(int row) {
    return (row / height * down + Math.ceilDiv(row % height, step)) * across;
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
    Kernels kernels = plan.engine.kernels();
    int firstRow = tiles.start(tile) / width;
    int endRow = tiles.end(tile) / width;
    int positions = positions(firstRow, endRow);
    int panels = Math.ceilDiv(lanes, Kernels.PANEL);
    int pixels = positions * step * step;
    int planePanel = positions * Kernels.PANEL;
    int gradientPlane = panels * planePanel + 16;
    int plane = CHANNELS * pitch + 16;
    int gradientsAt = Kernels.ALIGNED;
    int vAt = Kernels.aligned(gradientsAt + winograd.planes() * gradientPlane);
    int inputAt = vAt + winograd.planes() * plane;
    int inputFloats = Kernels.winogradInputScratch(winograd, width, across);
    int floats = inputAt + Math.max(inputFloats, Kernels.WINOGRAD_SCRATCH) + Kernels.SLACK;
    // dy's rows and their transpose lie where the pictures' planes come afterwards
    int pixelPitch = Kernels.wholeLines(pixels) + 16;
    int transposedAt = Kernels.aligned(vAt + m * pixelPitch);
    int tileAt = transposedAt + panels * pixels * Kernels.PANEL;
    floats = Math.max(floats, tileAt + Kernels.TILE_SCRATCH + Kernels.WINOGRAD_SCRATCH);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    wholeTiles(firstRow, endRow, scratch, vAt, pixelPitch);
    kernels.transpose(scratch, vAt, pixelPitch, m, pixels, scratch, transposedAt, scratch, tileAt);
    kernels.winogradResultGradient(
        winograd,
        scratch,
        transposedAt,
        pixels * Kernels.PANEL,
        lanes,
        positions / across * step,
        across * step,
        scratch,
        gradientsAt,
        gradientPlane,
        planePanel,
        scratch,
        tileAt);
    for (int c = from; c < to; c += CHANNELS) {
      int count = Math.min(CHANNELS, to - c);
      transformInput(prologue, firstRow, endRow, c, count, scratch, vAt, plane, inputAt);
      for (int i = 0; i < winograd.planes(); i++) {
        kernels.correlate(
            scratch,
            vAt + i * plane,
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
            inputAt);
      }
    }
  }

  /**
   * Lays rows [from, to) of the result's gradient into scratch, zeros behind them in their tiles.
   */
  private void wholeTiles(int from, int to, float[] scratch, int at, int pitch) {
    for (int r = 0; r < m; r++) {
      int line = at + r * pitch;
      if (height % step != 0 || width % step != 0) {
        Arrays.fill(scratch, line, line + pitch, 0);
      }
      for (int row = from; row < to; row++) {
        int inTiles = (row / height - from / height) * down * step + row % height - from % height;
        System.arraycopy(
            dy.array(), dy.at(r, row * width), scratch, line + inTiles * across * step, width);
      }
    }
  }

  /** The planes of some channels, picture by picture. */
  private void transformInput(
      Prologue prologue,
      int firstRow,
      int endRow,
      int channel,
      int count,
      float[] scratch,
      int vAt,
      int plane,
      int inputAt) {
    int end;
    for (int row = firstRow; row < endRow; row = end) {
      int picture = row / height;
      end = Math.min(endRow, (picture + 1) * height);
      plan.engine
          .kernels()
          .winogradInput(
              winograd,
              prologue.rectifies(),
              prologue.scale(),
              prologue.shift(),
              channel,
              x.array(),
              x.at(channel, picture * height * width),
              x.pitch(),
              count,
              height,
              width,
              row % height,
              Math.ceilDiv(end - row, step),
              scratch,
              vAt,
              plane,
              pitch,
              Kernels.PANEL,
              positions(firstRow, row),
              across,
              scratch,
              inputAt);
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
