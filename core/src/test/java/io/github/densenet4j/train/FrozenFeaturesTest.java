package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.FrozenParts;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** First parts that keep their values: without a way back, and their features computed once. */
class FrozenFeaturesTest {
  private static final KeptFeatures.Room NOWHERE = new KeptFeatures.Room(0, 0);
  private static final KeptFeatures.Room HEAP = new KeptFeatures.Room(1 << 30, 0);
  private static final KeptFeatures.Room DISK = new KeptFeatures.Room(0, 1 << 30);

  private static final Recipe RECIPE =
      Recipe.named("default")
          .with("epochs", 3)
          .with("batch", 8)
          .with("lr", 0.05)
          .with("ema", 0.9)
          .with("augment", "none");

  /** Counts how often pictures are read. */
  private static final class Counted extends TrainerTest.Bars {
    final AtomicInteger reads = new AtomicInteger();

    Counted(int size) {
      super(size);
    }

    @Override
    public Picture picture(int index) throws IOException {
      reads.incrementAndGet();
      return super.picture(index);
    }
  }

  @TempDir Path folder;
  private final Engine engine = Engine.create(2);
  private final Counted train = new Counted(50);

  @AfterEach
  void close() {
    engine.team().close();
  }

  private static DenseNetConfig config() {
    return DenseNetConfig.cifar(22, 4, true).withChannels(1).withClasses(2).withDropRate(0.1);
  }

  private DenseNet net() {
    InputTransform input = InputTransform.plain(1, 8, 8);
    Weights weights = Weights.initialise(config(), 3);
    for (int i = 0; i < weights.statistics().length; i++) { // not those of a fresh network
      weights.statistics()[i] += 0.3f * Randomness.uniform(5, i);
    }
    weights.changed();
    return new DenseNet(new Model(config(), weights, List.of("above", "below"), input), engine);
  }

  private Trainer trainer(String name, Recipe recipe, KeptFeatures.Room room, List<String> notes) {
    DataSplit data = new DataSplit(train, new TrainerTest.Bars(20));
    return new Trainer(net(), data, recipe, folder.resolve(name))
        .withFeatureRoom(room)
        .withListener(
            new TrainListener() {
              @Override
              public void note(String message) {
                notes.add(message);
              }
            });
  }

