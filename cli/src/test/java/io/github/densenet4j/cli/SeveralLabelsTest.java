package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A network for several labels at once, from a CSV file to its report; every figure is computed
 * here once more, from the logits that {@code predict} gives, by the definitions.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralLabelsTest {
  private static final List<String> CLASSES = List.of("left", "right", "top");
  private static final int SIDE = 12;
  private static final double ROUNDING = 1e-5; // logits of batches of other sizes

  @TempDir static Path folder;
  private Path run;
  private JsonNode metrics;

  @BeforeAll
  void train() throws IOException {
    write("train", 160, 1);
    write("val", 60, 2);
    write("test", 70, 3);
    run = folder.resolve("run");
    CommandsTest.Result result =
        CommandsTest.run(
            "train",
            "--data",
            folder.toString(),
            "--blocks",
            "1,1",
            "--growth-rate",
            "6",
            "--init-features",
            "12",
            "--size",
            Integer.toString(SIDE),
            "--epochs",
            "4",
            "--batch",
            "16",
            "--lr",
            "0.05",
            "--out",
            run.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("160 training and 60 validation pictures, 3 classes");
    metrics = json(Files.readString(run.resolve("metrics.json")));
  }

  /** Any of three bars, or none, hard to see in noise. */
  private static boolean has(int index, int c) {
    return (index % 8 >> c & 1) == 1;
  }

  private void write(String part, int n, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("file,label\n");
    for (int i = 0; i < n; i++) {
      BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < SIDE * SIDE; p++) {
        int x = p % SIDE;
        int y = p / SIDE;
        boolean bar = has(i, 0) && x < 3 || has(i, 1) && x >= SIDE - 3 || has(i, 2) && y < 3;
        image.getRaster().setSample(x, y, 0, random.nextInt(150) + (bar ? 45 : 0));
      }
      String file = part + i + ".png";
      ImageIO.write(image, "png", folder.resolve(file).toFile());
      List<String> labels = new ArrayList<>();
      for (int c = 0; c < CLASSES.size(); c++) {
        if (has(i, c)) {
          labels.add(CLASSES.get(c));
        }
      }
      csv.append(file).append(',').append(String.join("|", labels)).append('\n');
    }
    Files.writeString(folder.resolve(part + ".csv"), csv);
  }

  private static JsonNode json(String text) {
    return new ObjectMapper().readTree(text);
  }

  /** (n, classes), by predict. */
  private double[][] logits(String part, int n) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "predict",
                "--model",
                run.resolve("best.safetensors").toString(),
                "--json",
                "--logits"));
    for (int i = 0; i < n; i++) {
      command.add(folder.resolve(part + i + ".png").toString());
    }
    CommandsTest.Result result = CommandsTest.run(command.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return result
        .out()
        .lines()
        .map(line -> json(line).get("logits").valueStream().mapToDouble(JsonNode::asDouble))
        .map(java.util.stream.DoubleStream::toArray)
        .toArray(double[][]::new);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private double threshold(int c) {
    return perClass(c).get("threshold").asDouble();
  }

  private JsonNode perClass(int c) {
    JsonNode row = metrics.get("multi_label").get("per_class").get(c);
    assertThat(row.get("class").asString()).isEqualTo(CLASSES.get(c));
    return row;
  }

  private static int count(int n, IntPredicate what) {
    return (int) java.util.stream.IntStream.range(0, n).filter(what).count();
  }

  private static double f1(double[][] z, int c, double threshold) {
    int both = count(z.length, i -> has(i, c) && sigmoid(z[i][c]) >= threshold);
    int either =
        count(z.length, i -> has(i, c)) + count(z.length, i -> sigmoid(z[i][c]) >= threshold);
    return 2.0 * both / either;
  }

  @Test
  void thresholdsAreTheBestOnesOfTheValidationPictures() {
    double[][] z = logits("val", 60);
    for (int c = 0; c < CLASSES.size(); c++) {
      double best = 0;
      for (double[] candidate : z) {
        best = Math.max(best, f1(z, c, sigmoid(candidate[c])));
      }
      assertThat(f1(z, c, threshold(c))).as(CLASSES.get(c)).isCloseTo(best, within(1e-9));
    }
  }

  @Test
  void figuresAreThoseOfTheDefinitions() {
    double[][] z = logits("test", 70);
    int n = z.length;
    assertThat(metrics.get("images").asInt()).isEqualTo(n);
    JsonNode several = metrics.get("multi_label");
    double loss = 0;
    double macroF1 = 0;
    double macroAuc = 0;
    int[] all = new int[3]; // rightly named, named, there
    for (int c = 0; c < CLASSES.size(); c++) {
      int k = c;
      IntPredicate there = i -> has(i, k);
      IntPredicate named = i -> sigmoid(z[i][k]) >= threshold(k);
      int hits = count(n, there.and(named));
      assertThat(perClass(c).get("support").asInt()).isEqualTo(count(n, there));
      assertThat(perClass(c).get("precision").asDouble())
          .isCloseTo((double) hits / count(n, named), within(1e-9));
      assertThat(perClass(c).get("recall").asDouble())
          .isCloseTo((double) hits / count(n, there), within(1e-9));
      assertThat(perClass(c).get("roc_auc").asDouble()).isCloseTo(auc(z, c), within(1e-9));
      assertThat(perClass(c).get("average_precision").asDouble())
          .isCloseTo(averagePrecision(z, c), within(1e-9));
      macroF1 += f1(z, c, threshold(c)) / CLASSES.size();
      macroAuc += auc(z, c) / CLASSES.size();
      all[0] += hits;
      all[1] += count(n, named);
      all[2] += count(n, there);
      for (int i = 0; i < n; i++) {
        loss -= Math.log(sigmoid(has(i, c) ? z[i][c] : -z[i][c])) / (n * CLASSES.size());
      }
    }
    assertThat(several.get("macro").get("f1").asDouble()).isCloseTo(macroF1, within(1e-9));
    assertThat(several.get("macro").get("roc_auc").asDouble()).isCloseTo(macroAuc, within(1e-9));
    assertThat(several.get("micro").get("f1").asDouble())
        .isCloseTo(2.0 * all[0] / (all[1] + all[2]), within(1e-9));
    assertThat(several.get("loss").asDouble()).isCloseTo(loss, within(ROUNDING));
    int wrong = all[1] + all[2] - 2 * all[0];
    assertThat(wrong).as("the task is hard enough to err").isPositive();
    assertThat(several.get("hamming_loss").asDouble())
        .isCloseTo((double) wrong / (n * CLASSES.size()), within(1e-9));
    int exact = 0;
    int top1 = 0;
    for (int i = 0; i < n; i++) {
      boolean same = true;
      int largest = 0;
      for (int c = 0; c < CLASSES.size(); c++) {
        same &= has(i, c) == sigmoid(z[i][c]) >= threshold(c);
        largest = z[i][c] > z[i][largest] ? c : largest;
      }
      exact += same ? 1 : 0;
      top1 += has(i, largest) ? 1 : 0; // a picture of nothing is never right
    }
    assertThat(several.get("exact").asDouble()).isCloseTo((double) exact / n, within(1e-9));
    assertThat(metrics.get("top1").asDouble()).isCloseTo((double) top1 / n, within(1e-9));
  }

  /** Of pairs of one that is so and one that is not, how many are in the right order. */
  private static double auc(double[][] z, int c) {
    double right = 0;
    int pairs = 0;
    for (int i = 0; i < z.length; i++) {
      for (int j = 0; j < z.length; j++) {
        if (has(i, c) && !has(j, c)) {
          pairs++;
          right += z[i][c] > z[j][c] ? 1 : z[i][c] == z[j][c] ? 0.5 : 0;
        }
      }
    }
    return right / pairs;
  }

  /** Mean over those that are so of the precision at their own score. */
  private static double averagePrecision(double[][] z, int c) {
    double sum = 0;
    int positives = 0;
    for (int i = 0; i < z.length; i++) {
      if (has(i, c)) {
        double score = z[i][c];
        int named = count(z.length, j -> z[j][c] >= score);
        sum += (double) count(z.length, j -> has(j, c) && z[j][c] >= score) / named;
        positives++;
      }
    }
    return sum / positives;
  }

  @Test
  void evalAndTheReportSayTheSame() throws IOException {
    CommandsTest.Result again =
        CommandsTest.run("eval", "--model", run.resolve("best.safetensors").toString(), "--json");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(json(again.out()).get("multi_label")).isEqualTo(metrics.get("multi_label"));
    CommandsTest.Result atHalf =
        CommandsTest.run(
            "eval",
            "--model",
            run.resolve("best.safetensors").toString(),
            "--data",
            folder.toString(),
            "--json");
    assertThat(json(atHalf.out()).get("images").asInt()).isEqualTo(70);
    JsonNode row = json(atHalf.out()).get("multi_label").get("per_class").get(0);
    assertThat(row.get("threshold").asDouble()).as("nothing to choose it on").isEqualTo(0.5);
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("\"multi_label\"")
        .contains("no part in training")
        .contains("\"exact\":" + metrics.get("multi_label").get("exact"));
  }
}
