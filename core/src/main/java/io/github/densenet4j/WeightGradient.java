package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;

/**
 * dW (M,K) += dy (M,P) * x (K,P)^T, the sum over all pixels of a batch, in slices: each slice of
 * tiles has a partial sum of its own, (K,M) or (M,K), and these are added in their order. How many
 * there are depends on the shapes alone.
 */
final class WeightGradient {
  /** How one kind of convolution cuts its columns into tiles and takes a tile's share. */
  interface Share {
    /** The tiles, for so many pictures. */
    Tiles divide(int images);

    /** Into how many slices the tiles are divided at most. */
    default int slices() {
      return SLICES;
    }

    /** Sums of a row, each {@code (lanes)}: as many as the window has taps, or others. */
    int places();

    /** Whether a row of sums is an output channel and the lanes are channels, not the reverse. */
    default boolean channelsInLanes() {
      return false;
    }

    /**
     * Adds one tile's share for channels [from, to) into {@code dw (rows, places, lanes)} at {@code
     * dwAt}. {@code from} is a multiple of 16.
     */
    void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt);

    /**
     * Turns sums over all tiles {@code (rows, places, lanes)} into gradients {@code (rows, taps,
     * lanes)}, in their place.
     */
    default void finish(float[] sums, int at, int rows, int worker) {}
  }

  private static final int SLICES = 8;
  private static final int REDUCE = 16; // sums a slice, so that they stay in the first cache

  private final Plan plan;
  private final int m;
  private final int channels;
  private final int taps;
  private final int at;
  private final int rows; // of sums
  private final int lanes;
  private final int reduced; // rows that are reduced together
  private final Share share;
  private final Slab partial;
  private final int slicesAtMost; // that have room: a smaller batch may have more tiles
  private final Team.Task sliceTask = this::slice;
  private final Team.Task reduceTask = this::reduce;
  private Prologue prologue;
  private Tiles tiles;
  private int slices;
  private int groups;
  private int groupChannels;

  /** The gradient of the parameters at {@code at}: M rows of channels * taps. */
  WeightGradient(Plan plan, int m, int channels, int taps, int at, Share share) {
    this.plan = plan;
    this.m = m;
    this.channels = channels;
    this.taps = taps;
    this.at = at;
    this.share = share;
    this.rows = share.channelsInLanes() ? m : channels;
    this.lanes = lanes(plan, share.channelsInLanes() ? channels : m);
    this.reduced = Math.max(1, REDUCE / share.places());
    this.slicesAtMost = Math.min(share.slices(), share.divide(plan.images).count());
    this.partial = plan.memory.shared("partial weight gradients", (long) slicesAtMost * size());
  }

  /** Channels, filled up to whole vectors. */
  static int lanes(Plan plan, int channels) {
    int lanes = plan.engine.kernels().lanes();
    return Math.ceilDiv(channels, lanes) * lanes;
  }

  /** Adds the gradient to the plan's gradients; what was before the convolution comes again. */
  void run(Prologue prologue, int images) {
    divide(images);
    this.prologue = prologue;
    plan.engine.team().run(sliceTask, slices * groups);
    plan.engine.team().run(reduceTask, Math.ceilDiv(rows, reduced));
  }

  /** The tiles of a batch, if they keep several threads busy with a tile each; otherwise null. */
  Tiles tiles(int images) {
    divide(images);
    return slices == share.slices() ? tiles : null;
  }

  private void divide(int images) {
    tiles = share.divide(images);
    slices = Math.min(slicesAtMost, tiles.count());
    // two tasks a thread; more groups of channels would only transform dy more often
    int wanted = Math.ceilDiv(2 * plan.engine.team().threads(), slices);
    groupChannels = Math.max(Math.min(channels, 24), Math.ceilDiv(channels, wanted));
    groupChannels = Math.ceilDiv(groupChannels, 16) * 16;
    groups = Math.ceilDiv(channels, groupChannels);
  }

  private void slice(int index, int worker) {
    int slice = index / groups;
    int from = index % groups * groupChannels;
    int to = Math.min(channels, from + groupChannels);
    int dwAt = partial.at() + slice * size();
    float[] dw = partial.array();
    clear(dw, dwAt, from, to);
    int end = (int) ((long) tiles.count() * (slice + 1) / slices);
    for (int t = (int) ((long) tiles.count() * slice / slices); t < end; t++) {
      share.add(prologue, t, from, to, worker, dw, dwAt);
    }
  }

  /** The sums of channels [from, to). */
  private void clear(float[] dw, int dwAt, int from, int to) {
    int row = share.places() * lanes;
    if (!share.channelsInLanes()) {
      Arrays.fill(dw, dwAt + from * row, dwAt + to * row, 0);
      return;
    }
    int end = to == channels ? lanes : to;
    for (int i = 0; i < rows * row; i += lanes) {
      Arrays.fill(dw, dwAt + i + from, dwAt + i + end, 0);
    }
  }

  /** Floats of one slice's sum (rows, places, lanes). */
  private int size() {
    return rows * share.places() * lanes;
  }

  /** Adds the slices up in their order, and to the gradients (M, channels * taps). */
  private void reduce(int index, int worker) {
    int row = index * reduced;
    int count = Math.min(reduced, rows - row);
    float[] dw = partial.array();
    int first = partial.at() + row * share.places() * lanes;
    int floats = count * share.places() * lanes;
    plan.engine.kernels().sumRows(dw, first, size(), slices, floats);
    share.finish(dw, first, count, worker);
    boolean inLanes = share.channelsInLanes();
    float[] gradients = plan.gradients();
    for (int lane = 0; lane < (inLanes ? channels : m); lane++) {
      for (int i = 0; i < count; i++) {
        int to = at + (inLanes ? (row + i) * channels + lane : lane * channels + row + i) * taps;
        for (int t = 0; t < taps; t++) {
          gradients[to + t] += dw[first + (i * taps + t) * lanes + lane];
        }
      }
    }
  }
}
