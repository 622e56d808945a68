package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.Recipe;
import io.github.densenet4j.train.Trainer;
import io.github.densenet4j.weights.Model;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class TensorBoardTest {
  @TempDir Path folder;

  /** resources/tensorboard/make_events.py */
  @Test
  void scalarsHaveTheBytesOfTensorBoardsOwnWriter() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (EventFile file = new EventFile(out, () -> 1234567890.5)) {
      file.scalar("loss/train", 0, 2.25);
      file.scalar("loss/train", 1, 0.1);
      file.scalar("top1/val", 300, 0.875);
      file.scalar("größe", 1L << 40, -1e30);
    }
    try (InputStream expected =
        TensorBoardTest.class.getResourceAsStream("/tensorboard/scalars.tfevents")) {
      assertThat(out.toByteArray()).isEqualTo(expected.readAllBytes());
    }
  }

  /** RFC 3720, B.4: the checksum of 32 zeros is 8a9136aa. */
  @Test
  void checksumsAreMasked() {
    int checksum = 0x8a9136aa;
    assertThat(EventFile.maskedChecksum(new byte[32]))
        .isEqualTo((checksum >>> 15 | checksum << 17) + 0xa282ead8);
  }

  private static Model model(Dataset data) {
    DenseNetConfig config =
        new DenseNetConfig(
            4,
            List.of(1, 1),
            8,
            2,
            0.5,
            StemType.CIFAR,
            false,
            1,
            4,
            0,
            1e-5,
            0.1,
            Initialisation.KAIMING);
    return new Model(
        config, Weights.initialise(config, 3), data.classNames(), InputTransform.plain(1, 8, 8));
  }

  /** Trains for two epochs. */
  private List<String> train(Path run, Path events, TensorBoard.Histograms histograms)
      throws IOException {
    List<String> notes = new ArrayList<>();
    Patches data = new Patches(40, 4);
    Recipe recipe = Recipe.named("default").with("epochs", 2).with("batch", 8);
    try (Engine.Resources engine = Engine.open(1)) {
      DenseNet net = new DenseNet(model(data), engine.engine());
      Trainer trainer = new Trainer(net, new DataSplit(data, data), recipe, run);
      try (TrainingEvents written =
          new TrainingEvents(events, trainer.model(), data, histograms, notes::add)) {
        trainer.withListener(written).run();
      }
    }
    return notes;
  }

  @Test
  void aRunWritesItselfWhileItTrains() throws Exception {
    Path run = folder.resolve("run");
    Path events = run.resolve("tensorboard");
    assertThat(train(run, events, TensorBoard.Histograms.WEIGHTS)).isEmpty();
    try (Stream<Path> files = Files.list(events)) {
      byte[] bytes = Files.readAllBytes(files.toList().getFirst());
      // the version; each epoch: 9 columns besides its number, 6 figures, the sheet, the weights
      int tensors = model(new Patches(1, 4)).weights().layout().slots().size();
      assertThat(records(bytes)).isEqualTo(1 + 2 * (9 + 6 + 1 + tensors));
    }
    JsonNode found = read(python(), events);
    RunHistory history = RunHistory.ofRun(run).orElseThrow();
    for (String[] curve :
        new String[][] {
          {"loss/train", "train_loss"},
          {"loss/val", "val_loss"},
          {"top1/val", "val_top1"},
          {"lr", "lr"},
          {"images_per_s", "images_per_s"},
          {"data_wait_s", "data_wait_s"},
          {"evaluation/top1", "val_top1"}
        }) {
      JsonNode points = found.get("scalars").get(curve[0]);
      assertThat(points).as(curve[0]).hasSize(2);
      for (int i = 0; i < 2; i++) {
        assertThat(points.get(i).get(0).asInt()).isEqualTo(i + 1);
        double noted = history.epochs().get(i).get(curve[1]);
        assertThat(points.get(i).get(1).asDouble()).isCloseTo(noted, within(1e-6 * (1 + noted)));
      }
    }
    assertThat(found.get("images").get("mistakes")).hasSize(2);
    assertThat(found.get("histograms").get("classifier.weight").get("steps").toString())
        .isEqualTo("[1,2]");
  }

  /** How many records a file has, whose lengths and checksums are right. */
  private static int records(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int count = 0;
    while (in.hasRemaining()) {
      byte[] length = new byte[Long.BYTES];
      in.get(length);
      assertThat(in.getInt()).isEqualTo(EventFile.maskedChecksum(length));
      byte[] event =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      in.get(event);
      assertThat(in.getInt()).isEqualTo(EventFile.maskedChecksum(event));
      count++;
    }
    return count;
  }

  @Test
  void whatCannotBeWrittenIsSaidOnceAndTheRunGoesOn() throws IOException {
    Path taken = Files.writeString(folder.resolve("taken"), "no directory");
    Path run = folder.resolve("run");
    assertThat(train(run, taken, TensorBoard.Histograms.NONE))
        .singleElement()
        .asString()
        .contains("TensorBoard")
        .contains("taken")
        .contains("The run goes on");
    assertThat(RunHistory.ofRun(run).orElseThrow().epochs()).hasSize(2);
  }

  @Test
  void tensorBoardReadsWhatIsWritten() throws Exception {
    String python = python();
    Patches data = new Patches(40, 4);
    Model model = model(data);
    RunHistory history =
        new RunHistory(
            List.of(
                Map.of("epoch", 1.0, "train_loss", 0.9, "lr", 0.1),
                Map.of("epoch", 2.0, "train_loss", 0.5, "lr", 0.05)));
    Evaluated evaluated;
    try (Engine.Resources engine = Engine.open(1)) {
      evaluated =
          Evaluated.of(
              new DenseNet(model, engine.engine()), data, Evaluated.Views.ONE, Optional.empty());
    }
    TensorBoard.write(folder, evaluated, Optional.of(history), TensorBoard.Histograms.WEIGHTS);
    JsonNode found = read(python, folder);
    assertThat(found.get("scalars").get("loss/train").toString())
        .isEqualTo("[[1,0.8999999761581421],[2,0.5]]");
    assertThat(found.get("scalars").get("evaluation/top1").get(0).get(1).asDouble())
        .isCloseTo(evaluated.assessment().top1().value(), within(1e-6));
    JsonNode histogram = found.get("histograms").get("features.conv0.weight");
    double sum = 0;
    for (JsonNode bucket : histogram.get("buckets")) {
      sum += bucket.asDouble();
    }
    assertThat(sum).isEqualTo(8 * 9).isEqualTo(histogram.get("num").asDouble());
    assertThat(histogram.get("limits").get(49).asDouble())
        .isEqualTo(histogram.get("max").asDouble());
    assertThat(found.get("images").toString())
        .as("a sheet of six by four pictures")
        .isEqualTo("{\"mistakes\":[[2,816,640,\"89504e470d0a1a0a\"]]}");
  }

  private JsonNode read(String python, Path events) throws Exception {
    Path script = Path.of(TensorBoardTest.class.getResource("/tensorboard/read_events.py").toURI());
    Path json = folder.resolveSibling(folder.getFileName() + ".json");
    Process process =
        new ProcessBuilder(python, script.toString(), events.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(json.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return new ObjectMapper().readTree(Files.readString(json, StandardCharsets.UTF_8));
  }

  /** A Python that has TensorBoard: $DENSENET_TEST_PYTHON or python3. */
  private static String python() throws Exception {
    String python = System.getenv().getOrDefault("DENSENET_TEST_PYTHON", "python3");
    boolean has = false;
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import tensorboard.backend.event_processing")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      has = process.waitFor(120, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      System.err.println("there is no " + python + ": " + e.getMessage());
    }
    if (!has) {
      System.err.println(
          "SKIPPED: TensorBoard does not read our event files, since "
              + python
              + " has no tensorboard; DENSENET_TEST_PYTHON may name one that has.");
    }
    Assumptions.assumeTrue(has, python + " has no tensorboard");
    return python;
  }
}
