package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/** The product of a 1x1 convolution: x (K,P) are rows of maps, any columns of which make a tile. */
final class PointwiseProduct implements Product {
  private static final int PANEL = 48;
  private static final int RESULT_ROWS = 64;

  private final Plan plan;
  private final Maps maps;
  private final Rows x;
  private final PackedWeights weights;
  private final Tiles tiles = new Tiles(PANEL);
  private final int
      panel; // columns that are normalised at once, so that K rows of them stay in cache
  private final int[] panelRows; // where row k of a panel begins
  private final int[] directRows; // where row k of x begins
  private final Team.Task task = this::tile;
  private Prologue prologue;
  private float[] bias;
  private int biasAt;
  private Sink sink;
  private int groups;

  /**
   * Multiplies weights (M,K) with K rows of maps: with their values or, in the backward pass, their
   * gradients.
   */
  PointwiseProduct(Plan plan, Maps maps, Rows x, PackedWeights weights) {
    this.plan = plan;
    this.maps = maps;
    this.x = x;
    this.weights = weights;
    int k = weights.depth();
    this.panel = k <= 340 ? 2 * PANEL : PANEL;
    this.panelRows = new int[k];
    this.directRows = new int[k];
    for (int i = 0; i < k; i++) {
      panelRows[i] = i * panel;
      directRows[i] = i * x.pitch();
    }
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
    int columns = maps.pixels();
    tiles.divide(columns, Product.tileColumns(columns));
    groups = Product.rowGroups(columns, weights.rows());
    sink.begin(tiles);
    plan.engine.team().run(task, tiles.count() * groups);
    sink.end();
  }

  private void tile(int index, int worker) {
    int tile = index / groups;
    int blocks = (weights.rows() + Kernels.ROW_BLOCK - 1) / Kernels.ROW_BLOCK;
    int from = blocks * (index % groups) / groups * Kernels.ROW_BLOCK;
    int to = Math.min(weights.rows(), blocks * (index % groups + 1) / groups * Kernels.ROW_BLOCK);
    if (sink instanceof Store store) {
      store(store, tile, from, to, worker);
    } else {
      pass(tile, from, to, worker);
    }
  }

  /** A plain result needs no way station: the product writes it to its place. */
  private void store(Store store, int tile, int from, int to, int worker) {
    Kernels kernels = plan.engine.kernels();
    int k = weights.depth();
    int start = tiles.start(tile);
    int end = tiles.end(tile);
    Rows y = store.target();
    boolean direct = prologue == Prologue.NONE;
    int step = direct ? end - start : panel;
    float[] scratch =
        direct ? x.array() : plan.engine.team().scratch(worker, k * panel + Kernels.SLACK);
    for (int p0 = start; p0 < end; p0 += step) {
      int p = Math.min(step, end - p0);
      if (!direct) {
        prologue.apply(kernels, x.array(), x.at(0, p0), x.pitch(), 0, k, p, scratch, 0, panel);
      }
      kernels.product(
          weights.array(),
          from * k,
          to - from,
          k,
          scratch,
          direct ? x.at(0, p0) : 0,
          direct ? directRows : panelRows,
          bias,
          biasAt + from,
          y.array(),
          y.at(from, p0),
          y.pitch(),
          p);
    }
    store.taken(from, to - from, start, end - start, tile);
  }

  /** Hands the result to the sink in groups of rows that stay in cache. */
  private void pass(int tile, int from, int to, int worker) {
    int k = weights.depth();
    int start = tiles.start(tile);
    int p = tiles.pixels(tile);
    float[] scratch =
        plan.engine.team().scratch(worker, RESULT_ROWS * Product.TILE + Kernels.SLACK);
    for (int m = from; m < to; m += RESULT_ROWS) {
      int count = Math.min(RESULT_ROWS, to - m);
      plan.engine
          .kernels()
          .product(
              weights.array(),
              m * k,
              count,
              k,
              x.array(),
              x.at(0, start),
              directRows,
              bias,
              biasAt + m,
              scratch,
              0,
              Product.TILE,
              p);
      sink.take(scratch, 0, Product.TILE, m, count, start, p, tile);
    }
  }
}