  private byte[] last(String run) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve("last.safetensors"));
  }

  @Test
  void keptFeaturesChangeNoBit() throws IOException {
    for (String parts :
        List.of("stem", "stem..block1", "stem..transition1", "stem..block3", "stem..last")) {
      Recipe recipe = RECIPE.with("freeze", parts).with("micro-batch", parts.length() % 2 * 4);
      List<String> notes = new ArrayList<>();
      trainer(parts + "-nowhere", recipe, NOWHERE, notes).run();
      trainer(parts + "-heap", recipe, HEAP, notes).run();
      trainer(parts + "-disk", recipe, DISK, notes).run();
      assertThat(last(parts + "-heap")).as(parts).isEqualTo(last(parts + "-nowhere"));
      assertThat(last(parts + "-disk")).as(parts).isEqualTo(last(parts + "-nowhere"));
      assertThat(notes).hasSize(3);
      assertThat(notes.get(0)).contains("in every epoch").contains("-Xmx");
      assertThat(notes.get(1)).contains("kept in memory");
      assertThat(notes.get(2)).contains("features.tmp");
      assertThat(folder.resolve(parts + "-disk").resolve("features.tmp")).doesNotExist();
    }
  }

  @Test
  void picturesAreReadOnceIfTheirFeaturesAreKept() throws IOException {
    Recipe recipe = RECIPE.with("freeze", "stem..block2");
    trainer("kept", recipe, HEAP, new ArrayList<>()).run();
    assertThat(train.reads.getAndSet(0)).isEqualTo(50);
    trainer("again", recipe, NOWHERE, new ArrayList<>()).run();
    assertThat(train.reads.getAndSet(0)).isEqualTo(3 * 50);
    List<String> notes = new ArrayList<>();
    trainer("augmented", recipe.with("augment", "flip"), HEAP, notes).run();
    assertThat(train.reads.get()).as("every epoch sees other pictures").isEqualTo(3 * 50);
    assertThat(notes).isEmpty();
  }

  @Test
  void aRunWithKeptFeaturesGoesOnToTheSameBits() throws IOException {
    Recipe recipe = RECIPE.with("freeze", "stem..block2");
    trainer("whole", recipe, HEAP, new ArrayList<>()).run();
    Trainer cut = trainer("cut", recipe, DISK, new ArrayList<>());
    cut.withListener(
        new TrainListener() {
          private int seen;

          @Override
          public void step(int epoch, int done, int total, double loss, double top1) {
            if (++seen == 10) {
              cut.stop();
            }
          }
        });
    cut.run();
    trainer("cut", recipe, HEAP, new ArrayList<>()).resume();
    assertThat(last("cut")).isEqualTo(last("whole"));
  }

  private float[] images(int n) {
    float[] images = new float[n * 64];
    for (int i = 0; i < images.length; i++) {
      images[i] = Randomness.uniform(9, i) - 0.5f;
    }
    return images;
  }

  @Test
  void featuresAreAFunctionOfThePictureAlone() {
    DenseNet net = net();
    for (int count = 1; count < 7; count++) {
      FrozenParts parts = FrozenParts.of(net, count, 8, 8);
      float[] images = images(9);
      float[] together = new float[9 * parts.floats()];
      parts.forward(images, 9, together);
      float[] alone = new float[parts.floats()];
      for (int i = 0; i < 9; i++) {
        parts.forward(java.util.Arrays.copyOfRange(images, i * 64, (i + 1) * 64), 1, alone);
        assertThat(alone)
            .isEqualTo(
                java.util.Arrays.copyOfRange(together, i * alone.length, (i + 1) * alone.length));
      }
    }
  }

  /** Against the same network in one pass, whose first parts use running statistics. */
  @Test
  void withoutFirstPartsTheRestLearnsTheSame() {
    DenseNet net = net();
    List<String> names = Pass.parts(net.config());
    float[] images = images(6);
    float[] dlogits = {1, -1, 0.5f, 0, 0, 2, -1, 0, 0.3f, 0.3f, 1, 1};
    for (int count = 1; count < names.size(); count++) {
      Pass whole = net.pass(PassOptions.training(6, 8, 8));
      Pass rest = net.pass(PassOptions.training(6, 8, 8).behind(count));
      assertThat(rest.parts()).isEqualTo(names.subList(count, names.size()));
      for (String name : names.subList(0, count)) {
        whole.freeze(name, true);
        whole.useBatchStatistics(name, false);
      }
      FrozenParts first = FrozenParts.of(net, count, 8, 8);
      float[] features = new float[6 * first.floats()];
      first.forward(images, 6, features);
      float[] expected = whole.forward(images, 6, null);
      float[] found = rest.forward(features, 6, null);
      // folded normalisations round elsewhere, and batch statistics of 6 pictures magnify it
      assertThat(found).usingComparatorWithPrecision(2e-3f).containsExactly(expected);
      whole.beginStep();
      whole.backward(dlogits);
      rest.beginStep();
      rest.backward(dlogits);
      double difference = 0;
      double size = 0;
      for (int i = 0; i < whole.gradients().length; i++) {
        difference += Math.pow(whole.gradients()[i] - rest.gradients()[i], 2);
        size += Math.pow(whole.gradients()[i], 2);
      }
      assertThat(Math.sqrt(difference / size)).as("behind %d parts", count).isLessThan(1e-3);
    }
    assertThatThrownBy(() -> net.pass(PassOptions.training(6, 8, 8).behind(7)))
        .hasMessageContaining("the network has 7");
  }

  @Test
  void frozenPartsTakeNoMemoryForAWayBack() {
    DenseNetConfig config = DenseNetConfig.named("densenet121");
    PassOptions options = PassOptions.training(32, 224, 224);
    long whole = Pass.bytes(config, options, engine);
    long rest = Pass.bytes(config, options.behind(6), engine);
    assertThat(rest + FrozenParts.bytes(config, 6, 224, 224, engine)).isLessThan(whole / 4);
  }
}
