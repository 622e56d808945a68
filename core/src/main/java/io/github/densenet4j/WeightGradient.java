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

    /** Into how many slices the tiles are divided at most. */
    default int slices() {
      return SLICES;
    }

    /** Sums of a channel, each {@code (lanes)}: as many as the window has taps, or others. */
    int places();

    /**
     * Adds one tile's share for channels [from, to) into {@code dw (channels, places, lanes)} at
     * {@code dwAt}, the gradient transposed.
     */
    void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt);

    /**
     * Turns sums over all tiles {@code (channels, places, lanes)} into gradients {@code (channels,
     * taps, lanes)}, in their place.
     */
    default void finish(float[] sums, int at, int channels, int worker) {}
  }

  private static final int SLICES = 16;
  private static final int REDUCE = 16; // sums a slice, so that they stay in the first cache

  private final Plan plan;
  private final int m;
  private final int lanes;
  private final int channels;
  private final int taps;
  private final int at;
  private final int reduced; // channels that are reduced together
  private final Share share;
  private final Slab partial;
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
    this.lanes = lanes(plan, m);
    this.channels = channels;
    this.taps = taps;
    this.at = at;
    this.share = share;
    this.reduced = Math.max(1, REDUCE / share.places());
    long slicesAtMost = Math.min(share.slices(), share.divide(plan.images).count());
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
    this.prologue = prologue;
    plan.engine.team().run(sliceTask, slices * groups);
    plan.engine.team().run(reduceTask, Math.ceilDiv(channels, reduced));
  }

  /** The tiles of a batch, if they keep several threads busy with a tile each; otherwise null. */
  Tiles tiles(int images) {
    divide(images);
    return slices == share.slices() ? tiles : null;
  }

  private void divide(int images) {
    tiles = share.divide(images);
    slices = Math.min(share.slices(), tiles.count());
    // two tasks a thread; more groups of channels would only transform dy more often
    int wanted = Math.ceilDiv(2 * plan.engine.team().threads(), slices);
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
    int channel = share.places() * lanes;
    Arrays.fill(dw, dwAt + from * channel, dwAt + to * channel, 0);
    int end = (int) ((long) tiles.count() * (slice + 1) / slices);
    for (int t = (int) ((long) tiles.count() * slice / slices); t < end; t++) {
      share.add(prologue, t, from, to, worker, dw, dwAt);
    }
  }

  /** Floats of one slice's sum (channels, places, lanes). */
  private int size() {
    return channels * share.places() * lanes;
  }

  /** Adds the slices up in their order, and to the gradients (M, channels * taps). */
  private void reduce(int index, int worker) {
    int channel = index * reduced;
    int count = Math.min(reduced, channels - channel);
    float[] dw = partial.array();
    int first = partial.at() + channel * share.places() * lanes;
    int floats = count * share.places() * lanes;
    plan.engine.kernels().sumRows(dw, first, size(), slices, floats);
    share.finish(dw, first, count, worker);
    float[] gradients = plan.gradients();
    for (int r = 0; r < m; r++) {
      int to = at + (r * channels + channel) * taps;
      for (int i = 0; i < count * taps; i++) {
        gradients[to + i] += dw[first + i * lanes + r];
      }
    }
  }
}
