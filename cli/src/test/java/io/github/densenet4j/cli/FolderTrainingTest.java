package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.weights.SafeTensors;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** From a folder of pictures to a model, as a user does it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FolderTrainingTest {
  private static final List<String> NETWORK =
      List.of("--blocks", "2,2", "--growth-rate", "6", "--init-features", "12", "--size", "16");

  @TempDir static Path folder;
  private Path pictures;
  private Path run;

  /** Discs, bars and rings of many sizes on noise. */
  @BeforeAll
  void draw() throws IOException {
    pictures = folder.resolve("pictures");
    run = folder.resolve("run");
    for (int i = 0; i < 40; i++) {
      draw("disc/" + i + ".png", "disc", i);
      draw("bar/deep/down/" + i + ".jpg", "bar", 100 + i);
      draw("ring/" + i + ".bmp", "ring", 200 + i);
    }
  }

  private void draw(String name, String shape, int seed) throws IOException {
    Random random = new Random(seed);
    int w = 24 + random.nextInt(30);
    int h = 24 + random.nextInt(30);
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < w * h; i++) {
      image.setRGB(i % w, i / w, 0x010101 * random.nextInt(60));
    }
    Graphics2D g = image.createGraphics();
    g.setColor(new Color(200, 120 + random.nextInt(100), random.nextInt(255)));
    g.setStroke(new java.awt.BasicStroke(3));
    switch (shape) {
      case "disc" -> g.fillOval(w / 4, h / 4, w / 2, h / 2);
      case "bar" -> g.fillRect(w / 3, 0, w / 4, h);
      default -> g.drawOval(w / 5, h / 5, w / 2, h / 2);
    }
    g.dispose();
    Path file = pictures.resolve(name);
    Files.createDirectories(file.getParent());
    assertThat(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile()))
        .isTrue();
  }

  private CommandsTest.Result train(Path out, List<String> network, String... more) {
    java.util.ArrayList<String> all =
        new java.util.ArrayList<>(
            List.of("train", "--data", pictures.toString(), "--out", out.toString(), "--json"));
    all.addAll(network);
    all.addAll(List.of(more));
    return CommandsTest.run(all.toArray(String[]::new));
  }

  private static JsonNode last(CommandsTest.Result result) {
    return new ObjectMapper().readTree(result.out().lines().toList().getLast());
  }

  @Test
  @Order(1)
  void aFolderBecomesAModel() throws IOException {
    CommandsTest.Result result =
        train(run, NETWORK, "--epochs", "10", "--batch", "16", "--lr", "0.05", "--augment", "flip");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("96 training and 24 validation pictures, 3 classes")
        .contains("recipe: epochs=10 batch=16");
    assertThat(last(result).get("val_top1").asDouble()).isGreaterThan(0.85);
    assertThat(last(result).has("data_wait_s")).isTrue();
    assertThat(Files.readString(run.resolve("run.txt"))).contains("recipe.augment = flip");
    CommandsTest.Result eval =
        CommandsTest.run(
            "eval",
            "--model",
            run.resolve("best.safetensors").toString(),
            "--data",
            pictures.toString(),
            "--json");
    assertThat(last(eval).get("images").asInt()).isEqualTo(120);
    assertThat(last(eval).get("top1").asDouble()).isGreaterThan(0.85);
    CommandsTest.Result predict =
        CommandsTest.run(
            "predict",
            "--model",
            run.resolve("best.safetensors").toString(),
            "--json",
            pictures.resolve("ring/7.bmp").toString());
    assertThat(last(predict).get("predictions").get(0).get("label").asString()).isEqualTo("ring");
  }

  @Test
  @Order(1)
  void whoGoesOnReadsOnlyPicturesThatChanged() throws IOException {
    Path out = folder.resolve("again");
    String[] once = {"--epochs", "1", "--batch", "16"};
    assertThat(train(out, NETWORK, once).code()).isZero();
    Path hidden = pictures.resolve("disc/3.png");
    byte[] bytes = Files.readAllBytes(hidden);
    FileTime time = Files.getLastModifiedTime(hidden);
    Files.write(hidden, new byte[bytes.length]); // of the same size and time: not looked at
    Files.setLastModifiedTime(hidden, time);
    CommandsTest.Result same = CommandsTest.run("train", "--resume", out.toString());
    assertThat(same.code()).as(same.err()).isZero();
    Files.setLastModifiedTime(hidden, FileTime.fromMillis(1000));
    CommandsTest.Result changed = CommandsTest.run("train", "--resume", out.toString());
    assertThat(changed.code()).isEqualTo(1);
    assertThat(changed.out()).contains("1 unreadable").contains("3.png");
    Files.delete(hidden);
    CommandsTest.Result gone = CommandsTest.run("train", "--resume", out.toString());
    assertThat(gone.code()).as("another data set than the run began with").isEqualTo(1);
    Files.write(hidden, bytes);
  }

  @Test
  @Order(2)
  void trainedWeightsGoOnWithANewHeadAndFrozenParts() throws IOException {
    Path tuned = folder.resolve("tuned");
    Path two = folder.resolve("two");
    for (int i = 0; i < 20; i++) {
      Files.createDirectories(two.resolve("a"));
      Files.createDirectories(two.resolve("b"));
      Files.copy(pictures.resolve("disc/" + i + ".png"), two.resolve("a/" + i + ".png"));
      Files.copy(pictures.resolve("ring/" + i + ".bmp"), two.resolve("b/" + i + ".bmp"));
    }
    Path best = run.resolve("best.safetensors");
    CommandsTest.Result result =
        CommandsTest.run(
            "train",
            "--data",
            two.toString(),
            "--weights",
            best.toString(),
            "--recipe",
            "finetune",
            "--freeze",
            "stem..block1",
            "--channels",
            "1",
            "--epochs",
            "6",
            "--batch",
            "8",
            "--augment",
            "none",
            "--out",
            tuned.toString(),
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("freeze=stem..block1").contains("2 classes");
    assertThat(last(result).get("val_top1").asDouble()).isGreaterThan(0.7);
    SafeTensors before = SafeTensors.read(best);
    SafeTensors after = SafeTensors.read(tuned.resolve("last.safetensors"));
    String frozen = "features.denseblock1.denselayer2.norm1.running_mean";
    assertThat(after.tensors().get(frozen).toFloats())
        .isEqualTo(before.tensors().get(frozen).toFloats());
    assertThat(after.tensors().get("features.conv0.weight").shape())
        .containsExactly(12L, 1L, 3L, 3L);
    assertThat(after.tensors().get("classifier.weight").shape().get(0)).isEqualTo(2);
  }

  @Test
  @Order(3)
  void badPicturesAreListedAndLeftOutOnDemand() throws IOException {
    Path broken = Files.writeString(pictures.resolve("disc/broken.png"), "no picture");
    Path copy = Files.copy(pictures.resolve("disc/1.png"), pictures.resolve("ring/of-a-disc.png"));
    CommandsTest.Result refused = train(folder.resolve("refused"), NETWORK, "--epochs", "1");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("broken.png")
        .contains("ring/of-a-disc.png (of disc/1.png)")
        .contains("--skip-bad");
    Path out = folder.resolve("skipped");
    CommandsTest.Result result =
        train(out, NETWORK, "--epochs", "1", "--batch", "16", "--skip-bad");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("96 training and 24 validation");
    assertThat(Files.readString(out.resolve("run.txt")))
        .contains("skipped = ")
        .contains("broken.png");
    Files.delete(broken);
    Files.delete(copy);
  }

  @Test
  @Order(4)
  void severalLabelsGetASigmoidEach() throws IOException {
    StringBuilder csv = new StringBuilder("file,label\n");
    for (int i = 0; i < 40; i++) {
      csv.append("disc/").append(i).append(".png,round|filled\n");
      csv.append("bar/deep/down/").append(i).append(".jpg,filled\n");
      csv.append("ring/").append(i).append(".bmp,round\n");
    }
    Path labels = Files.writeString(pictures.resolve("labels.csv"), csv);
    Path out = folder.resolve("several");
    CommandsTest.Result result = train(out, NETWORK, "--epochs", "8", "--batch", "16");
    Files.delete(labels);
    assertThat(result.code()).as(result.err()).isZero();
    CommandsTest.Result predict =
        CommandsTest.run(
            "predict",
            "--model",
            out.resolve("last.safetensors").toString(),
            "--json",
            pictures.resolve("disc/3.png").toString());
    JsonNode both = last(predict).get("predictions");
    double sum = 0;
    for (JsonNode one : both) {
      sum += one.get("probability").asDouble();
    }
    assertThat(sum).as("both labels at once: no softmax").isGreaterThan(1.2);
  }

  @Test
  @Order(5)
  void theContactSheetShowsPlainAndChangedPictures() throws IOException {
    Path out = folder.resolve("sheet.png");
    CommandsTest.Result result =
        CommandsTest.run(
            "preview",
            "--data",
            pictures.toString(),
            "--augment",
            "imagenet,erase:1",
            "--size",
            "32",
            "--rows",
            "3",
            "--columns",
            "4",
            "--out",
            out.toString());
    assertThat(result.code()).as(result.err()).isZero();
    BufferedImage sheet = ImageIO.read(out.toFile());
    assertThat(sheet.getWidth()).isEqualTo(4 * (96 + 2) + 2);
    assertThat(sheet.getHeight()).isEqualTo(3 * (96 + 2) + 2);
    assertThat(sheet.getRGB(0, 0)).as("the margin").isEqualTo(0xffffffff);
    assertThat(cell(sheet, 0, 1)).isNotEqualTo(cell(sheet, 0, 0)).isNotEqualTo(cell(sheet, 0, 2));
    assertThat(CommandsTest.run("preview", "--augment", "nothing").code()).isEqualTo(2);
  }

  private static int[] cell(BufferedImage sheet, int row, int column) {
    return sheet.getRGB(2 + column * 98, 2 + row * 98, 96, 96, null, 0, 96);
  }

  @Test
  @Order(6)
  void wrongValuesAreBadUsage() {
    for (String[] wrong :
        List.of(
            new String[] {"--recipe", "best"},
            new String[] {"--schedule", "sometimes"},
            new String[] {"--augment", "flop"},
            new String[] {"--freeze", "roof"},
            new String[] {"--val-split", "2"},
            new String[] {"--cache", "much"},
            new String[] {"--micro-batch", "3"})) {
      CommandsTest.Result result = train(folder.resolve("wrong"), NETWORK, wrong);
      assertThat(result.code()).as(String.join(" ", wrong) + result.err()).isEqualTo(2);
      assertThat(result.err()).contains(wrong[0].substring(2));
    }
    CommandsTest.Result resume = CommandsTest.run("train", "--resume", folder.toString());
    assertThat(resume.code()).isEqualTo(1);
    assertThat(resume.err()).contains("no run to resume");
  }
}
