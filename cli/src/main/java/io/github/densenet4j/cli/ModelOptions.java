package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** A model's file. */
final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "A .safetensors file.")
  private Path model;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "The network of a file that does not say what it is (torchvision's names), e.g."
              + " densenet121.")
  private String arch;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "0: all processors. Default: ${DEFAULT-VALUE}.")
  int threads;

  Model load() throws IOException {
    return ModelFile.load(model, arch == null ? null : elsewhere(arch));
  }

  private static Model elsewhere(String arch) {
    try {
      DenseNetConfig config = DenseNetConfig.named(arch);
      int side = config.usualSize();
      InputTransform input =
          config.stem() == StemType.IMAGENET && config.channels() == 3
              ? InputTransform.imageNet(side, side)
              : InputTransform.plain(config.channels(), side, side);
      return new Model(
          config, new Weights(io.github.densenet4j.Layout.of(config)), List.of(), input);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
