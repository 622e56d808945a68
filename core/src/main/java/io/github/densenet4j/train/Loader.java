package io.github.densenet4j.train;

import io.github.densenet4j.data.DataException;
import io.github.densenet4j.data.Dataset;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntToLongFunction;

/**
 * Batches of a data set, prepared by workers while the network computes: two batches ahead of the
 * one in use. Each picture's randomness has its own key, so that the workers' number and pace
 * change nothing.
 */
final class Loader {
  private static final int AHEAD = 2;

  /** The order, the keys and the batches of one walk through the data. */
  record Walk(int[] order, IntToLongFunction key, int batch, int firstBatch, BatchChange change) {
    /** All pictures as they come, nothing random. */
    static Walk plain(int size, int batch) {
      int[] order = new int[size];
      Arrays.setAll(order, i -> i);
      return new Walk(order, i -> 0, batch, 0, BatchChange.NONE);
    }

    int batches() {
      return (order.length + batch - 1) / batch;
    }
  }

  private final Dataset data;
  private final Source source;
  private final int floats;
  private final Workers workers;
  private final List<Batch> free = new ArrayList<>();
  private final Deque<Filling> ahead = new ArrayDeque<>();
  private Walk walk;
  private int nextBatch;
  private Batch inUse;
  private long waitNanos;

  /**
   * A loader.
   *
   * @param source of the values
   * @param data whose pictures they are, with their classes
   * @param floats of one picture
   * @param batch the most pictures of a batch
   */
  Loader(Source source, Dataset data, int floats, int batch, Workers workers) {
    this.data = data;
    this.source = source;
    this.floats = floats;
    this.workers = workers;
    for (int i = 0; i < 1 + AHEAD; i++) {
      free.add(new Batch(batch, floats, data.classNames().size()));
    }
  }

  /** The bytes of a loader's batches. */
  static long bytes(int batch, int floats, int classes) {
    return 4L * (1 + AHEAD) * batch * ((long) floats + classes);
  }

  /** Begins a walk; what was prepared of an earlier one is dropped. */
  void begin(Walk walk) throws IOException {
    end();
    this.walk = walk;
    this.nextBatch = walk.firstBatch;
    this.waitNanos = 0;
    while (!free.isEmpty() && nextBatch < walk.batches()) {
      fill();
    }
  }

  /** Ends a walk before its end. */
  void end() throws IOException {
    if (inUse != null) {
      free.add(inUse);
      inUse = null;
    }
    while (!ahead.isEmpty()) {
      Filling filling = ahead.remove();
      filling.await();
      free.add(filling.batch);
    }
  }

  /**
   * The next batch, or null behind the last; valid until the next call.
   *
   * @throws IOException if one of its pictures cannot be read
   */
  Batch next() throws IOException {
    if (inUse != null) {
      free.add(inUse);
      inUse = null;
      if (nextBatch < walk.batches()) {
        fill();
      }
    }
    if (ahead.isEmpty()) {
      return null;
    }
    Filling filling = ahead.remove();
    long start = System.nanoTime();
    filling.await();
    waitNanos += System.nanoTime() - start;
    inUse = filling.batch;
    filling.requireSuccess();
    return inUse;
  }

  /** How long the present walk had to wait for pictures. */
  double waitSeconds() {
    return waitNanos * 1e-9;
  }

  private void fill() {
    Batch batch = free.removeLast();
    batch.number = nextBatch;
    batch.first = nextBatch * walk.batch;
    batch.n = Math.min(walk.batch, walk.order.length - batch.first);
    nextBatch++;
    Filling filling = new Filling(batch, walk);
    ahead.add(filling);
    int tasks = Math.min(batch.n, workers.threads());
    for (int t = 0; t < tasks; t++) {
      workers.submit(filling);
    }
  }

  /** A batch in the making: workers take its pictures one by one; the last one mixes them. */
  private final class Filling implements Runnable {
    private final Batch batch;
    private final int
        n; // not batch.n: a late worker must not take pictures of the batch's next use
    private final int first;
    private final Walk walk;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ready = new CountDownLatch(1);

    Filling(Batch batch, Walk walk) {
      this.batch = batch;
      this.n = batch.n;
      this.first = batch.first;
      this.walk = walk;
    }

    @Override
    public void run() {
      for (int i = taken.getAndIncrement(); i < n; i = taken.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            picture(i);
          }
          if (done.incrementAndGet() == n) {
            walk.change.apply(batch);
            ready.countDown();
          }
        } catch (IOException | RuntimeException | Error e) {
          failure.compareAndSet(null, e);
          if (done.incrementAndGet() >= n) {
            ready.countDown();
          }
        }
      }
    }

    private void picture(int i) throws IOException {
      int index = walk.order[first + i];
      long key = walk.key.applyAsLong(first + i);
      source.write(index, key, batch.images, i * floats);
      int at = i * batch.classes;
      Arrays.fill(batch.targets, at, at + batch.classes, 0);
      for (int label : data.labels(index)) {
        batch.targets[at + label] = 1;
      }
    }

    void await() throws IOException {
      try {
        ready.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("Interrupted while waiting for pictures.", e);
      }
    }

    void requireSuccess() throws IOException {
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e ->
            throw new DataException(
                "A picture can no longer be read: "
                    + e.getMessage()
                    + " It could when the run began. Put it back and resume, or begin a new run.",
                e);
      }
    }
  }
}
