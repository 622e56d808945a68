package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.Randomness.Purpose;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.train.Sgd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What those who train and classify rely on, beyond the right numbers. */
class PassTest {
  static final DenseNetConfig SMALL =
      new DenseNetConfig(
          6,
          List.of(2, 3, 2),
          12,
          4,
          0.5,
          StemType.IMAGENET,
          false,
          3,
          7,
          0,
          1e-5,
          0.1,
          Initialisation.KAIMING);
  static final int N = 5;
  static final int H = 67;
  static final int W = 45;

  static float[] pictures(DenseNetConfig config, int n, int h, int w) {
    float[] out = new float[n * config.channels() * h * w];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) Randomness.gaussian(5, i);
    }
    return out;
  }

  static long[] keys(int n, int epoch) {
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      keys[i] = Randomness.key(3, epoch, i, Purpose.DROPOUT);
    }
    return keys;
  }

  /** Three steps of training; returns the weights and the last logits. */
  static float[] train(DenseNetConfig config, Kernels kernels, int threads, PassOptions options) {
    try (Team team = new Team(threads)) {
      Weights weights = Weights.initialise(config, 4);
      DenseNet net = new DenseNet(config, weights, new Engine(kernels, team));
      Pass pass = net.pass(options);
      Sgd sgd = new Sgd(weights, team, 0.9, 1e-4, true);
      float[] images = pictures(config, N, H, W);
      int[] labels = {0, 3, 6, 2, 2};
      float[] dlogits = new float[N * config.classes()];
      for (int step = 0; step < 3; step++) {
        pass.beginStep();
        float[] logits = pass.forward(images, N, keys(N, step));
        CrossEntropy.loss(logits, labels, N, config.classes(), N, dlogits);
        pass.backward(dlogits);
        pass.endStep();
        sgd.step(pass.gradients(), 0.1);
      }
      float[] logits = new float[N * config.classes()];
      net.logits(images, N, H, W, logits);
      float[] all =
          new float[weights.parameters().length + weights.statistics().length + logits.length];
      System.arraycopy(weights.parameters(), 0, all, 0, weights.parameters().length);
      System.arraycopy(
          weights.statistics(), 0, all, weights.parameters().length, weights.statistics().length);
      System.arraycopy(logits, 0, all, all.length - logits.length, logits.length);
      return all;
    }
  }

  @Test
  void resultsAreTheSameBitsForAnyNumberOfThreads() {
    for (Kernels kernels : List.of(new ScalarKernels(), Kernels.best())) {
      DenseNetConfig config = SMALL.withDropRate(0.2);
      float[] one = train(config, kernels, 1, PassOptions.training(N, H, W));
      for (int threads : new int[] {2, 3, 8, 2}) {
        assertThat(train(config, kernels, threads, PassOptions.training(N, H, W)))
            .as("%s, %d threads", kernels.description(), threads)
            .containsExactly(one);
      }
    }
  }

  /**
   * So many pixels that 1x1 convolutions make both gradients in one walk, in which the bottleneck's
   * is finished; a bias wants it finished before.
   */
  @Test
  void gradientsOfLargeMapsAreThoseOfThePlainLoops() {
    for (boolean bias : new boolean[] {false, true}) {
      DenseNetConfig config =
          new DenseNetConfig(
              6,
              List.of(3, 2),
              60, // more than a group of channels, if threads are many
              4,
              0.5,
              StemType.CIFAR,
              bias,
              3,
              7,
              0,
              1e-5,
              0.1,
              Initialisation.KAIMING);
      float[] expected = gradients(config, new ScalarKernels(), 2);
      float[] one = gradients(config, Kernels.best(), 1);
      assertThat(gradients(config, Kernels.best(), 20)).containsExactly(one);
      double square = 0;
      for (float g : expected) {
        square += (double) g * g;
      }
      float rms = (float) Math.sqrt(square / expected.length);
      // here and there one of 8192 activations crosses zero; what is wrong is off by the whole
      for (int i = 0; i < one.length; i++) {
        assertThat(one[i]).as("%b, %d", bias, i).isCloseTo(expected[i], within(1e-2f * rms));
      }
    }
  }

  private static float[] gradients(DenseNetConfig config, Kernels kernels, int threads) {
    int side = 64;
    try (Team team = new Team(threads)) {
      DenseNet net = new DenseNet(config, Weights.initialise(config, 4), new Engine(kernels, team));
      Pass pass = net.pass(PassOptions.training(2, side, side));
      float[] dlogits = new float[2 * config.classes()];
      float[] logits = pass.forward(pictures(config, 2, side, side), 2, null);
      CrossEntropy.loss(logits, new int[] {1, 4}, 2, config.classes(), 2, dlogits);
      pass.backward(dlogits);
      return pass.gradients().clone();
    }
  }

  @Test
  void aSmallerBatchThanTheCapacityGivesTheSameNumbers() {
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(Kernels.best(), team));
      float[] images = pictures(SMALL, 3, H, W);
      float[] exact = net.pass(PassOptions.training(3, H, W)).forward(images, 3, null).clone();
      Pass larger = net.pass(PassOptions.training(8, H, W));
      larger.forward(pictures(SMALL, 8, H, W), 8, null);
      float[] again = larger.forward(images, 3, null);
      for (int i = 0; i < exact.length; i++) {
        assertThat(again[i]).isCloseTo(exact[i], within(1e-4f));
      }
    }
  }

  /** A wide transition has seven tiles for 21 pictures of 7x7, but eight for 20. */
  @Test
  void aSmallerBatchMayBeInMoreTiles() {
    DenseNetConfig config =
        new DenseNetConfig(
            8,
            List.of(1, 1),
            1000,
            4,
            0.5,
            StemType.CIFAR,
            false,
            3,
            7,
            0,
            1e-5,
            0.1,
            Initialisation.KAIMING);
    float[] exact = gradients(config, 20, 20);
    float[] again = gradients(config, 21, 20);
    float largest = 0;
    for (float gradient : exact) {
      largest = Math.max(largest, Math.abs(gradient));
    }
    assertThat(largest).isPositive();
    for (int i = 0; i < exact.length; i++) {
      assertThat(again[i]).isCloseTo(exact[i], within(1e-5f * largest));
    }
  }

  private static float[] gradients(DenseNetConfig config, int capacity, int n) {
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(config, Weights.initialise(config, 4), new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(capacity, 14, 14));
      float[] dlogits = new float[n * config.classes()];
      pass.beginStep();
      float[] logits = pass.forward(pictures(config, n, 14, 14), n, null);
      CrossEntropy.loss(logits, new int[n], n, config.classes(), n, dlogits);
      pass.backward(dlogits);
      return pass.gradients().clone();
    }
  }

  @Test
  void twoShardsSumTheirGradientsAndMoveTheStatisticsOnce() {
    try (Team team = new Team(2)) {
      Weights weights = Weights.initialise(SMALL, 4);
      DenseNet net = new DenseNet(SMALL, weights, new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(2, H, W));
      float[] images = pictures(SMALL, 2, H, W);
      float[] dlogits = new float[2 * SMALL.classes()];
      dlogits[3] = 1;
      pass.beginStep();
      pass.forward(images, 2, null);
      pass.backward(dlogits);
      float[] once = pass.gradients().clone();
      pass.endStep();
      float[] moved = weights.statistics().clone();
      weights.copyFrom(Weights.initialise(SMALL, 4));
      pass.beginStep();
      for (int shard = 0; shard < 2; shard++) {
        pass.forward(images, 2, null);
        pass.backward(dlogits);
      }
      pass.endStep();
      assertThat(weights.statistics()).containsExactly(moved);
      for (int i = 0; i < once.length; i++) {
        assertThat(pass.gradients()[i])
            .isCloseTo(2 * once[i], within(1e-6f + 1e-5f * Math.abs(once[i])));
      }
    }
  }

  @Test
  void frozenPartsGetNoGradientAndTheOthersTheSame() {
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(Kernels.best(), team));
      float[] images = pictures(SMALL, 2, H, W);
      float[] dlogits = {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
      Pass all = net.pass(PassOptions.training(2, H, W));
      all.beginStep();
      all.forward(images, 2, null);
      all.backward(dlogits);
      Pass some = net.pass(PassOptions.training(2, H, W));
      for (String part : List.of("stem", "denseblock1", "transition1", "transition2")) {
        some.freeze(part, true);
      }
      some.beginStep();
      some.forward(images, 2, null);
      some.backward(dlogits);
      for (Layout.Slot slot : net.weights().layout().slots()) {
        if (slot.store() != Layout.Store.PARAMETERS) {
          continue;
        }
        boolean frozen =
            slot.name().matches("features\\.(conv0|norm0|denseblock1|transition1|transition2).*");
        for (int i = slot.at(); i < slot.at() + slot.size(); i++) {
          assertThat(some.gradients()[i])
              .as(slot.name())
              .isEqualTo(frozen ? 0 : all.gradients()[i]);
        }
      }
    }
  }

  /**
   * Inference multiplies 3x3 windows by Winograd's algorithm, a pass that records does not: maps of
   * all remainders by four, one picture and several.
   */
  @Test
  void inferenceGivesWhatTheRecordingPassGives() {
    DenseNetConfig config = DenseNetConfig.cifar(22, 12, true).withClasses(7);
    Weights weights = Weights.initialise(config, 3);
    for (int i = 0; i < weights.statistics().length; i++) {
      weights.statistics()[i] += 0.3f * Randomness.uniform(4, i);
    }
    try (Engine.Resources engine = Engine.open(2)) {
      DenseNet net = new DenseNet(config, weights, engine.engine());
      for (int[] size : new int[][] {{16, 16}, {17, 21}, {30, 18}, {23, 40}, {56, 56}, {28, 70}}) {
        for (int n : new int[] {1, 2, 5}) {
          float[] images = new float[n * 3 * size[0] * size[1]];
          for (int i = 0; i < images.length; i++) {
            images[i] = (float) Randomness.gaussian(5, i);
          }
          float[] logits = new float[n * 7];
          net.logits(images, n, size[0], size[1], logits);
          Pass pass = net.pass(PassOptions.training(n, size[0], size[1]));
          pass.parts().forEach(part -> pass.useBatchStatistics(part, false));
          float[] expected = pass.forward(images, n, null);
          double scale = 0;
          for (int i = 0; i < logits.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
          }
          for (int i = 0; i < logits.length; i++) {
            assertThat((double) logits[i])
                .as("%d pictures of %d x %d", n, size[0], size[1])
                .isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-5 * scale));
          }
        }
      }
    }
  }

  @Test
  void capturedMapsHaveTheGradientThatADifferenceShows() {
    // With running statistics the network is a function of each picture alone: the pooled features'
    // gradient can be followed.
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(2, H, W));
      pass.parts().forEach(part -> pass.useBatchStatistics(part, false));
      pass.parts().forEach(part -> pass.freeze(part, true));
      for (String name :
          List.of(
              "features.pool0",
              "features.denseblock2",
              "features.denseblock3.denselayer1",
              "features.transition1")) {
        pass.capture(name);
      }
      pass.beginStep();
      pass.forward(pictures(SMALL, 2, H, W), 2, null);
      float[] dlogits = new float[14];
      dlogits[2] = 1;
      pass.backward(dlogits);
      for (String name :
          List.of(
              "features.pool0",
              "features.denseblock2",
              "features.denseblock3.denselayer1",
              "features.transition1")) {
        int[] shape = pass.capturedShape(name);
        float[] gradient = pass.capturedGradient(name);
        assertThat(gradient).hasSize(shape[0] * shape[1] * shape[2] * shape[3]);
        assertThat(pass.captured(name)).hasSameSizeAs(gradient);
        double first = 0;
        double second = 0;
        for (int i = 0; i < gradient.length; i++) {
          if (i < gradient.length / 2) {
            first += Math.abs(gradient[i]);
          } else {
            second += Math.abs(gradient[i]);
          }
        }
        assertThat(first).as(name + ": the picture whose logit is asked for").isGreaterThan(0);
        assertThat(second).as(name + ": the other picture").isZero();
      }
      assertThat(pass.gradients()).containsOnly(0);
    }
  }

  @Test
  void partsWithBatchAndWithRunningStatisticsMixOnOneFeature() {
    // Every choice of statistics by part: the input's gradient against differences along single
    // pixels.
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(new ScalarKernels(), team));
      float[] images = pictures(SMALL, 3, 32, 32);
      float[] dlogits = pictures(SMALL.withChannels(1), 1, 3, SMALL.classes());
      for (int choice = 0; choice < 64; choice += 9) {
        Pass pass = net.pass(PassOptions.training(3, 32, 32).withInputGradient());
        for (int part = 0; part < pass.parts().size(); part++) {
          pass.useBatchStatistics(pass.parts().get(part), (choice >> part & 1) != 0);
        }
        pass.beginStep();
        pass.forward(images, 3, null);
        pass.backward(dlogits);
        float[] gradient = pass.inputGradient();
        double square = 0;
        for (float g : gradient) {
          square += (double) g * g;
        }
        double rms = Math.sqrt(square / gradient.length);
        double[] errors = new double[25];
        for (int trial = 0; trial < errors.length; trial++) {
          int i = (int) Long.remainderUnsigned(Randomness.bits(8, trial), images.length);
          double slope =
              (along(pass, images, i, 0.01f, dlogits) - along(pass, images, i, -0.01f, dlogits))
                  / 0.02;
          errors[trial] = Math.abs(slope - gradient[i]) / (rms + Math.abs(gradient[i]));
        }
        Arrays.sort(errors);
        assertThat(errors[errors.length / 2]).as("choice %d", choice).isLessThan(0.02);
      }
    }
  }

  private static double along(Pass pass, float[] images, int i, float step, float[] dlogits) {
    float before = images[i];
    images[i] += step;
    float[] logits = pass.forward(images, 3, null);
    images[i] = before;
    double loss = 0;
    for (int c = 0; c < dlogits.length; c++) {
      loss += (double) logits[c] * dlogits[c];
    }
    return loss;
  }

  @Test
  void oneNetworkServesManyThreads() throws Exception {
    try (Team team = new Team(2);
        ExecutorService callers = Executors.newFixedThreadPool(6)) {
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(Kernels.best(), team));
      List<Callable<float[]>> calls = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        int h = 45 + i % 3;
        calls.add(
            () -> {
              float[] logits = new float[SMALL.classes()];
              net.logits(pictures(SMALL, 1, h, W), 1, h, W, logits);
              return logits;
            });
      }
      List<Future<float[]>> results = callers.invokeAll(calls);
      for (int i = 3; i < 60; i++) {
        assertThat(results.get(i).get()).containsExactly(results.get(i % 3).get());
      }
    }
  }

  @Test
  void sizesThatCannotWorkAreRefused() {
    try (Team team = new Team(1)) {
      DenseNetConfig config = DenseNetConfig.densenet121();
      assertThat(config.minimumSize()).isEqualTo(29);
      DenseNet net =
          new DenseNet(SMALL, Weights.initialise(SMALL, 4), new Engine(Kernels.best(), team));
      assertThatThrownBy(() -> net.pass(PassOptions.training(2, 12, 40)))
          .hasMessageContaining("12 x 40")
          .hasMessageContaining("at least 13 x 13");
      Pass pass = net.pass(PassOptions.training(1, 13, 13));
      assertThatThrownBy(() -> pass.forward(new float[3 * 13 * 13], 1, null))
          .hasMessageContaining("Batch statistics of one value");
      assertThatThrownBy(() -> pass.forward(new float[5], 1, null))
          .hasMessageContaining("(1, 3, 13, 13)");
    }
  }

  @Test
  void theTutorialsPartsWorkAlone() {
    try (Team team = new Team(2)) {
      Engine engine = new Engine(Kernels.best(), team);
      PartAlone block = PartAlone.denseBlock(engine, 3, 10, 2, 0, 4, 8, 8, 1);
      float[] x = pictures(SMALL, 4, 8, 8);
      float[] y = block.forward(x);
      assertThat(block.shape()).containsExactly(4, 23, 8, 8);
      assertThat(y).hasSize(4 * 23 * 8 * 8);
      for (int n = 0; n < 4; n++) { // the input comes first in the concatenation
        for (int i = 0; i < 3 * 64; i++) {
          assertThat(y[n * 23 * 64 + i]).isEqualTo(x[n * 3 * 64 + i]);
        }
      }
      PartAlone transition = PartAlone.transition(engine, 23, 10, 4, 8, 8, 1);
      assertThat(transition.forward(y)).hasSize(4 * 10 * 4 * 4);
      assertThat(transition.shape()).containsExactly(4, 10, 4, 4);
    }
  }

  @Test
  void dropoutDropsTheRightShareAndKeepsTheMean() {
    DenseNetConfig config = DenseNetConfig.cifar(10, 8, true).withDropRate(0.4);
    try (Team team = new Team(2)) {
      DenseNet net =
          new DenseNet(config, Weights.initialise(config, 4), new Engine(Kernels.best(), team));
      Pass pass = net.pass(PassOptions.training(8, 32, 32));
      pass.capture("features.denseblock1.denselayer1");
      float[] images = pictures(config, 8, 32, 32);
      pass.forward(images, 8, null);
      float[] without = pass.captured("features.denseblock1.denselayer1");
      pass.forward(images, 8, keys(8, 0));
      float[] with = pass.captured("features.denseblock1.denselayer1");
      int dropped = 0;
      for (int i = 0; i < with.length; i++) {
        if (with[i] == 0 && without[i] != 0) {
          dropped++;
        } else {
          assertThat(with[i])
              .isCloseTo(without[i] / 0.6f, within(1e-4f * (1 + Math.abs(without[i]))));
        }
      }
      // 65,536 elements: five deviations are 0.0096.
      assertThat((double) dropped / with.length).isCloseTo(0.4, within(0.0096));
    }
  }
}
