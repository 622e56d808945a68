package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataException;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.metrics.Assessment;
import io.github.densenet4j.metrics.Bootstrap;
import io.github.densenet4j.metrics.Collect;
import io.github.densenet4j.metrics.Outputs;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole runs of a tiny network on two classes: bright above, bright below. Long because each thing
 * that a run promises needs a run of its own, and all share these pictures.
 */
class TrainerTest {
  @TempDir Path folder;
  private final Engine engine = Engine.create(2);

  @AfterEach
  void close() {
    engine.team().close();
  }

  static class Bars implements Dataset {
    final int size;
    int gone = -1;

    Bars(int size) {
      this.size = size;
    }

    @Override
    public String name() {
      return "bars";
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public List<String> classNames() {
      return List.of("above", "below");
    }

    @Override
    public int[] labels(int index) {
      return new int[] {index % 3 == 0 ? 1 : 0};
    }

    @Override
    public Picture picture(int index) throws IOException {
      if (index == gone) {
        throw new DataException("17.png is not there.");
      }
      byte[] pixels = new byte[64];
      for (int p = 0; p < 64; p++) {
        boolean bright = p / 32 == label(index);
        pixels[p] = (byte) ((bright ? 150 : 60) + Randomness.bits(index, p) % 50);
      }
      return new Picture(1, 8, 8, pixels);
    }
  }

  private final Bars train = new Bars(50);
  private final DataSplit data = new DataSplit(train, new Bars(20));

  private static final Recipe RECIPE =
      Recipe.named("default")
          .with("epochs", 4)
          .with("batch", 8)
          .with("lr", 0.05)
          .with("augment", "cifar,mixup")
          .with("ema", 0.9);

  private static DenseNetConfig config() {
    return DenseNetConfig.cifar(10, 4, true).withChannels(1).withClasses(2).withDropRate(0.1);
  }

  private DenseNet net(Engine with) {
    InputTransform input = InputTransform.plain(1, 8, 8);
    Weights weights = Weights.initialise(config(), 3);
    return new DenseNet(new Model(config(), weights, List.of("above", "below"), input), with);
  }

  private Trainer trainer(String name, Recipe recipe) {
    return new Trainer(net(engine), data, recipe, folder.resolve(name)).withCheckpointMinutes(0);
  }

  private byte[] model(String run, String name) throws IOException {
    return Files.readAllBytes(folder.resolve(run).resolve(name + ".safetensors"));
  }

  private void assertSameModels(String one, String other) throws IOException {
    for (String name : List.of("best", "last")) {
      assertThat(model(other, name)).as(name).isEqualTo(model(one, name));
    }
  }

  /** Stops a run behind a number of steps. */
  private void stopAfter(Trainer trainer, int steps) throws IOException {
    trainer.withListener(
        new TrainListener() {
          private int seen;

          @Override
          public void step(int epoch, int done, int total, double loss, double top1) {
            if (++seen == steps) {
              trainer.stop();
            }
          }
        });
    trainer.run();
    assertThat(trainer.isStopped()).isTrue();
  }

  @Test
  void aRunThatWasStoppedAnywhereEndsInTheSameBits() throws IOException {
    for (String rule : List.of("sgd", "adamw")) {
      Recipe recipe = RECIPE.with("optimiser", rule).with("micro-batch", 4);
      trainer(rule, recipe).run();
      for (int steps : new int[] {1, 6, 7, 17}) { // in the first, at and behind an epoch's end
        String name = rule + steps;
        stopAfter(trainer(name, recipe), steps);
        EpochResult last = trainer(name, recipe).resume();
        assertThat(last.epoch()).isEqualTo(4);
        assertSameModels(rule, name);
        assertThat(lossesOf(name)).isEqualTo(lossesOf(rule));
      }
    }
  }

  /** The columns of the history that time does not change. */
  private List<String> lossesOf(String run) throws IOException {
    return Files.readAllLines(folder.resolve(run).resolve("history.csv")).stream()
        .map(
            line -> line.substring(0, line.length() - line.replaceAll("^([^,]*,){7}", "").length()))
        .toList();
  }

  @Test
  void threadsAndWorkersChangeNothing() throws IOException {
    trainer("one", RECIPE).run();
    try (Engine.Resources other = Engine.open(3)) {
      new Trainer(net(other.engine()), data, RECIPE, folder.resolve("other"))
          .withLoading(new Loading(5, 1000))
          .run();
    }
    assertSameModels("one", "other");
  }

