package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;

/**
 * dW (M,K) += dy (M,P) * x (K,P)^T, the sum over all pixels of a batch, in slices: each slice of
 * tiles has a partial sum of its own, and these are added in their order. How many there are
 * depends on the shapes alone.
 */
final class WeightGradient {
  /** How one kind of convolution cuts its columns into tiles and takes a tile's share. */
  interface Share {
    /** The tiles, for so many pictures. */
    Tiles divide(int images);

    /** Adds one tile's share for channels [from, to) into {@code dw (M,K)} at {@code dwAt}. */
    void add(Prologue prologue, int tile, int from, int to, int worker, float[] dw, int dwAt);
  }

  private static final int SLICES = 16;
  private static final int TASKS = 16;
  private static final int REDUCE = 16_384;

  private final Plan plan;
  private final int m;
  private final int channels;
  private final int taps;
  private final int at;
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
    this.channels = channels;
    this.taps = taps;
    this.at = at;
    this.share = share;
    long slicesAtMost = Math.min(SLICES, share.divide(plan.images).count());
    this.partial =
        plan.memory.shared("partial weight gradients", slicesAtMost * m * channels * taps);
  }

  /** Adds the gradient to the plan's gradients; what was before the convolution comes again. */
  void run(Prologue prologue, int images) {
    this.prologue = prologue;
    tiles = share.divide(images);
    slices = Math.min(SLICES, tiles.count());
    int wanted = (TASKS + slices - 1) / slices;
    groupChannels = Math.max(Math.min(channels, 24), (channels + wanted - 1) / wanted);
    groupChannels = (groupChannels + 7) / 8 * 8;
    groups = (channels + groupChannels - 1) / groupChannels;
    plan.engine.team().run(sliceTask, slices * groups);
    plan.engine.team().run(reduceTask, (m * channels * taps + REDUCE - 1) / REDUCE);
  }

  private void slice(int index, int worker) {
    int slice = index / groups;
    int from = index % groups * groupChannels;
    int to = Math.min(channels, from + groupChannels);
    int k = channels * taps;
    int dwAt = slice * m * k;
    float[] dw = partial.array();
    for (int row = 0; row < m; row++) {
      Arrays.fill(dw, dwAt + row * k + from * taps, dwAt + row * k + to * taps, 0);
    }
    int end = (int) ((long) tiles.count() * (slice + 1) / slices);
    for (int t = (int) ((long) tiles.count() * slice / slices); t < end; t++) {
      share.add(prologue, t, from, to, worker, dw, dwAt);
    }
  }

  private void reduce(int index, int worker) {
    int size = m * channels * taps;
    int from = index * REDUCE;
    int to = Math.min(size, from + REDUCE);
    float[] dw = partial.array();
    float[] gradients = plan.gradients();
    for (int s = 1; s < slices; s++) {
      int other = s * size;
      for (int i = from; i < to; i++) {
        dw[i] += dw[other + i];
      }
    }
    for (int i = from; i < to; i++) {
      gradients[at + i] += dw[i];
    }
  }
}
