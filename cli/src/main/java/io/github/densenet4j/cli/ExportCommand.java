package io.github.densenet4j.cli;

import io.github.densenet4j.weights.Export;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code densenet export}. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Write a model for others, or somebody's weights as a model of this program, with labels,"
          + " transform and head stored in it.",
      "safetensors: this program's models, torchvision's keys. pytorch: a state_dict for"
          + " torch.load(weights_only=True). onnx: opset 17, any batch size."
    },
    footer = {
      "",
      "Examples:",
      "  densenet export --model runs/NAME/best.safetensors --to onnx --probabilities model.onnx",
      "  densenet export --model checkpoint.pth.tar --labels names.txt --to safetensors"
          + " model.safetensors"
    })
final class ExportCommand implements Callable<Integer> {
  enum Format {
    SAFETENSORS,
    PYTORCH,
    ONNX
  }

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORMAT",
      description = "safetensors, pytorch or onnx.")
  private Format format;

  @Option(
      names = "--normalise",
      description = "onnx: the graph takes RGB pixels from 0 to 255 and normalises them itself.")
  private boolean normalise;

  @Option(
      names = "--probabilities",
      description = "onnx: the graph ends with the model's softmax or sigmoid.")
  private boolean probabilities;

  @Parameters(paramLabel = "FILE", description = "Where to write; it is replaced.")
  private Path file;

  @Override
  public Integer call() throws Exception {
    if (format != Format.ONNX && (normalise || probabilities)) {
      throw new UsageException("--normalise and --probabilities belong to --to onnx.");
    }
    Model loaded = model.load();
    switch (format) {
      case SAFETENSORS -> ModelFile.save(file, loaded);
      case PYTORCH -> Export.toPyTorch(file, loaded);
      case ONNX -> Export.toOnnx(file, loaded, normalise, probabilities);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s, %,d parameters, %,d bytes%n",
            file,
            loaded.config().archName(),
            loaded.weights().parameters().length,
            Files.size(file));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
