package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Npy;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code densenet predict}. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Classify pictures (PNG, JPEG) or prepared input (.npy: float32, N x C x H x W, already"
          + " normalised).",
      "A file that cannot be read is reported, the others go on, and the exit code is 1."
    },
    footer = {
      "",
      "Examples:",
      "  densenet predict --model runs/NAME/best.safetensors shirt.png shoe.jpg",
      "  densenet predict --model densenet121.safetensors --arch densenet121 --json cat.jpg"
    })
final class PredictCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Pictures or .npy files.")
  private List<Path> files;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "5",
      description = "Classes to show. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(names = "--logits", description = "The logits instead of probabilities.")
  private boolean logits;

  @Option(
      names = "--json",
      description = "JSON Lines, one object a picture: file, index, predictions or logits.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (top < 1) {
      throw new UsageException("--top is " + top + ": it must be at least 1.");
    }
    Model loaded = model.load();
    boolean failed = false;
    try (Engine.Resources engine = Engine.open(model.threads)) {
      DenseNet net = new DenseNet(loaded.config(), loaded.weights(), engine.engine());
      for (Path file : files) {
        try {
          predict(net, loaded, file);
        } catch (IOException | IllegalArgumentException e) {
          failed = true;
          spec.commandLine().getErr().println("densenet: " + e.getMessage());
        }
      }
    }
    return failed ? 1 : 0;
  }

  private void predict(DenseNet net, Model loaded, Path file) throws IOException {
    int classes = loaded.config().classes();
    float[] out = new float[classes];
    if (!file.toString().endsWith(".npy")) {
      float[] input = loaded.input().apply(Picture.read(file));
      net.logits(input, 1, loaded.input().height(), loaded.input().width(), out);
      report(loaded, file, 0, out);
      return;
    }
    Npy array = Npy.read(file);
    int[] shape = array.shape();
    if (shape.length != 4 || shape[1] != loaded.config().channels()) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected (N, %d, H, W)."
              .formatted(file, Arrays.toString(shape), loaded.config().channels()));
    }
    int floats = shape[1] * shape[2] * shape[3];
    for (int i = 0; i < shape[0]; i++) {
      float[] input = Arrays.copyOfRange(array.values(), i * floats, (i + 1) * floats);
      net.logits(input, 1, shape[2], shape[3], out);
      report(loaded, file, i, out);
    }
  }

  private void report(Model loaded, Path file, int index, float[] out) {
    double[] probabilities = CrossEntropy.softmax(out, 0, out.length);
    List<Integer> order =
        IntStream.range(0, out.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer c) -> -out[c]))
            .limit(top)
            .toList();
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("file", file.toString());
      fields.put("index", index);
      fields.put(
          logits ? "logits" : "predictions",
          logits ? out : predictions(loaded, order, probabilities));
      Output.json(spec.commandLine().getOut(), fields);
      return;
    }
    StringBuilder line = new StringBuilder(file + (index > 0 ? " [" + index + "]" : "") + ":");
    for (int c : order) {
      line.append("  %s %.4f".formatted(loaded.label(c), logits ? out[c] : probabilities[c]));
    }
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  private static List<Map<String, Object>> predictions(
      Model loaded, List<Integer> order, double[] probabilities) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (int c : order) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("label", loaded.label(c));
      fields.put("index", c);
      fields.put("probability", probabilities[c]);
      list.add(fields);
    }
    return list;
  }
}
