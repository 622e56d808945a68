package io.github.densenet4j.cli;

import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.FashionMnist;
import io.github.densenet4j.data.IdxDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which pictures. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "D",
      defaultValue = "sample",
      description =
          "sample (12,000 pictures of Fashion-MNIST, built in), fashion-mnist (all 70,000), or a"
              + " directory with MNIST's four IDX files. Default: ${DEFAULT-VALUE}.")
  String data;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where to look first for fashion-mnist.")
  Path directory;

  DataSplit load() throws IOException {
    return load(data, directory);
  }

  /** Data that another option names in the same way. */
  static DataSplit load(String data, Path directory) throws IOException {
    return switch (data) {
      case "sample" -> FashionMnist.sample();
      case "fashion-mnist" -> FashionMnist.full(directory);
      default -> {
        if (!Files.isDirectory(Path.of(data))) {
          throw new UsageException(
              "--data is '"
                  + data
                  + "': there is no such directory. Use sample, fashion-mnist, or a directory with"
                  + " IDX files.");
        }
        yield IdxDataset.readDirectory(Path.of(data));
      }
    };
  }
}
