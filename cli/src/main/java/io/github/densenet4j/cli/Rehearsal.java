package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import picocli.CommandLine;

/**
 * What {@code densenet predict} does, on a drawn picture with random weights and without output:
 * the launcher lets the JVM watch it once and write down which classes it loads and how its methods
 * behave (JEP 483, 514 and 515), so that later starts need not find out again.
 */
public final class Rehearsal {
  private static final int SIDE = 224;

  private Rehearsal() {}

  /**
   * Predicts; ends with code 0.
   *
   * @param arguments how many pictures: as many as those starts have that are rehearsed for, and
   *     more than one, for the JVM to see which methods are worth compiling
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("densenet-rehearsal");
    Path model = folder.resolve("model.safetensors");
    Path picture = folder.resolve("picture.jpg");
    try {
      DenseNetConfig config = DenseNetConfig.densenet121();
      ModelFile.save(
          model,
          new Model(
              config,
              Weights.initialise(config, 1),
              List.of(),
              InputTransform.imageNet(SIDE, SIDE)));
      ImageIO.write(drawn(), "jpeg", picture.toFile());
      String[] command = new String[Integer.parseInt(arguments[0]) + 3];
      java.util.Arrays.fill(command, picture.toString());
      command[0] = "predict";
      command[1] = "--model";
      command[2] = model.toString();
      CommandLine line = Main.commandLine(command);
      line.setOut(new PrintWriter(Writer.nullWriter()));
      int code = line.execute(command);
      if (code != 0) {
        System.exit(code);
      }
    } finally {
      Files.deleteIfExists(model);
      Files.deleteIfExists(picture);
      Files.delete(folder);
    }
  }

  private static BufferedImage drawn() {
    BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setPaint(new GradientPaint(0, 0, Color.ORANGE, 640, 480, Color.BLUE));
    pen.fillRect(0, 0, 640, 480);
    pen.dispose();
    return image;
  }
}
