package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example does what it shows, and the README shows it. */
class ClassifyTest {
  @TempDir private Path folder;

  private Path model() throws Exception {
    DenseNetConfig config = DenseNetConfig.cifar(16, 4, true).withClasses(3);
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(
        file,
        new Model(
            config,
            Weights.initialise(config, 1),
            List.of("crack", "dent", "good"),
            InputTransform.named("cifar10", 3, 32, 32)));
    return file;
  }

  private Path picture() throws Exception {
    Path file = folder.resolve("picture.png");
    ImageIO.write(new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    return file;
  }

  @Test
  void itPrintsTheClasses() throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      Classify.main(new String[] {model().toString(), picture().toString()});
      try (InputStream stream = Files.newInputStream(picture())) {
        Classify.tour(model(), picture(), stream, ImageIO.read(picture().toFile()));
      }
    } finally {
      System.setOut(before);
    }
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(5, lines.size());
    assertTrue(lines.get(0).matches("(crack|dent|good) +0\\.\\d{4}"), lines.get(0));
    assertTrue(lines.get(4).matches("2 3 \\d+ features.denseblock2"), lines.get(4));
  }

  @Test
  void theReadmeShowsThisVeryCode() throws Exception {
    List<String> source = Files.readAllLines(Path.of("src/main/java/example/Classify.java"));
    int begin = source.indexOf("    // README: begin");
    String shown =
        source.subList(begin + 1, source.indexOf("    // README: end")).stream()
            .map(String::strip)
            .collect(Collectors.joining("\n"));
    String readme = Files.readString(Path.of("../../README.md"));
    assertTrue(
        readme.contains("```java\n" + shown + "\n```"), "README.md does not show:\n" + shown);
  }
}
