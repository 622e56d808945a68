package io.github.densenet4j.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** Each task runs once, whoever takes it. */
class TeamTest {
  @Test
  void eachTaskRunsOnce() {
    for (int threads : new int[] {1, 2, 3, 5}) {
      try (Team team = new Team(threads)) {
        for (int count = 0; count < 40; count++) {
          AtomicIntegerArray ran = new AtomicIntegerArray(40);
          team.run((index, worker) -> ran.incrementAndGet(index), count);
          for (int i = 0; i < 40; i++) {
            assertThat(ran.get(i))
                .as("task %d of %d, %d threads", i, count, threads)
                .isEqualTo(i < count ? 1 : 0);
          }
        }
      }
    }
  }

  /** Every thread is there, and none is kept by its own part while others have work. */
  @Test
  void asManyTasksRunAtOnceAsThereAreThreads() {
    for (int threads : new int[] {2, 3}) {
      try (Team team = new Team(threads)) {
        for (int run = 0; run < 50; run++) {
          CountDownLatch all = new CountDownLatch(threads);
          AtomicIntegerArray met = new AtomicIntegerArray(threads);
          Team.Task meet =
              (index, worker) -> {
                all.countDown();
                try {
                  met.set(index, all.await(60, TimeUnit.SECONDS) ? 1 : 0);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              };
          team.run(meet, threads);
          for (int i = 0; i < threads; i++) {
            assertThat(met.get(i)).as("task %d of %d", i, threads).isEqualTo(1);
          }
        }
      }
    }
  }
}
