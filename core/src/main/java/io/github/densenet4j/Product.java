package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * y (M, N*OH*OW) = w (M,K) * x (K, N*OH*OW) + bias (M): a convolution as one matrix product, tile
 * by tile over all threads. What comes before (a normalisation) and after (storing, statistics, a
 * gradient's mask) happens to a tile while it is in cache.
 */
abstract class Product {
  /** Columns of a tile: with 128 rows it is a quarter of a second-level cache. */
  static final int TILE = 480;

  final Plan plan;
  final Team.Task task = this::task;
  Tiles tiles;
  Prologue prologue;
  float[] bias;
  int biasAt;
  Sink sink;
  private final PackedWeights weights;
  private final Tiles ownTiles;
  private int groups;

  /** A product whose columns are divided into these tiles. */
  Product(Plan plan, PackedWeights weights, Tiles tiles) {
    this.plan = plan;
    this.weights = weights;
    this.ownTiles = tiles;
  }

  /** The weights, which the caller refreshes before a run. */
  PackedWeights weights() {
    return weights;
  }

  /**
   * Multiplies.
   *
   * @param prologue applied to x on its way in
   * @param bias (M) from {@code biasAt}, or null
   * @param sink takes the result
   */
  final void run(Prologue prologue, float[] bias, int biasAt, Sink sink) {
    begin(prologue, bias, biasAt, sink);
    plan.engine.team().run(task, tasks());
    sink.end();
  }

  /** The first part of {@link #run}: what comes before {@link #tasks} and {@link Sink#end}. */
  final void begin(Prologue prologue, float[] bias, int biasAt, Sink sink) {
    use(prologue, bias, biasAt);
    this.sink = sink;
    this.tiles = ownTiles;
    this.groups = Math.min(divide(), plan.engine.team().threads());
    sink.begin(tiles);
  }

  /** What the tasks will use, for those who do not {@link #run} them. */
  final void use(Prologue prologue, float[] bias, int biasAt) {
    this.prologue = prologue;
    this.bias = bias;
    this.biasAt = biasAt;
  }

  /** How many tasks there are: each a tile and a group of rows. */
  final int tasks() {
    return tiles.count() * groups;
  }

  /** The tile of a task. */
  final int tile(int task) {
    return task / groups;
  }

  /** Which of so many equal parts of the result most of a task belongs to. */
  final int part(int task, int parts) {
    int tile = tile(task);
    float middle = 0.5f * (tiles.start(tile) + tiles.end(tile)) / tiles.end(tiles.count() - 1);
    return (int) ((task % groups + middle) * parts / groups);
  }

  /** A worker, whose scratch others have used, comes to the tasks of this product. */
  void arrive(int worker) {}

  private void task(int index, int worker) {
    int rows = weights.rows();
    int group = index % groups;
    compute(tile(index), firstRow(rows, group, groups), firstRow(rows, group + 1, groups), worker);
  }

  /**
   * Divides the columns into {@link #tiles}; returns into how many groups several threads divide
   * the rows, which makes no difference to a result.
   */
  abstract int divide();

  /** Hands rows [from, to) of a tile of the result to the sink. */
  abstract void compute(int tile, int from, int to, int worker);

  /**
   * The columns of a tile: few enough for the cache, and so many tiles that threads finish
   * together.
   */
  static int tileColumns(int columns) {
    return Math.clamp(Math.ceilDiv(columns, 14), Kernels.TILE_COLUMNS, TILE);
  }

  /**
   * How many groups of rows a phase is divided into, where there are too few columns for all
   * threads.
   */
  static int rowGroups(int columns, int rows) {
    return columns > 2 * Kernels.PANEL ? 1 : Math.max(1, rows / 16);
  }

  /** Where the i-th of so many groups of rows begins: at a whole block of the packed weights. */
  private static int firstRow(int rows, int group, int groups) {
    int blocks = (rows + Kernels.ROW_BLOCK - 1) / Kernels.ROW_BLOCK;
    return Math.min(rows, blocks * group / groups * Kernels.ROW_BLOCK);
  }

  /** No phase over these maps has more tiles. */
  static long maximumTiles(Maps maps, int images) {
    return Math.max((long) images * maps.height, (long) images * maps.area() / TILE) + 16;
  }
}
