package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.cli.CommandsTest.Result;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Other people's weights through the commands: inspect, predict, export. */
class ModelCommandsTest {
  @TempDir private Path folder;

  /** A trained CIFAR-10 network as its authors published it, and 100 pictures. */
  private static Path cifar10() {
    try {
      return Path.of(ModelCommandsTest.class.getResource("/cifar10/labels.csv").toURI())
          .getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String checkpoint() {
    return cifar10().resolve("checkpoint_100.pth.tar").toString();
  }

  private static JsonNode json(String line) {
    return new ObjectMapper().readTree(line);
  }

  private Path labels() throws IOException {
    return Files.writeString(
        folder.resolve("labels.txt"),
        "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n");
  }

  @Test
  void aPublishedNetworkKnowsItsHundredPictures() throws IOException {
    Result result =
        CommandsTest.run(
            "predict",
            "--model",
            checkpoint(),
            "--labels",
            labels().toString(),
            "--json",
            "--top",
            "10",
            cifar10().toString());
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    Map<String, String> labels = new HashMap<>();
    for (String line :
        Files.readAllLines(cifar10().resolve("labels.csv")).stream().skip(1).toList()) {
      labels.put(line.substring(0, line.indexOf(',')), line.substring(line.indexOf(',') + 1));
    }
    int right = 0;
    double probability = 0;
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(100);
    for (String line : lines) {
      JsonNode object = json(line);
      String truth = labels.get(Path.of(object.get("file").asString()).getFileName().toString());
      right += object.get("predictions").get(0).get("label").asString().equals(truth) ? 1 : 0;
      for (JsonNode prediction : object.get("predictions")) {
        if (prediction.get("label").asString().equals(truth)) {
          probability += prediction.get("probability").asDouble() / 100;
        }
      }
    }
    assertThat(right).isEqualTo(100);
    assertThat(probability).isGreaterThan(0.999); // PyTorch's own: 0.9994
  }

  @Test
  void theDemoComesAlong() {
    Result result = CommandsTest.run("predict", "demo", "--json", "--top", "1");
    assertThat(result.code()).isZero();
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(10);
    for (String line : lines) {
      JsonNode object = json(line);
      String label = object.get("predictions").get(0).get("label").asString();
      assertThat(object.get("file").asString()).isEqualTo("demo/" + label + ".png");
    }
  }

  @Test
  void inspectSaysWhatAFileIs() {
    Result result = CommandsTest.run("inspect", checkpoint(), "--json");
    assertThat(result.code()).isZero();
    JsonNode object = json(result.out());
    assertThat(object.get("arch").asString()).isEqualTo("cifar-bc-100-12");
    assertThat(object.get("from").asString()).isEqualTo("state_dict");
    assertThat(object.get("names").asString()).contains("CIFAR");
    assertThat(object.get("parameters").asLong()).isEqualTo(769_162);
    assertThat(object.get("fits").asBoolean()).isTrue();
    assertThat(object.get("missing").isEmpty()).isTrue();
    JsonNode first = object.get("tensors").get(0);
    assertThat(first.get("there").asString()).isEqualTo("conv1.weight");
    assertThat(first.get("here").asString()).isEqualTo("features.conv0.weight");
    assertThat(first.get("shape").toString()).isEqualTo("[24,3,3,3]");
    Result text = CommandsTest.run("inspect", checkpoint());
    assertThat(text.out())
        .contains("cifar-bc-100-12: k=12, blocks [16, 16, 16]")
        .endsWith("Everything fits.\n");
    Result wrong = CommandsTest.run("inspect", checkpoint(), "--arch", "densenet121");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("does not hold densenet121");
    assertThat(CommandsTest.run("inspect", checkpoint(), "--arch", "resnet50").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"safetensors", "pytorch", "onnx"})
  void whatIsExportedGivesTheSameLogits(String format) throws IOException {
    String picture = cifar10().resolve("1.png").toString();
    Path file = folder.resolve("model");
    Result export =
        CommandsTest.run(
            "export",
            "--model",
            checkpoint(),
            "--labels",
            labels().toString(),
            "--to",
            format,
            file.toString());
    assertThat(export.err()).isEmpty();
    assertThat(export.code()).isZero();
    assertThat(export.out()).contains("cifar-bc-100-12, 769,162 parameters");
    Result before =
        CommandsTest.run("predict", "--model", checkpoint(), "--logits", "--json", picture);
    Result after =
        CommandsTest.run("predict", "--model", file.toString(), "--logits", "--json", picture);
    assertThat(after.out()).isEqualTo(before.out());
    Result named = CommandsTest.run("predict", "--model", file.toString(), "--json", picture);
    assertThat(json(named.out()).get("predictions").get(0).get("label").asString())
        .isEqualTo("frog");
  }

  @Test
  void csvForSpreadsheets() throws IOException {
    Files.writeString(
        folder.resolve("labels.txt"), "air,plane\na\nb\nc\nd\ne\n\"frog\"\ng\nh\ni\n");
    String picture = cifar10().resolve("1.png").toString();
    Result result =
        CommandsTest.run(
            "predict",
            "--model",
            checkpoint(),
            "--labels",
            folder.resolve("labels.txt").toString(),
            "--format",
            "csv",
            "--top",
            "1",
            picture,
            picture);
    assertThat(result.out().lines().toList()).hasSize(3);
    assertThat(result.out())
        .startsWith("file,index,rank,label,class,probability\n")
        .contains(",0,1,\"\"\"frog\"\"\",6,0.99");
    Result logits =
        CommandsTest.run(
            "predict", "--model", checkpoint(), "--format", "csv", "--logits", picture);
    assertThat(logits.out().lines().toList()).hasSize(2);
    assertThat(logits.out()).startsWith("file,index,0,1,2,3,4,5,6,7,8,9\n");
  }

  @Test
  void severalLabelsWithThresholds() {
    String picture = cifar10().resolve("1.png").toString();
    Result result =
        CommandsTest.run(
            "predict",
            "--model",
            checkpoint(),
            "--head",
            "sigmoid",
            "--thresholds",
            "0.9",
            "--json",
            picture);
    JsonNode object = json(result.out());
    assertThat(object.get("present").toString()).contains("\"6\"");
    Result bad =
        CommandsTest.run("predict", "--model", checkpoint(), "--thresholds", "0.5,0.6", picture);
    assertThat(bad.code()).isEqualTo(2);
    assertThat(bad.err()).contains("There are 2 thresholds for 10 classes");
  }

  @Test
  void aFolderGoesOnBehindWhatCannotBeDecoded() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("pictures/deeper"));
    ImageIO.write(
        new BufferedImage(40, 33, BufferedImage.TYPE_INT_RGB),
        "png",
        pictures.resolve("a.png").toFile());
    Files.writeString(pictures.resolve("b.jpg"), "broken");
    Files.writeString(pictures.resolve("notes.txt"), "no picture by its name");
    ImageIO.write(
        new BufferedImage(33, 40, BufferedImage.TYPE_BYTE_GRAY),
        "jpg",
        folder.resolve("pictures/c.JPG").toFile());
    Result result =
        CommandsTest.run(
            "predict", "--model", checkpoint(), "--json", folder.resolve("pictures").toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out().lines().toList()).hasSize(2);
    assertThat(result.err()).contains("b.jpg").doesNotContain("notes.txt");
    Files.createDirectories(folder.resolve("empty"));
    Result none =
        CommandsTest.run("predict", "--model", checkpoint(), folder.resolve("empty").toString());
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("has no pictures in it");
  }