  @Test
  void recomputingChangesNothing() throws IOException {
    trainer("kept", RECIPE).run();
    Recipe low = RECIPE.with("memory", "low");
    trainer("low", low).run();
    assertThat(model("low", "last")).isEqualTo(model("kept", "last"));
  }

  @Test
  void itLearnsAndSaysWhatItDid() throws IOException {
    Recipe recipe = RECIPE.with("epochs", 8).with("augment", "none").with("ema", 0);
    EpochResult last = trainer("run", recipe).run();
    assertThat(last.validation().top1()).isGreaterThan(0.9);
    assertThat(Files.readString(folder.resolve("run/run.txt")))
        .contains("recipe.lr = 0.05")
        .contains("kernels = ");
    assertThatThrownBy(() -> trainer("run", recipe).run())
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("--resume");
    assertThat(new Checkpoints(folder.resolve("run")).list())
        .as("the last and the best epoch's are kept")
        .hasSizeBetween(3, 4);
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws IOException {
    trainer("whole", RECIPE).run();
    stopAfter(trainer("cut", RECIPE), 12);
    List<Path> files = new Checkpoints(folder.resolve("cut")).list();
    byte[] newest = Files.readAllBytes(files.get(0));
    Files.write(files.get(0), java.util.Arrays.copyOf(newest, newest.length / 2));
    byte[] flipped = Files.readAllBytes(files.get(1));
    flipped[flipped.length - 9] ^= 1; // one bit of one weight
    Files.write(files.get(1), flipped);
    List<String> notes = new ArrayList<>();
    Trainer trainer = trainer("cut", RECIPE).withListener(noting(notes));
    trainer.resume();
    assertThat(notes).hasSize(2);
    assertThat(notes.get(0)).contains(files.get(0).toString()).contains("going back");
    assertThat(notes.get(1)).contains("digest");
    assertSameModels("whole", "cut");
    for (Path file : new Checkpoints(folder.resolve("cut")).list()) {
      Files.write(file, new byte[10]);
    }
    assertThatThrownBy(() -> trainer("cut", RECIPE).resume())
        .hasMessageContaining("no checkpoint that is whole");
    assertThatThrownBy(() -> trainer("none", RECIPE).resume())
        .hasMessageContaining("no run to resume");
  }

  @Test
  void theBestEpochsCheckpointIsKeptBesideTheLastOnes() throws IOException {
    Recipe recipe = RECIPE.with("epochs", 6).with("lr", 1e-9).with("ema", 0); // no better epoch
    trainer("run", recipe).run();
    Path checkpoints = folder.resolve("run/checkpoints");
    List<Path> files = new Checkpoints(folder.resolve("run")).list();
    assertThat(files.stream().map(file -> file.getFileName().toString()))
        .containsExactly(
            "step-0000000042.safetensors", // of 7 steps an epoch
            "step-0000000041.safetensors",
            "step-0000000040.safetensors",
            "step-0000000007.safetensors");
    Checkpoints.Saved best = Checkpoints.read(checkpoints.resolve("step-0000000007.safetensors"));
    assertThat(best.metadata()).containsEntry("epoch", "1");
    Weights saved =
        io.github.densenet4j.weights.ModelFile.load(
                folder.resolve("run/best.safetensors"),
                io.github.densenet4j.weights.LoadOptions.strict())
            .weights();
    assertThat(best.tensors().get("weights.parameters")).isEqualTo(saved.parameters());
    for (Path file : files.subList(0, 3)) {
      Files.delete(file);
    }
    assertThat(trainer("run", recipe).resume().epoch()).as("it is a whole checkpoint").isEqualTo(6);
  }

  private static TrainListener noting(List<String> notes) {
    return new TrainListener() {
      @Override
      public void note(String message) {
        notes.add(message);
      }
    };
  }

  @Test
  void aRunGoesOnOnlyAsItBegan() throws IOException {
    stopAfter(trainer("run", RECIPE), 3);
    assertThatThrownBy(() -> trainer("run", RECIPE.with("lr", 0.01)).resume())
        .hasMessageContaining("recipe.lr = 0.05, now it is 0.01");
    DataSplit more = new DataSplit(new Bars(51), data.test());
    assertThatThrownBy(() -> new Trainer(net(engine), more, RECIPE, folder.resolve("run")).resume())
        .hasMessageContaining("data");
  }

  @Test
  void aPictureThatVanishesEndsTheRunWithItsName() throws IOException {
    train.gone = 17;
    assertThatThrownBy(() -> trainer("gone", RECIPE).run())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("17.png is not there")
        .hasMessageContaining("resume");
    train.gone = -1;
    trainer("gone", RECIPE).resume();
    trainer("whole", RECIPE).run();
    assertSameModels("whole", "gone");
  }

  @Test
  void aDiskThatFailsInTheMiddleCostsNothingBehindTheLastCheckpoint() throws IOException {
    trainer("whole", RECIPE).run();
    Path checkpoints = folder.resolve("run/checkpoints");
    Path aside = folder.resolve("aside");
    List<String> notes = new ArrayList<>();
    Trainer trainer = trainer("run", RECIPE);
    trainer.withListener(
        new TrainListener() {
          private int seen;

          @Override
          public void step(int epoch, int done, int total, double loss, double top1) {
            if (++seen == 9) { // a file in the folder's place refuses what a broken disk would
              try {
                Files.move(checkpoints, aside);
                Files.createFile(checkpoints);
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }
          }

          @Override
          public void note(String message) {
            notes.add(message);
          }
        });
    assertThatThrownBy(trainer::run)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("safe up to its last checkpoint")
        .hasMessageContaining("--resume");
    assertThat(notes).isNotEmpty().allMatch(note -> note.contains("Training goes on"));
    Files.delete(checkpoints);
    Files.move(aside, checkpoints);
    trainer("run", RECIPE).resume();
    assertSameModels("whole", "run");
  }

  @Test
  void aPlaceThatCannotBeWrittenToIsSaidBeforeTraining() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> new Trainer(net(engine), data, RECIPE, file.resolve("run")).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be written to")
        .hasMessageContaining("--out");
  }

  @Test
  void aReadOnlyDirectoryIsSaidBeforeTraining() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    assumeThat(closed.toFile().setWritable(false) && !Files.isWritable(closed))
        .as("SKIPPED: this user may write everywhere")
        .isTrue();
    assertThatThrownBy(() -> trainer("closed", RECIPE).run())
        .hasMessageContaining("cannot be written to");
  }

