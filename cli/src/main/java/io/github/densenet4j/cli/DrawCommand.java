package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.report.NetworkDrawing;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet draw}. */
@Command(
    name = "draw",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Draw a network, and the inside of one of its dense blocks, as SVG and PNG: heights stand"
            + " for pixels, widths for channels, colours for layers.",
    footer = {
      "",
      "Example:",
      "  densenet draw --arch densenet121 --block 2",
      "Files: NAME.svg, NAME.png, NAME-block2.svg, NAME-block2.png."
    })
final class DrawCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private NetworkOptions network;

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "1",
      description = "The block that is shown from inside. Default: ${DEFAULT-VALUE}.")
  private int block;

  @Option(
      names = "--out",
      paramLabel = "PREFIX",
      description = "Where to write, without .svg. Default: the network's name.")
  private Path out;

  @Override
  public Integer call() throws Exception {
    DenseNetConfig config = network.config(DenseNetConfig.densenet121());
    int[] size = network.size(config.usualSize(), config.usualSize());
    NetworkOptions.requireSize(config, size);
    if (block < 1 || block > config.blocks().size()) {
      throw new UsageException(
          "--block is %d: the network has the blocks 1 to %d."
              .formatted(block, config.blocks().size()));
    }
    String name = config.archName().equals("custom") ? "DenseNet" : config.archName();
    Path prefix = out == null ? Path.of(name) : out;
    for (Path file : new NetworkDrawing(config, size[0], size[1]).write(prefix, name, block)) {
      spec.commandLine().getOut().println(file);
    }
    spec.commandLine().getOut().flush();
    return 0;
  }
}
