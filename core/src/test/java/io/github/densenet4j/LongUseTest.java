package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.train.Sgd;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network in a program that runs for long: it does not grow, and takes no time when idle. */
class LongUseTest {
  private static final DenseNetConfig CONFIG = DenseNetConfig.cifar(10, 4, true).withClasses(5);
  private static final int N = 2;
  private static final int SIZE = 8;
  private static final float[] IMAGES = images();

  private static float[] images() {
    float[] images = new float[N * CONFIG.channels() * SIZE * SIZE];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Randomness.gaussian(7, i);
    }
    return images;
  }

  private static Runnable inference(Team team) {
    DenseNet net =
        new DenseNet(CONFIG, Weights.initialise(CONFIG, 1), new Engine(Kernels.best(), team));
    float[] logits = new float[N * CONFIG.classes()];
    return () -> {
      net.logits(IMAGES, N, SIZE, SIZE, logits);
      net.logits(IMAGES, 1, SIZE, SIZE, logits); // which has a pass of its own
    };
  }

  private static Runnable training(Team team) {
    DenseNet net =
        new DenseNet(CONFIG, Weights.initialise(CONFIG, 1), new Engine(Kernels.best(), team));
    Pass pass = net.pass(PassOptions.training(N, SIZE, SIZE).withRecompute(true));
    Sgd sgd = new Sgd(net.weights(), team, 0.9, 1e-4, true);
    int[] labels = {1, 3};
    float[] dlogits = new float[N * CONFIG.classes()];
    return () -> {
      pass.beginStep();
      float[] logits = pass.forward(IMAGES, N, null);
      CrossEntropy.loss(logits, labels, N, CONFIG.classes(), N, dlogits);
      pass.backward(dlogits);
      pass.endStep();
      sgd.step(pass.gradients(), 1e-3);
    };
  }

  /** What a process holds that could grow. */
  private record Held(long heap, long buffers, int threads, int classes) {
    static Held now() throws InterruptedException {
      long heap = LiveHeap.bytes();
      long buffers =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum();
      return new Held(
          heap,
          buffers,
          ManagementFactory.getThreadMXBean().getThreadCount(),
          ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }
  }

  /**
   * One object left behind by each call would be 16 bytes a call at least; half of that is the
   * bound. What the JVM makes once is gone in the next round, a leak grows in each: the best of
   * three counts.
   */
  private static void requireNoGrowth(Runnable call, int calls) throws InterruptedException {
    for (int i = 0; i < calls / 10; i++) {
      call.run();
    }
    long heap = Long.MAX_VALUE;
    int classes = Integer.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      Held before = Held.now();
      for (int i = 0; i < calls; i++) {
        call.run();
      }
      Held after = Held.now();
      heap = Math.min(heap, after.heap - before.heap);
      classes = Math.min(classes, after.classes - before.classes);
      assertThat(after.buffers).as("direct and mapped buffers").isEqualTo(before.buffers);
      assertThat(after.threads).as("threads").isLessThanOrEqualTo(before.threads);
    }
    assertThat(heap).as("live heap").isLessThan(8L * calls);
    assertThat(classes).as("classes").isLessThan(calls / 100);
  }

  @Test
  void tenThousandInferencesLeaveNothingBehind() throws InterruptedException {
    try (Team team = new Team(2)) {
      requireNoGrowth(inference(team), 10_000);
    }
  }

  @Test
  void aThousandStepsLeaveNothingBehind() throws InterruptedException {
    try (Team team = new Team(2)) {
      requireNoGrowth(training(team), 1_000);
    }
  }

  /** Asks the team's own threads: the JVM's compiler may be busy with what has just run. */
  @Test
  void anIdleTeamTakesNoProcessorTime() throws InterruptedException {
    try (Team team = new Team(3)) {
      Runnable call = inference(team);
      for (int i = 0; i < 50; i++) {
        call.run();
      }
      Thread.sleep(100); // until they wait
      List<Thread> workers =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("densenet4j-"))
              .toList();
      assertThat(workers).hasSizeGreaterThanOrEqualTo(2); // the caller is the third
      double before = processorSeconds(workers);
      Thread.sleep(2000);
      assertThat(processorSeconds(workers) - before).as("seconds of two").isLessThan(0.04);
    }
  }

  private static double processorSeconds(List<Thread> threads) {
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    return threads.stream().mapToLong(thread -> times.getThreadCpuTime(thread.threadId())).sum()
        / 1e9;
  }
}