  // ---- fine-tuning

  private static boolean same(Weights one, Weights other, Slot slot) {
    return java.util.Arrays.equals(
        one.store(slot),
        slot.at(),
        slot.at() + slot.size(),
        other.store(slot),
        slot.at(),
        slot.at() + slot.size());
  }

  @Test
  void frozenPartsKeepEveryValue() throws IOException {
    Recipe recipe = RECIPE.with("freeze", "stem..block2").with("epochs", 1);
    DenseNet net = net(engine);
    Weights before = net.weights().copy();
    new Trainer(net, data, recipe, folder.resolve("frozen")).run();
    for (Slot slot : before.layout().slots()) {
      boolean frozen = slot.name().matches("features\\.(conv0|denseblock[12]|transition1)\\..*");
      assertThat(same(before, net.weights(), slot)).as(slot.name()).isEqualTo(frozen);
    }
    assertThatThrownBy(() -> trainer("none", RECIPE.with("freeze", "stem..head")).run())
        .hasMessageContaining("nothing would learn");
    assertThatThrownBy(() -> trainer("none", RECIPE.with("freeze", "block4")).run())
        .hasMessageContaining("no part 'denseblock4'");
  }

  @Test
  void frozenStatisticsStayWhileWeightsLearn() throws IOException {
    DenseNet net = net(engine);
    Weights before = net.weights().copy();
    Recipe recipe = RECIPE.with("freeze-bn", true).with("epochs", 1);
    new Trainer(net, data, recipe, folder.resolve("bn")).run();
    for (Slot slot : before.layout().slots()) {
      boolean statistic = slot.name().contains("running_");
      assertThat(same(before, net.weights(), slot)).as(slot.name()).isEqualTo(statistic);
    }
  }

  @Test
  void partsHaveTheirOwnRates() {
    Recipe recipe = RECIPE.with("rates", "stem..last=0.1,block2=0.5,head=10");
    assertThat(recipe.rate("stem")).isEqualTo(0.1);
    assertThat(recipe.rate("denseblock2")).isEqualTo(0.5);
    assertThat(recipe.rate("transition2")).isEqualTo(0.1);
    assertThat(recipe.rate("head")).isEqualTo(10);
    List<ParameterGroup> groups =
        ParameterGroup.of(
            new Weights(io.github.densenet4j.Layout.of(config())).layout(), recipe::rate, 0);
    assertThat(groups.getLast().rate()).as("the classifier's bias").isEqualTo(10);
    assertThat(groups.getLast().decay()).isZero();
    assertThat(groups.getFirst().decay()).as("the stem's convolution").isEqualTo(1);
  }

  // ---- recipes

