package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.train.Sgd;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a pass allocates, what it shares and computes again, and that none of it changes a bit. */
class PassMemoryTest {
  @Test
  void recomputingGivesTheSameBits() {
    DenseNetConfig config = PassTest.SMALL.withDropRate(0.3);
    float[] kept =
        PassTest.train(
            config, Kernels.best(), 2, PassOptions.training(PassTest.N, PassTest.H, PassTest.W));
    for (List<Boolean> blocks :
        List.of(List.of(true, true, true), List.of(true, false, false), List.of(false, true))) {
      assertThat(
              PassTest.train(
                  config,
                  Kernels.best(),
                  2,
                  PassOptions.training(PassTest.N, PassTest.H, PassTest.W).withRecompute(blocks)))
          .as("recompute %s", blocks)
          .containsExactly(kept);
    }
  }

  @Test
  void recomputingNeedsLessMemory() {
    try (Team team = new Team(1)) {
      Engine engine = new Engine(Kernels.best(), team);
      DenseNetConfig config = DenseNetConfig.densenet121();
      long kept = Pass.bytes(config, PassOptions.training(16, 224, 224), engine);
      long recomputed =
          Pass.bytes(config, PassOptions.training(16, 224, 224).withRecompute(true), engine);
      assertThat(kept).isLessThan(530_000_000);
      assertThat(recomputed).isLessThan(220_000_000);
    }
  }

  @Test
  void littleMemoryNeedsTheFirstBlocksRecomputedOnly() {
    try (Team team = new Team(1)) {
      Engine engine = new Engine(Kernels.best(), team);
      DenseNetConfig config = DenseNetConfig.densenet121();
      PassOptions options = PassOptions.training(16, 224, 224);
      PassOptions sparing = Pass.sparing(config, options, engine);
      assertThat(sparing).isEqualTo(options.withRecompute(List.of(true, true, false, false)));
      assertThat(Pass.bytes(config, sparing, engine))
          .isLessThan(Pass.bytes(config, options.withRecompute(true), engine) * 11 / 10);
    }
  }

  @Test
  void whatSharesItsPlaceInALargeNetworkIsTheSameBits() {
    DenseNetConfig config = DenseNetConfig.densenet121().withClasses(7);
    float[] kept =
        PassTest.train(
            config, Kernels.best(), 2, PassOptions.training(PassTest.N, PassTest.H, PassTest.W));
    for (List<Boolean> blocks :
        List.of(List.of(true, true, true, true), List.of(true, true, false, false))) {
      PassOptions options =
          PassOptions.training(PassTest.N, PassTest.H, PassTest.W).withRecompute(blocks);
      assertThat(Arrays.equals(PassTest.train(config, Kernels.best(), 2, options), kept))
          .as("the same bits, recompute %s", blocks)
          .isTrue();
    }
  }

  @Test
  void aBackwardPassUsesUpWhatTheForwardPassKept() {
    try (Team team = new Team(1)) {
      DenseNet net =
          new DenseNet(
              PassTest.SMALL,
              Weights.initialise(PassTest.SMALL, 4),
              new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(1, PassTest.H, PassTest.W));
      float[] dlogits = new float[PassTest.SMALL.classes()];
      assertThatThrownBy(() -> pass.backward(dlogits))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Call forward first");
      pass.forward(PassTest.pictures(PassTest.SMALL, 1, PassTest.H, PassTest.W), 1, null);
      pass.backward(dlogits);
      assertThatThrownBy(() -> pass.backward(dlogits))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a forward pass of its own");
    }
  }

  @Test
  void aStepAllocatesNextToNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    DenseNetConfig config = DenseNetConfig.cifar(22, 6, true).withDropRate(0.1);
    try (Team team = new Team(2)) {
      Weights weights = Weights.initialise(config, 4);
      DenseNet net = new DenseNet(config, weights, new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(4, 16, 16));
      Sgd sgd = new Sgd(weights, team, 0.9, 1e-4, true);
      float[] images = PassTest.pictures(config, 4, 16, 16);
      float[] dlogits = new float[4 * config.classes()];
      int[] labels = {1, 2, 3, 4};
      long[] keys = PassTest.keys(4, 0);
      Runnable step =
          () -> {
            pass.beginStep();
            float[] logits = pass.forward(images, 4, keys);
            CrossEntropy.loss(logits, labels, 4, config.classes(), 4, dlogits);
            pass.backward(dlogits);
            pass.endStep();
            sgd.step(pass.gradients(), 0.01);
          };
      for (int i = 0;
          i < 1500;
          i++) { // until the vector kernels are compiled: interpreted, they allocate
        step.run();
      }
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        long before = threads.getTotalThreadAllocatedBytes();
        for (int i = 0; i < 20; i++) {
          step.run();
        }
        least = Math.min(least, (threads.getTotalThreadAllocatedBytes() - before) / 20);
      }
      assertThat(least).as("bytes a step").isLessThan(64 * 1024);
    }
  }

  @Test
  void thePredictionOfMemoryIsWhatIsAllocated() {
    try (Team team = new Team(1)) {
      Engine engine = new Engine(Kernels.best(), team);
      PassOptions options = PassOptions.training(16, 96, 96);
      DenseNetConfig config = DenseNetConfig.d2l();
      long predicted = Pass.bytes(config, options, engine);
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      DenseNet net = new DenseNet(config, Weights.initialise(config, 1), engine);
      long before = threads.getCurrentThreadAllocatedBytes();
      Pass pass = net.pass(options);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(pass.parts()).contains("denseblock4");
      assertThat((double) predicted / allocated).isBetween(0.9, 1.1);
    }
  }
}
