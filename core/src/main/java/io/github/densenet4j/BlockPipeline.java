package io.github.densenet4j;

import io.github.densenet4j.kernel.Team;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The convolutions of a dense block in inference without a barrier between them: a task waits only
 * for those tasks of the convolution before it that make, or still read, the columns around its
 * own. So a thread that has no task left in one convolution goes on with the next one.
 *
 * <p>Tasks are taken in order, and wait for earlier ones only: the first that is not done never
 * waits.
 */
final class BlockPipeline {
  private static final int SPINS =
      100; // some microseconds, before a waiting thread offers its processor

  private final Team team;
  private final List<Product> products;
  private final int reach;
  private final int[] first; // task of each product, counted through all
  private final Team.Task task = this::task;
  private AtomicIntegerArray done = new AtomicIntegerArray(0);

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
  }

  /** Runs products that have begun. */
  void run() {
    int count = 0;
    for (int i = 0; i < first.length; i++) {
      first[i] = count;
      count += products.get(i).tasks();
    }
    if (done.length() < count) {
      done = new AtomicIntegerArray(count);
    }
    for (int i = 0; i < count; i++) {
      done.setPlain(i, 0);
    }
    team.runInOrder(task, count);
    for (Product product : products) {
      product.sink.end();
    }
  }

  private void task(int index, int worker) {
    int found = Arrays.binarySearch(first, index);
    int number = found < 0 ? -found - 2 : found;
    Product product = products.get(number);
    int own = index - first[number];
    try {
      if (number > 0) {
        int tile = product.tile(own);
        await(number - 1, product.tiles.start(tile) - reach, product.tiles.end(tile) + reach);
      }
      product.task.run(own, worker);
    } finally {
      done.setRelease(index, 1); // after a failure too: nobody must wait for ever
    }
  }

  /** Waits for the tasks of a product that touch columns [from, to). */
  private void await(int number, int from, int to) {
    Product product = products.get(number);
    for (int i = 0; i < product.tasks(); i++) {
      int tile = product.tile(i);
      if (product.tiles.end(tile) > from && product.tiles.start(tile) < to) {
        int spins = 0;
        while (done.getAcquire(first[number] + i) == 0) {
          Thread.onSpinWait();
          if (++spins > SPINS) {
            Thread.yield();
          }
        }
      }
    }
  }
}
