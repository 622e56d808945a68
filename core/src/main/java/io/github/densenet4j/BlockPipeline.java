package io.github.densenet4j;

import io.github.densenet4j.kernel.Team;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The convolutions of a dense block in inference without a barrier between them: a task waits only
 * for those tasks of the convolution before it that make, or still read, the columns around its
 * own. So a thread that has no task left in one convolution goes on with the next one.
 *
 * <p>Each thread has the same part of the columns in every convolution, so that most of what it
 * reads is in its own caches, and goes towards its neighbour's part. What it needs there and nobody
 * has begun it makes itself: so threads meet where both are when they meet, and one that is held up
 * holds up nobody.
 *
 * <p>Whoever waits, waits for a task of an earlier convolution that a thread is at: so the first of
 * all that is not done never waits.
 */
final class BlockPipeline {
  private static final int SPINS =
      100; // some microseconds, before a waiting thread offers its processor
  private static final int BEGUN = 1;
  private static final int DONE = 2;

  private final Team team;
  private final List<Product> products;
  private final int reach;
  private final int[] first; // task of each product, counted through all
  private final Product[] last; // product that each worker was at
  private final Team.Task task = this::part;
  private AtomicIntegerArray states = new AtomicIntegerArray(0);

  /**
   * A pipeline.
   *
   * @param products over maps of one size, each reading what the one before has written, or maps
   *     that are there
   * @param reach how many columns beyond its own a task reads at most
   */
  BlockPipeline(Team team, List<Product> products, int reach) {
    this.team = team;
    this.products = products;
    this.reach = reach;
    this.first = new int[products.size()];
    this.last = new Product[team.threads()];
  }

  /** Runs products that have begun. */
  void run() {
    int count = 0;
    for (int i = 0; i < first.length; i++) {
      first[i] = count;
      count += products.get(i).tasks();
    }
    if (states.length() < count) {
      states = new AtomicIntegerArray(count);
    }
    for (int i = 0; i < count; i++) {
      states.setPlain(i, 0);
    }
    team.run(task, team.threads());
    for (Product product : products) {
      product.sink.end();
    }
  }

  /** A thread's own tasks, then those that nobody has begun. */
  private void part(int part, int worker) {
    walk(part, true, worker);
    walk(part, false, worker);
  }

  private void walk(int part, boolean own, int worker) {
    for (int number = 0; number < first.length; number++) {
      Product product = products.get(number);
      int tasks = product.tasks();
      for (int i = 0; i < tasks; i++) {
        int index = part % 2 == 0 ? i : tasks - 1 - i; // so that neighbours meet
        if (!own || product.part(index, team.threads()) == part) {
          make(number, index, worker);
        }
      }
    }
  }

  /** Does a task that nobody has begun, after what it needs. */
  private void make(int number, int index, int worker) {
    int state = first[number] + index;
    if (!states.compareAndSet(state, 0, BEGUN)) {
      return;
    }
    Product product = products.get(number);
    try {
      if (number > 0) {
        int tile = product.tile(index);
        require(
            number - 1, product.tiles.start(tile) - reach, product.tiles.end(tile) + reach, worker);
      }
      if (last[worker] != product) {
        last[worker] = product;
        product.arrive(worker);
      }
      product.task.run(index, worker);
    } finally {
      states.setRelease(state, DONE); // after a failure too: nobody must wait for ever
    }
  }

  /**
   * What tasks of a product make of columns [from, to): first makes all that nobody has begun, then
   * waits for the rest.
   */
  private void require(int number, int from, int to, int worker) {
    Product product = products.get(number);
    for (int i = 0; i < product.tasks(); i++) {
      int tile = product.tile(i);
      if (product.tiles.end(tile) > from && product.tiles.start(tile) < to) {
        make(number, i, worker);
      }
    }
    for (int i = 0; i < product.tasks(); i++) {
      int tile = product.tile(i);
      if (product.tiles.end(tile) > from && product.tiles.start(tile) < to) {
        await(first[number] + i);
      }
    }
  }

  private void await(int state) {
    int spins = 0;
    while (states.getAcquire(state) != DONE) {
      Thread.onSpinWait();
      if (++spins > SPINS) {
        Thread.yield();
      }
    }
  }
}
