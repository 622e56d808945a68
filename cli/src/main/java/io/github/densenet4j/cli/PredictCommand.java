package io.github.densenet4j.cli;

import io.github.densenet4j.Classification;
import io.github.densenet4j.DenseNet;
import io.github.densenet4j.Summary;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Npy;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
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
    sortOptions = false,
    description = {
      "Classify pictures (JPEG, PNG, GIF, BMP, TIFF, WebP), all those of a folder, or prepared"
          + " input (.npy: float32, N x C x H x W, already normalised).",
      "A file that cannot be read is reported, the others go on, and the exit code is 1.",
      "'densenet predict demo' shows the network that comes along."
    },
    footer = {
      "",
      "Examples:",
      "  densenet predict demo",
      "  densenet predict --model runs/NAME/best.safetensors shirt.png shoe.jpg",
      "  densenet predict --weights imagenet --arch densenet121 --format csv photos/ > found.csv",
      "  densenet predict --model chexnet.pth.tar --head sigmoid --labels findings.txt xray.png",
      "In text, * marks the classes that a multi-label model takes for present."
    })
final class PredictCommand implements Callable<Integer> {
  private static final String DEMO = "demo";

  /** What plain loops have computed in about the time until vector kernels are compiled. */
  private static final long FEW_MACS = 40_000_000_000L;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;

  @Parameters(
      paramLabel = "FILE|DIR",
      arity = "1..*",
      description = "Pictures, folders of pictures, or .npy files.")
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
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      description = "text, json (JSON Lines) or csv. Default: ${DEFAULT-VALUE}.")
  private PredictionWriter.Format format;

  @Option(
      names = "--json",
      description = "JSON Lines, one object a picture: file, index, predictions or logits.")
  private boolean json;

  private boolean failed;

  @Override
  public Integer call() throws Exception {
    if (top < 1) {
      throw new UsageException("--top is " + top + ": it must be at least 1.");
    }
    boolean demo =
        !model.given() && files.equals(List.of(Path.of(DEMO))) && !Files.exists(Path.of(DEMO));
    List<Path> named = demo ? List.of() : PictureFiles.of(files);
    PicturesAhead pictures =
        new PicturesAhead(named.stream().filter(file -> !isArray(file)).toList());
    Model loaded = demo ? model.adjust(Demo.model()) : model.load();
    PredictionWriter.Format chosen = json ? PredictionWriter.Format.JSON : format;
    PredictionWriter writer =
        new PredictionWriter(spec.commandLine().getOut(), chosen, loaded, top, logits);
    List<String> shown = demo ? Demo.pictures(loaded) : List.of();
    try (Engine.Resources engine =
        Engine.open(kernels(loaded, named.size() + shown.size()), model.threads)) {
      DenseNet net = new DenseNet(loaded, engine.engine());
      for (String name : shown) {
        writer.write(name, 0, net.classify(Demo.picture(name)));
      }
      predict(net, writer, named, pictures);
    }
    return failed ? 1 : 0;
  }

  /** Vector kernels are worth the time until they are compiled if there is enough to compute. */
  private static Kernels kernels(Model model, int pictures) {
    InputTransform input = model.input();
    long macs = Summary.of(model.config(), input.height(), input.width()).macs();
    return pictures * macs <= FEW_MACS ? new ScalarKernels() : Kernels.best();
  }

  private void predict(
      DenseNet net, PredictionWriter writer, List<Path> named, PicturesAhead pictures)
      throws InterruptedException {
    try (ProgressBar bar = bar(named.size())) {
      for (Path file : named) {
        try {
          if (isArray(file)) {
            predictArray(net, writer, file);
          } else {
            writer.write(file.toString(), 0, net.classify(pictures.next()));
          }
        } catch (IOException | IllegalArgumentException e) {
          failed = true;
          spec.commandLine().getErr().println("densenet: " + Main.message(e));
        }
        if (bar != null) {
          bar.step();
        }
      }
    }
  }

  private static boolean isArray(Path file) {
    return file.toString().endsWith(".npy");
  }

  /** A bar for many files, if the results go elsewhere than to the terminal that shows it. */
  private static ProgressBar bar(int count) {
    boolean useful = count > 1 && Output.isErrorTerminalOnly();
    return useful
        ? new ProgressBarBuilder()
            .setTaskName("predict")
            .setInitialMax(count)
            .setStyle(ProgressBarStyle.ASCII)
            .setUnit(" img", 1)
            .showSpeed()
            .build()
        : null;
  }

  private static void predictArray(DenseNet net, PredictionWriter writer, Path file)
      throws IOException {
    Npy array = Npy.read(file);
    int[] shape = array.shape();
    if (shape.length != 4 || shape[1] != net.config().channels()) {
      throw new IllegalArgumentException(
          "%s has shape %s, expected (N, %d, H, W)."
              .formatted(file, Arrays.toString(shape), net.config().channels()));
    }
    int floats = shape[1] * shape[2] * shape[3];
    for (int i = 0; i < shape[0]; i++) {
      float[] input = Arrays.copyOfRange(array.values(), i * floats, (i + 1) * floats);
      float[] out = new float[net.config().classes()];
      net.logits(input, 1, shape[2], shape[3], out);
      writer.write(file.toString(), i, Classification.of(net.model(), out));
    }
  }
}
