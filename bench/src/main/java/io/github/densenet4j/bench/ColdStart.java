package io.github.densenet4j.bench;

import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.weights.Export;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** From nothing to the answer: a process that classifies one JPEG with densenet121 and ends. */
final class ColdStart implements Work {
  private static final Task TASK = new Task(Mode.INFER, "densenet121", 224, 1, 2);
  private static final int ROUNDS = 9;

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String about() {
    return "'densenet predict' of one JPEG with densenet121, the whole process";
  }

  @Override
  public List<Row> measure(Setting setting) throws Exception {
    Path picture = picture(setting.folder());
    Model model = TASK.model().withInput(InputTransform.imageNet(TASK.size(), TASK.size()));
    Path weights = setting.folder().resolve("cold.safetensors");
    ModelFile.save(weights, model);
    Map<String, List<String>> peers = peers(setting, model, picture);
    List<String> ours =
        Child.densenet(
            setting,
            "predict",
            "--model",
            weights.toString(),
            "--threads",
            Integer.toString(TASK.threads()),
            picture.toString());
    List<List<String>> commands = new ArrayList<>(List.of(ours));
    commands.addAll(peers.values());
    Alternation times = alternate(commands);
    List<Row> rows = new ArrayList<>();
    Goal goal = Goal.ours(1500, 800);
    int i = 1;
    for (String peer : peers.keySet()) {
      rows.add(Row.timed(name(), about(), times, i, peer, goal));
      i++;
    }
    if (rows.isEmpty()) {
      rows.add(Row.alone(name(), about(), "ms", times.median(0), goal));
    }
    return rows;
  }

  private static Map<String, List<String>> peers(Setting setting, Model model, Path picture)
      throws Exception {
    Map<String, List<String>> peers = new LinkedHashMap<>();
    if (setting.python().isEmpty()) {
      return peers;
    }
    Python python = setting.python().get();
    if (python.has("onnxruntime") && python.has("PIL")) {
      Path file = setting.folder().resolve("cold.onnx");
      Export.toOnnx(file, model, false, false);
      peers.put(
          "ONNX Runtime in Python",
          python.script(
              setting.root(), "onnx_predict.py", List.of(file.toString(), picture.toString())));
    } else {
      setting.log().println("SKIPPED: ONNX Runtime in Python: no onnxruntime or Pillow there.");
    }
    if (python.has("PIL")) {
      Path file = setting.folder().resolve("cold.pth");
      Export.toPyTorch(file, model);
      peers.put(
          "PyTorch",
          python.script(
              setting.root(),
              "torch_densenet.py",
              List.of("predict", "--weights", file.toString(), "--picture", picture.toString())));
    } else {
      setting.log().println("SKIPPED: PyTorch's predict: no Pillow there.");
    }
    return peers;
  }

  /** A first round is not counted: it may build, make caches and read files from the disk. */
  private static Alternation alternate(List<List<String>> commands) throws Exception {
    double[][] times = new double[commands.size()][ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      for (int i = 0; i < times.length; i++) {
        double milliseconds = Child.milliseconds(commands.get(i));
        if (round >= 0) {
          times[i][round] = milliseconds;
        }
      }
    }
    return new Alternation(times);
  }

  /** 640 x 480 pixels. */
  private static Path picture(Path folder) throws IOException {
    BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setPaint(new GradientPaint(0, 0, Color.ORANGE, 640, 480, Color.BLUE));
    pen.fillRect(0, 0, 640, 480);
    for (int i = 0; i < 40; i++) {
      pen.setColor(Color.getHSBColor(i / 40f, 0.8f, 0.9f));
      pen.fillOval(i * 97 % 600, i * 61 % 440, 30 + i, 70 - i);
    }
    pen.dispose();
    Path file = folder.resolve("picture.jpg");
    ImageIO.write(image, "jpeg", file.toFile());
    return file;
  }
}
