package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;

/**
 * dW (M,K) += dy (M,P) * x (K,P)^T, the sum over all pixels of a batch, in slices: each slice of
 * tiles has a partial sum (K,M) of its own, and these are added in their order. How many there are
 * depends on the shapes alone.
 */
final class WeightGradient {
  /** How one kind of convolution cuts its columns into tiles and takes a tile's share. */
  interface Share {
    /** The tiles, for so many pictures. */
    Tiles divide(int images);

    /**
     * Adds one tile's share for channels [from, to) into {@code dw (K, lanes)} at {@code dwAt}, the
     * gradient transposed.
     */
    void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt);
  }

  private static final int SLICES = 16;
  private static final int TASKS = 16;
  private static final int REDUCE = 16; // rows, so that they stay in the first cache

  private final Plan plan;
  private final int m;
  private final int lanes;
  private final int channels;
  private final int taps;
  private final int at;
  private final Share share;
  private final Slab partial;
  private final Team.Task sliceTask = this::slice;
  private final Team.Task reduceTask = this::reduce;
  private Prologue prologue;
  private Tiles tiles;
  private Team.Task alongside;
  private int slices;
  private int groups;
  private int groupChannels;

  /** The gradient of the parameters at {@code at}: M rows of channels * taps. */
  WeightGradient(Plan plan, int m, int channels, int taps, int at, Share share) {
    this.plan = plan;
    this.m = m;
    this.lanes = lanes(plan, m);
    this.channels = channels;
    this.taps = taps;
    this.at = at;
    this.share = share;
    long slicesAtMost = Math.min(SLICES, share.divide(plan.images).count());
    this.partial = plan.memory.shared("partial weight gradients", slicesAtMost * size());
  }

  /** M, filled up to whole vectors. */
  static int lanes(Plan plan, int m) {
    int lanes = plan.engine.kernels().lanes();
    return Math.ceilDiv(m, lanes) * lanes;
  }

  /** Adds the gradient to the plan's gradients; what was before the convolution comes again. */
  void run(Prologue prologue, int images) {
    divide(images);
    run(prologue, null);
  }

  /** The tiles of a batch, if they keep several threads busy with a tile each; otherwise null. */
  Tiles tiles(int images) {
    divide(images);
    return slices == SLICES ? tiles : null;
  }

  /**
   * As {@link #run(Prologue, int)} for the batch of {@link #tiles}, and does something else with
   * each tile while it is in cache.
   */
  void run(Prologue prologue, Team.Task alongside) {
    this.prologue = prologue;
    this.alongside = alongside;
    plan.engine.team().run(sliceTask, slices * groups);
    plan.engine.team().run(reduceTask, Math.ceilDiv(channels * taps, REDUCE));
  }

  private void divide(int images) {
    tiles = share.divide(images);
    slices = Math.min(SLICES, tiles.count());
    int wanted = Math.ceilDiv(TASKS, slices);
    groupChannels = Math.max(Math.min(channels, 24), Math.ceilDiv(channels, wanted));
    groupChannels = Math.ceilDiv(groupChannels, 8) * 8;
    groups = Math.ceilDiv(channels, groupChannels);
  }

  private void slice(int index, int worker) {
    int slice = index / groups;
    int from = index % groups * groupChannels;
    int to = Math.min(channels, from + groupChannels);
    int dwAt = partial.at() + slice * size();
    float[] dw = partial.array();
    Arrays.fill(dw, dwAt + from * taps * lanes, dwAt + to * taps * lanes, 0);
    int end = (int) ((long) tiles.count() * (slice + 1) / slices);
    for (int t = (int) ((long) tiles.count() * slice / slices); t < end; t++) {
      share.add(prologue, t, from, to, worker, dw, dwAt);
      if (alongside != null) {
        alongside.run(t, worker);
      }
    }
  }

  /** Floats of one slice's sum (channels * taps, lanes). */
  private int size() {
    return channels * taps * lanes;
  }

  /** Adds the slices up in their order, and to the gradients (M, channels * taps). */
  private void reduce(int index, int worker) {
    int k = channels * taps;
    int from = index * REDUCE;
    int rows = Math.min(REDUCE, k - from);
    float[] dw = partial.array();
    int first = partial.at() + from * lanes;
    for (int s = 1; s < slices; s++) {
      for (int i = 0; i < rows * lanes; i++) {
        dw[first + i] += dw[first + s * size() + i];
      }
    }
    float[] gradients = plan.gradients();
    for (int r = 0; r < m; r++) {
      int to = at + r * k + from;
      for (int i = 0; i < rows; i++) {
        gradients[to + i] += dw[first + i * lanes + r];
      }
    }
  }
}