  @Test
  void explicitChoices() throws IOException {
    String picture = cifar10().resolve("1.png").toString();
    Result classes =
        CommandsTest.run("predict", "--model", checkpoint(), "--classes", "3", "--json", picture);
    assertThat(json(classes.out()).get("predictions").size()).isEqualTo(3);
    Path gray = folder.resolve("gray.safetensors");
    assertThat(
            CommandsTest.run(
                    "export",
                    "--model",
                    checkpoint(),
                    "--channels",
                    "1",
                    "--to",
                    "safetensors",
                    gray.toString())
                .code())
        .isZero();
    assertThat(
            json(CommandsTest.run("inspect", gray.toString(), "--json").out())
                .get("config")
                .get("channels")
                .asInt())
        .isEqualTo(1);
    for (String[] wrong :
        new String[][] {
          {"predict", picture},
          {"predict", "--model", checkpoint(), "--weights", "imagenet", picture},
          {"predict", "--model", checkpoint(), "--transform", "vgg", picture},
          {"predict", "--model", checkpoint(), "--head", "argmax", picture},
          {"predict", "--weights", "nobody", picture},
          {"predict", "--weights", "imagenet", "--arch", "d2l", picture},
          {"export", "--model", checkpoint(), "--to", "pytorch", "--normalise", "x.pt"},
          {"export", "--model", checkpoint(), "--to", "tflite", "x.tflite"},
        }) {
      Result result = CommandsTest.run(wrong);
      assertThat(result.code()).as(String.join(" ", wrong)).isEqualTo(2);
      assertThat(result.err()).isNotBlank().doesNotContain("\tat ");
    }
  }

  @Test
  void transformsChangeWhatTheNetworkSees() {
    String picture = cifar10().resolve("1.png").toString();
    Result own = CommandsTest.run("predict", "--model", checkpoint(), "--json", picture);
    Result other =
        CommandsTest.run(
            "predict", "--model", checkpoint(), "--transform", "none", "--json", picture);
    double first = json(own.out()).get("predictions").get(0).get("probability").asDouble();
    double second = json(other.out()).get("predictions").get(0).get("probability").asDouble();
    assertThat(first).isNotCloseTo(second, within(1e-6));
  }
}