  @Test
  void microBatchesGiveTheSumOfTheirGradients() throws IOException {
    // without dropout, and with running statistics, cutting a batch up changes rounding only
    Recipe whole = RECIPE.with("freeze-bn", true).with("augment", "none").with("epochs", 1);
    AtomicReference<Double> loss = new AtomicReference<>();
    for (int together : new int[] {0, 4, 2}) {
      String name = "micro" + together;
      EpochResult result = trainer(name, whole.with("micro-batch", together)).run();
      double first = loss.updateAndGet(v -> v == null ? result.trainLoss() : v);
      assertThat(result.trainLoss()).isCloseTo(first, org.assertj.core.api.Assertions.within(1e-4));
    }
  }

  @Test
  void patienceEndsARunThatGetsNoBetter() throws IOException {
    List<String> notes = new ArrayList<>();
    Recipe recipe = RECIPE.with("epochs", 50).with("patience", 2).with("lr", 1e-9).with("ema", 0);
    EpochResult last = trainer("patient", recipe).withListener(noting(notes)).run();
    assertThat(last.epoch()).isLessThan(50);
    assertThat(notes).anyMatch(note -> note.contains("no better model for 2 epochs"));
    assertThat(trainer("patient", recipe).resume().epoch()).isEqualTo(last.epoch());
  }

  @Test
  void listenersHearWhatTheBestModelSaysOfEachPicture() throws IOException {
    Bars many = new Bars(300); // more than a batch
    float[] heard = new float[2 * many.size()];
    List<String> told = new ArrayList<>();
    TrainListener first =
        new TrainListener() {
          @Override
          public void validated(int from, int n, float[] logits) {
            System.arraycopy(logits, 0, heard, 2 * from, 2 * n);
            told.add("validated " + n);
          }
        };
    TrainListener second =
        new TrainListener() {
          @Override
          public void epoch(EpochResult result) {
            told.add("epoch " + result.epoch());
          }
        };
    Path run = folder.resolve("heard");
    EpochResult result =
        new Trainer(net(engine), new DataSplit(train, many), RECIPE.with("epochs", 1), run)
            .withListener(first.and(second))
            .run();
    assertThat(told).containsExactly("validated 256", "validated 44", "epoch 1");
    Model best = ModelFile.load(run.resolve("best.safetensors"), LoadOptions.strict());
    Outputs outputs = Collect.outputs(new DenseNet(best, engine), many);
    assertThat(heard).isEqualTo(outputs.logits());
    assertThat(Collect.judged(many, heard, 2)).usingRecursiveComparison().isEqualTo(outputs);
    assertThat(Assessment.of(outputs, new Bootstrap(1, 0.95, 1)).top1().value())
        .isEqualTo(result.validation().top1());
  }

  @Test
  void balancedSamplingDrawsAllClassesEquallyOften() {
    int[] counts = new int[2];
    Sampler sampler = new Sampler(new Bars(3000), RECIPE.with("sampling", "balanced"));
    for (int index : sampler.order(1)) {
      counts[train.label(index)]++;
    }
    assertThat(counts[1]).isBetween(1360, 1640); // five deviations; a third without balancing
    assertThat(sampler.order(1)).isEqualTo(sampler.order(1)).isNotEqualTo(sampler.order(2));
    assertThat(RECIPE.with("class-weights", "balanced").measure(new Bars(30)))
        .isEqualTo(new SoftmaxLoss(0, List.of(0.75, 1.5)));
  }

  @Test
  void recipesAreWrittenDownAndChecked() {
    assertThat(Recipe.named("paper-cifar").epochs()).isEqualTo(300);
    assertThat(Recipe.named("d2l").momentum()).isZero();
    for (String name : Recipe.names()) {
      assertThat(Recipe.of(Recipe.named(name).values())).isEqualTo(Recipe.named(name));
    }
    assertThatThrownBy(() -> RECIPE.with("epochs", 0)).hasMessageContaining("epochs is '0'");
    assertThatThrownBy(() -> RECIPE.with("lr", "no")).hasMessageContaining("a number");
    assertThatThrownBy(() -> RECIPE.with("momentum", 1)).hasMessageContaining("[0, 1)");
    assertThatThrownBy(() -> RECIPE.with("micro-batch", 3)).hasMessageContaining("divide");
    assertThatThrownBy(() -> RECIPE.with("colour", 3)).hasMessageContaining("no value 'colour'");
    assertThatThrownBy(() -> Recipe.named("best")).hasMessageContaining("finetune");
    assertThatThrownBy(() -> RECIPE.with("freeze", "roof")).hasMessageContaining("stem..block3");
    assertThatThrownBy(() -> RECIPE.with("rates", "stem")).hasMessageContaining("PARTS=FACTOR");
  }
}
