package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import io.github.densenet4j.weights.Pretrained;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which model, and what is to differ from its file. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "A model of this program, or a DenseNet's weights from PyTorch (torchvision, timm, MONAI,"
              + " TorchXRayVision, CIFAR code), Keras or ONNX.")
  private Path model;

  @Option(
      names = "--weights",
      paramLabel = "NAME|FILE",
      description =
          "Published weights, fetched once: imagenet (torchvision's, see --arch) or timm/NAME; or a"
              + " file.")
  private String weights;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "The network, e.g. densenet121. Only 'imagenet' needs it; a file's own tensors must"
              + " agree.")
  private String arch;

  @Option(
      names = "--allow-missing",
      split = ",",
      paramLabel = "PART",
      description = "Tensors that may be missing and are drawn anew, e.g. classifier.")
  private List<String> allowMissing = List.of();

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Another number of classes: the classifier is drawn anew.")
  private int classes;

  @Option(
      names = "--channels",
      paramLabel = "C",
      description =
          "Another number of input channels: the stem is summed (1), or repeated and scaled.")
  private int channels;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "Names of the classes, one a line, in the order of the outputs.")
  private Path labels;

  @Option(
      names = "--transform",
      paramLabel = "NAME",
      description =
          "How pictures are prepared: imagenet, timm-bicubic, caffe, xray, cifar10 or none."
              + " Default: what the file says or its network is usually fed.")
  private String transform;

  @Option(names = "--size", paramLabel = "N|HxW", description = "Pixels of the network's input.")
  private String size;

  @Option(
      names = "--head",
      paramLabel = "KIND",
      description = "softmax (one class), sigmoid (several at once) or calibrated (at thresholds).")
  private String head;

  @Option(
      names = "--thresholds",
      split = ",",
      paramLabel = "P",
      description = "From where on a class counts as present; one for all or one each.")
  private List<Double> thresholds = List.of();

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "0: all processors. Default: ${DEFAULT-VALUE}.")
  int threads;

  /** Whether a model was named at all. */
  boolean given() {
    return model != null || weights != null;
  }

  Model load() throws IOException {
    Path file = file();
    return adjust(ModelFile.load(file, options()));
  }

  /** The file, which may have to be fetched. */
  Path file() throws IOException {
    if (model != null && weights != null) {
      throw new UsageException("--model and --weights name the same thing: give one of them.");
    }
    if (model != null) {
      return model;
    }
    if (weights == null) {
      throw new UsageException(
          "Which model? Name a file with --model FILE, or published weights with --weights imagenet"
              + " --arch densenet121.");
    }
    return fetch(weights, arch, spec.commandLine().getErr());
  }

  /** The file of weights that are a file's or have a name and may have to be fetched. */
  static Path fetch(String weights, String arch, PrintWriter log) throws IOException {
    if (Files.exists(Path.of(weights))) {
      return Path.of(weights);
    }
    try (DownloadProgress progress = new DownloadProgress(weights, log)) {
      String network = arch == null && weights.equals("imagenet") ? "densenet121" : arch;
      return Pretrained.fromEnvironment().fetch(weights, network, progress);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  LoadOptions options() {
    try {
      if (arch != null) {
        DenseNetConfig.named(arch); // a wrong name is bad usage
      }
      return new LoadOptions(arch, allowMissing, classes, channels);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** What the user says of labels, input and output. */
  Model adjust(Model loaded) throws IOException {
    Model adjusted = loaded;
    try {
      if (labels != null) {
        adjusted = adjusted.withClassNames(Files.readAllLines(labels));
      }
      adjusted = adjusted.withInput(input(adjusted.input(), loaded.config()));
      if (head != null || !thresholds.isEmpty()) {
        adjusted = adjusted.withOutput(output(loaded));
      }
      return adjusted;
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private InputTransform input(InputTransform own, DenseNetConfig config) {
    InputTransform input =
        transform == null
            ? own
            : InputTransform.named(
                transform.toLowerCase(Locale.ROOT), config.channels(), own.height(), own.width());
    if (size == null) {
      return input;
    }
    int[] sides = NetworkOptions.parseSize(size);
    config.requireSize(sides[0], sides[1]);
    return input.withSize(sides[0], sides[1]);
  }

  private OutputTransform output(Model loaded) {
    String kind = head == null ? "sigmoid" : head.toLowerCase(Locale.ROOT);
    List<Double> each =
        thresholds.size() == 1
            ? java.util.Collections.nCopies(loaded.config().classes(), thresholds.getFirst())
            : thresholds;
    return switch (kind) {
      case "softmax" -> new OutputTransform(OutputTransform.Kind.SOFTMAX, each);
      case "sigmoid" -> new OutputTransform(OutputTransform.Kind.SIGMOID, each);
      case "calibrated" ->
          new OutputTransform(
              OutputTransform.Kind.CALIBRATED,
              each.isEmpty() ? loaded.output().thresholds() : each);
      default ->
          throw new UsageException(
              "--head is '" + head + "': it must be softmax, sigmoid or calibrated.");
    };
  }
}
