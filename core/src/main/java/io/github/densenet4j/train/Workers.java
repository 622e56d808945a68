package io.github.densenet4j.train;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads that decode and change pictures beside training. */
final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  /** Some threads. */
  Workers(int threads) {
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException(
          "workers is " + threads + ": it must be in 0 (all processors) to 1024.");
    }
    this.threads = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    this.executor =
        Executors.newFixedThreadPool(
            this.threads, Thread.ofPlatform().daemon().name("densenet-data-", 0).factory());
  }

  int threads() {
    return threads;
  }

  void submit(Runnable task) {
    executor.execute(task);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
