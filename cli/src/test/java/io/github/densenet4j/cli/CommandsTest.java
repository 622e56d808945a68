package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.report.RunHistory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The commands as a user types them. Long because it follows one model from command to command:
 * what each promises is one test.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CommandsTest {
  private static final String[] TINY = {
    "--blocks",
    "1,1",
    "--growth-rate",
    "4",
    "--init-features",
    "8",
    "--stem",
    "cifar",
    "--bottleneck",
    "2"
  };

  @TempDir static Path folder;
  private Path data;
  private Path model;

  record Result(int code, String out, String err) {}

  static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int code = line.execute(args);
    return new Result(code, out.toString(), err.toString());
  }

  private static String[] with(String[] first, String... more) {
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  private static JsonNode json(String line) {
    return new ObjectMapper().readTree(line);
  }

  /** Two classes that even a tiny network tells apart: bright above or bright below. */
  @BeforeAll
  void trainOnce() throws IOException {
    data = Files.createDirectories(folder.resolve("two-classes"));
    Files.writeString(data.resolve("classes.txt"), "above\nbelow\n");
    write("train", 64);
    write("t10k", 20);
    Path out = folder.resolve("run");
    Result result =
        run(
            with(
                TINY,
                "--data",
                data.toString(),
                "--epochs",
                "4",
                "--batch",
                "8",
                "--lr",
                "0.05",
                "--out",
                out.toString(),
                "--json"),
            "train");
    assertThat(result.err()).contains("parameters").contains("memory:");
    assertThat(result.code()).as(result.err()).isZero();
    List<String> lines = result.out().lines().toList();
    assertThat(lines)
        .as("standard output holds JSON only")
        .hasSize(4)
        .allSatisfy(line -> assertThat(json(line).has("val_top1")).isTrue());
    assertThat(json(lines.get(3)).get("val_top1").asDouble()).isEqualTo(1);
    model = out.resolve("best.safetensors");
    assertThat(Files.readAllLines(out.resolve("history.csv"))).hasSize(5);
    assertThat(result.err()).contains("report: " + out.resolve("report.html"));
    Path redirected = Files.createDirectories(folder.resolve("redirected"));
    Files.writeString(redirected.resolve("history.jsonl"), result.out());
    assertThat(RunHistory.ofRun(redirected).orElseThrow().epochs())
        .as("train --json > history.jsonl says what history.csv says")
        .usingRecursiveComparison()
        .withComparatorForType((a, b) -> Math.abs(a - b) < 0.06 ? 0 : 1, Double.class)
        .isEqualTo(RunHistory.ofRun(out).orElseThrow().epochs());
    assertThat(out.resolve("last.safetensors")).exists();
  }

  private static Result run(String[] args, String verb) {
    String[] all = new String[args.length + 1];
    all[0] = verb;
    System.arraycopy(args, 0, all, 1, args.length);
    return run(all);
  }

  private void write(String part, int n) throws IOException {
    ByteBuffer images =
        ByteBuffer.allocate(16 + n * 64).putInt(0x803).putInt(n).putInt(8).putInt(8);
    ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
    for (int i = 0; i < n; i++) {
      int label = i % 2;
      labels.put((byte) label);
      for (int p = 0; p < 64; p++) {
        boolean bright = p / 32 == label;
        images.put((byte) ((bright ? 200 : 20) + (i * 31 + p * 17) % 40));
      }
    }
    Files.write(data.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }

  private Path picture(String name, boolean above) throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        image.getRaster().setSample(x, y, 0, y < 4 == above ? 220 : 30);
      }
    }
    Path file = folder.resolve(name);
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void evalGivesFractions() {
    Result result = run("eval", "--model", model.toString(), "--data", data.toString(), "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = json(result.out());
    assertThat(json.get("top1").asDouble()).isEqualTo(1);
    assertThat(json.get("top5").asDouble()).isEqualTo(1);
    assertThat(json.get("images").asInt()).isEqualTo(20);
    assertThat(json.get("loss").asDouble()).isBetween(0.0, 0.5);
    assertThat(json.get("images_per_s").asDouble()).isPositive();
    assertThat(json.get("macro").get("f1").asDouble()).isEqualTo(1);
    assertThat(json.get("macro").get("roc_auc").asDouble()).isEqualTo(1);
    assertThat(json.get("kappa").asDouble()).isEqualTo(1);
    assertThat(json.get("confusion").toString()).isEqualTo("[[10,0],[0,10]]");
    assertThat(json.get("per_class").get(1).get("class").asString()).isEqualTo("below");
    assertThat(json.get("confidence_intervals").get("top1").toString()).isEqualTo("[1.0,1.0]");
    assertThat(json.get("temperature_scaling").get("temperature").asDouble()).isLessThan(1);
  }

  @Test
  void aCalibratedModelIsSurerAndNamesTheSame() throws IOException {
    Path calibrated = folder.resolve("calibrated.safetensors");
    Result before =
        run(
            "eval",
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--validation",
            data.toString(),
            "--calibrated",
            calibrated.toString(),
            "--json");
    assertThat(before.code()).as(before.err()).isZero();
    Result after =
        run("eval", "--model", calibrated.toString(), "--data", data.toString(), "--json");
    assertThat(json(after.out()).get("top1").asDouble()).isEqualTo(1);
    assertThat(json(after.out()).get("loss").asDouble())
        .isCloseTo(
            json(before.out()).get("temperature_scaling").get("loss").asDouble(), within(1e-6))
        .isLessThan(json(before.out()).get("loss").asDouble());
  }

  @Test
  void aReportLiesInTheRunsDirectoryWithItsCurves() throws IOException {
    Path run = folder.resolve("judged anew");
    Result result =
        run(
            "eval",
            "--model",
            model.toString(),
            "--data",
            data.toString(),
            "--report",
            run.toString(),
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("report.html");
    assertThat(json(Files.readString(run.resolve("metrics.json"))).get("top1"))
        .isEqualTo(json(result.out()).get("top1"));
    assertThat(Files.readAllLines(run.resolve("predictions.csv"))).hasSize(21);
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("\"val_top1\"")
        .contains("data:image/png;base64,");
  }

  @Test
  void aRunEndsWithItsReport() throws IOException {
    Path run = model.getParent();
    String page = Files.readString(run.resolve("report.html"));
    assertThat(page)
        .contains("\"Recipe\"")
        .contains("\"augment\":\"none\"")
        .contains("chosen by them")
        .contains("data:image/png;base64,")
        .contains("\\u003csvg");
    assertThat(Files.readAllLines(run.resolve("predictions.csv"))).hasSize(21);
    JsonNode metrics = json(Files.readString(run.resolve("metrics.json")));
    Result again = run("eval", "--model", model.toString(), "--json");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("pictures: " + data);
    for (String figure : List.of("top1", "loss", "confusion", "images", "temperature_scaling")) {
      assertThat(json(again.out()).get(figure)).as(figure).isEqualTo(metrics.get(figure));
    }
  }

  @Test
  void aReportThatCannotBeWrittenCostsNoRun() throws IOException {
    Path out = folder.resolve("unreported");
    Files.createDirectories(out.resolve("report.html/not-empty"));
    Result result =
        run(
            with(TINY, "--data", data.toString(), "--epochs", "1", "--out", out.toString()),
            "train");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("model: ")
        .contains("The report could not be written")
        .contains("densenet eval --model " + out.resolve("best.safetensors"));
  }

  /** The same run as {@link #trainOnce}, with everything that may follow it. */
  @Test
  void whoeverFollowsARunDoesNotChangeIt() throws IOException {
    Path out = folder.resolve("followed");
    Result result =
        run(
            with(
                TINY,
                "--data",
                data.toString(),
                "--epochs",
                "4",
                "--batch",
                "8",
                "--lr",
                "0.05",
                "--out",
                out.toString(),
                "--tensorboard",
                "--histograms",
                "--watch"),
            "train");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).containsPattern("watch: http://127\\.0\\.0\\.1:\\d+/");
    for (String name : List.of("best.safetensors", "last.safetensors")) {
      assertThat(out.resolve(name)).hasSameBinaryContentAs(model.resolveSibling(name));
    }
    try (var files = Files.list(out.resolve("tensorboard"))) {
      assertThat(files).singleElement().asString().contains("events.out.tfevents.");
    }
    assertThat(result.out()).contains("  validation loss ").contains("best validation top-1 ");
    assertThat(Files.readString(out.resolve("run.txt"))).contains("tensorboard = with histograms");
    assertThat(Files.readString(out.resolve("confusion.json"))).contains("\"epoch\":4");
  }

  @Test
  void aPortThatIsTakenIsNoReasonNotToTrain() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Result result =
          run(
              with(
                  TINY,
                  "--data",
                  data.toString(),
                  "--epochs",
                  "1",
                  "--out",
                  folder.resolve("unwatched").toString(),
                  "--watch=" + taken.getLocalPort()),
              "train");
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.out())
          .contains("port " + taken.getLocalPort() + " is taken")
          .contains("model: ");
    }
    assertThat(run("train", "--watch=99999").code()).isEqualTo(2);
    assertThat(run("train", "--histograms").err()).contains("--tensorboard");
  }

  @Test
  void aSigmoidHeadIsJudgedClassByClassAtThresholdsChosenOnValidation() {
    String[] common = {
      "--model", model.toString(), "--data", data.toString(), "--head", "sigmoid", "--json"
    };
    JsonNode atHalf = json(run(common, "eval").out()).get("multi_label");
    assertThat(atHalf.get("per_class").get(0).get("threshold").asDouble()).isEqualTo(0.5);
    Path chosen = folder.resolve("chosen.safetensors");
    Result result =
        run(
            with(common, "--validation", data.toString(), "--calibrated", chosen.toString()),
            "eval");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = json(result.out()).get("multi_label");
    assertThat(json.get("macro").get("f1").asDouble()).isEqualTo(1);
    assertThat(json.get("exact").asDouble()).isEqualTo(1);
    double threshold = json.get("per_class").get(0).get("threshold").asDouble();
    JsonNode again =
        json(run("eval", "--model", chosen.toString(), "--data", data.toString(), "--json").out());
    assertThat(again.get("multi_label").get("per_class").get(0).get("threshold").asDouble())
        .isCloseTo(threshold, within(1e-9));
    assertThat(again.get("multi_label").get("exact").asDouble()).isEqualTo(1);
  }

  @Test
  void tenCropsSeeEveryPictureTenTimes() {
    Result result =
        run("eval", "--model", model.toString(), "--data", data.toString(), "--ten-crop", "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = json(result.out());
    assertThat(json.get("images").asInt()).isEqualTo(20);
    assertThat(json.get("top1").asDouble()).isBetween(0.5, 1.0);
    JsonNode once =
        json(run("eval", "--model", model.toString(), "--data", data.toString(), "--json").out());
    assertThat(json.get("loss").asDouble()).isNotEqualTo(once.get("loss").asDouble());
  }

  @Test
  void predictNamesTheClassesAndGoesOnBehindABadFile() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.png"), "no picture");
    Result result =
        run(
            "predict",
            "--model",
            model.toString(),
            "--json",
            "--top",
            "1",
            picture("a.png", true).toString(),
            bad.toString(),
            picture("b.png", false).toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("bad.png").doesNotContain("\tat ");
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode first = json(lines.get(0));
    assertThat(first.get("file").asString()).endsWith("a.png");
    assertThat(first.get("index").asInt()).isZero();
    assertThat(first.get("predictions").get(0).get("label").asString()).isEqualTo("above");
    assertThat(first.get("predictions").get(0).get("probability").asDouble()).isGreaterThan(0.5);
    assertThat(json(lines.get(1)).get("predictions").get(0).get("label").asString())
        .isEqualTo("below");
  }

  @Test
  void predictGivesTheLogitsOfAnArray() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 8, 8), }\n";
    ByteBuffer out =
        ByteBuffer.allocate(10 + header.length() + 512).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) header.length())
        .put(header.getBytes());
    for (int i = 0; i < 128; i++) {
      out.putFloat(i / 64 == i % 64 / 32 ? 220 / 255f : 30 / 255f);
    }
    Path file = Files.write(folder.resolve("two.npy"), out.array());
    Result result =
        run("predict", "--model", model.toString(), "--logits", "--json", file.toString());
    assertThat(result.code()).as(result.err()).isZero();
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(json(lines.get(1)).get("index").asInt()).isEqualTo(1);
    JsonNode logits = json(lines.get(0)).get("logits");
    assertThat(logits.size()).isEqualTo(2);
    assertThat(logits.get(0).asDouble()).isGreaterThan(logits.get(1).asDouble());
    Result picture =
        run(
            "predict",
            "--model",
            model.toString(),
            "--logits",
            "--json",
            picture("c.png", true).toString());
    assertThat(json(picture.out()).get("logits").get(0).asDouble())
        .isCloseTo(logits.get(0).asDouble(), within(1e-4));
  }

  @Test
  void summaryCounts() {
    Result result = run("summary", "--arch", "densenet121", "--json");
    assertThat(result.code()).isZero();
    JsonNode json = json(result.out());
    assertThat(json.get("parameters").asLong()).isEqualTo(7_978_856);
    assertThat(json.get("macs").asLong()).isEqualTo(2_834_161_664L);
    assertThat(json.get("training_bytes").asLong()).isGreaterThan(30_000_000);
    assertThat(run("summary", "--arch", "d2l").out()).contains("758,226").contains("denseblock4");
  }

  @Test
  void benchMeasuresBothModes() {
    for (String mode : List.of("infer", "train")) {
      Result result =
          run(
              with(
                  TINY,
                  "--size",
                  "16",
                  "--mode",
                  mode,
                  "--batch",
                  "2",
                  "--threads",
                  "2",
                  "--warmup",
                  "0",
                  "--runs",
                  "3",
                  "--json"),
              "bench");
      assertThat(result.code()).as(result.err()).isZero();
      JsonNode json = json(result.out());
      for (String field : List.of("median_ms", "best_ms", "images_per_s", "peak_bytes")) {
        assertThat(json.get(field).asDouble()).as(field).isPositive();
      }
      assertThat(json.has("gflops") && json.has("peak_fraction")).isTrue();
    }
  }

  @Test
  void badUsageEndsWithTwoAndFailureWithOne() throws IOException {
    assertThat(run("summary", "--arch", "densenet122").code()).isEqualTo(2);
    assertThat(run("summary", "--size", "28").code()).isEqualTo(2);
    assertThat(run("summary", "--size", "28").err()).contains("29 x 29");
    assertThat(run("train", "--epochs", "0").code()).isEqualTo(2);
    assertThat(run("train", "--lr", "no").code()).isEqualTo(2);
    assertThat(run("train", "--data", folder.resolve("nowhere").toString()).code()).isEqualTo(2);
    assertThat(run("predict").code()).isEqualTo(2);
    Result missing = run("eval", "--model", folder.resolve("missing.safetensors").toString());
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("missing.safetensors").doesNotContain("\tat ");
    assertThat(
            run("eval", "--verbose", "--model", folder.resolve("missing.safetensors").toString())
                .err())
        .contains("\tat ");
    Path cut =
        Files.write(
            folder.resolve("cut.safetensors"),
            java.util.Arrays.copyOf(Files.readAllBytes(model), 3000));
    assertThat(run("eval", "--model", cut.toString(), "--data", data.toString()).err())
        .contains("cut.safetensors")
        .contains("cut off");
  }

  @Test
  void aDivergedLossStopsWithAnExplanation() {
    Result result =
        run(
            with(
                TINY,
                "--data",
                data.toString(),
                "--lr",
                "1e30",
                "--epochs",
                "3",
                "--out",
                folder.resolve("diverged").toString()),
            "train");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("diverged").contains("--lr");
  }

  @Test
  void whatDoesNotFitTheHeapIsRefusedWithNumbers() {
    Result result = run("bench", "--arch", "densenet264-k48", "--mode", "train", "--batch", "256");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .containsAnyOf("MiB", "Java allows")
        .containsAnyOf("--batch", "smaller batches");
  }

  @Test
  void aTerminatedRunSavesItsModel() throws Exception {
    Path out = folder.resolve("terminated");
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--data",
                data.toString(),
                "--epochs",
                "100000",
                "--blocks",
                "1,1",
                "--growth-rate",
                "4",
                "--init-features",
                "8",
                "--out",
                out.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("terminated.log").toFile())
            .start();
    Path history = out.resolve("history.csv");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while ((!Files.exists(history) || Files.readAllLines(history).size() < 3)
        && System.nanoTime() < end) {
      Thread.sleep(50);
    }
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(Files.readString(folder.resolve("terminated.log")))
        .contains("stopped: the last model is saved")
        .contains("go on:  densenet train --resume " + out)
        .contains("--report " + out);
    assertThat(out.resolve("report.html")).doesNotExist();
    Result result =
        run(
            "eval",
            "--model",
            out.resolve("last.safetensors").toString(),
            "--data",
            data.toString(),
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
  }
}
