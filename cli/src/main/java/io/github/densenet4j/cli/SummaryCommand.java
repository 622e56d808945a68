package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.Trainer;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet summary}. */
@Command(
    name = "summary",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Show a network's parts with shapes, parameters and multiply-accumulate operations.",
    footer = {"", "Example:", "  densenet summary --arch densenet169 --classes 50 --batch 16"})
final class SummaryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private NetworkOptions network;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Pictures, for the memory of training. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--json", description = "Print JSON: arch, parameters, macs, training_bytes.")
  private boolean json;

  @Override
  public Integer call() {
    DenseNetConfig config = network.config(DenseNetConfig.densenet121());
    int[] size = network.size(config.usualSize(), config.usualSize());
    NetworkOptions.requireSize(config, size);
    if (batch < 1) {
      throw new UsageException("--batch is " + batch + ": it must be at least 1.");
    }
    Summary summary = Summary.of(config, size[0], size[1]);
    InputTransform input = InputTransform.plain(config.channels(), size[0], size[1]);
    try (Engine.Resources engine = Engine.open(1)) {
      long bytes = Trainer.bytes(config, input, batch, network.memoryEfficient, engine.engine());
      String name = network.arch == null && !network.given() ? "densenet121" : network.name();
      if (json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("arch", name);
        fields.put("parameters", summary.parameters());
        fields.put("macs", summary.macs());
        fields.put("training_bytes", bytes);
        Output.json(spec.commandLine().getOut(), fields);
      } else {
        print(spec.commandLine().getOut(), name, summary, bytes);
      }
    }
    return 0;
  }

  private void print(PrintWriter out, String name, Summary summary, long bytes) {
    out.printf(
        "%s%n%-14s %-28s %16s %12s %16s%n",
        name, "part", "", "output C x H x W", "parameters", "MACs");
    for (Summary.Part part : summary.parts()) {
      out.printf(
          "%-14s %-28s %16s %,12d %,16d%n",
          part.name(),
          part.about(),
          part.channels() + " x " + part.height() + " x " + part.width(),
          part.parameters(),
          part.macs());
    }
    out.printf(
        "%-14s %-28s %16s %,12d %,16d%n", "in all", "", "", summary.parameters(), summary.macs());
    out.printf("training with %d pictures a step needs %,d MiB%n", batch, bytes >> 20);
  }
}
