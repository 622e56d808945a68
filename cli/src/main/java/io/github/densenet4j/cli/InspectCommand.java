package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.weights.Inspection;
import io.github.densenet4j.weights.Inspection.Row;
import io.github.densenet4j.weights.Inspection.Status;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code densenet inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Say what a file of weights is: whose names it uses, which network its tensors make, and"
          + " whether each of them fits. Nothing in the file is ever run.",
      "Exit code 0 if everything fits, 1 if not."
    },
    footer = {"", "Example:", "  densenet inspect checkpoint.pth.tar --json"})
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "safetensors, PyTorch, Keras or ONNX.")
  private Path file;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description = "A network that the file should hold, e.g. densenet121.")
  private String arch;

  @Option(
      names = "--json",
      description =
          "One JSON object: file, format, from, names, prefix, arch, config, parameters, fits,"
              + " missing, unexpected, wrong_shape, wrong_type,"
              + " not_finite, tensors.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Inspection inspection;
    try {
      inspection = ModelFile.inspect(file, LoadOptions.strict().withArch(arch));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
    if (json) {
      Output.json(spec.commandLine().getOut(), toJson(inspection));
    } else {
      print(spec.commandLine().getOut(), inspection);
    }
    return inspection.fits() ? 0 : 1;
  }

  private static void print(PrintWriter out, Inspection inspection) {
    DenseNetConfig config = inspection.config();
    out.printf("file         %s%n", inspection.checkpoint().file());
    String from = inspection.checkpoint().from();
    out.printf(
        "format       %s%s%n",
        inspection.checkpoint().format(), from.isEmpty() ? "" : ", its entry '" + from + "'");
    String prefix = inspection.prefix();
    out.printf(
        "names        %s%s%n",
        inspection.names(), prefix.isEmpty() ? "" : ", behind '" + prefix + "'");
    out.printf(
        "network      %s: k=%d, blocks %s, %d initial features, bottleneck %d, compression %s,%n"
            + "             %s stem, convolutions with%s bias, %d channels, %,d classes%n",
        config.archName(),
        config.growthRate(),
        config.blocks(),
        config.initFeatures(),
        config.bottleneck(),
        config.compression(),
        config.stem().name().toLowerCase(Locale.ROOT),
        config.convBias() ? "" : "out",
        config.channels(),
        config.classes());
    out.printf("parameters   %,d%n%n", parameters(config));
    int there = width(inspection.rows().stream().map(Row::there));
    int here =
        width(inspection.rows().stream().map(r -> r.here().equals(r.there()) ? "" : r.here()));
    for (Row row : inspection.rows()) {
      boolean same = row.here().equals(row.there());
      out.printf(
          "%-" + there + "s  %-" + here + "s  %-18s %-5s%s%n",
          row.there().isEmpty() ? "-" : row.there(),
          same ? "=" : row.here().isEmpty() ? "-" : row.here(),
          row.tensor() == null ? "" : row.tensor().shape(),
          row.tensor() == null ? "" : row.tensor().dtype(),
          remark(row));
    }
    out.println();
    out.println(
        inspection.fits()
            ? "Everything fits."
            : "%d missing, %d unexpected, %d of the wrong shape or type, %d not finite."
                .formatted(
                    inspection.with(Status.MISSING).size(),
                    inspection.with(Status.UNEXPECTED).size(),
                    inspection.with(Status.WRONG_SHAPE).size()
                        + inspection.with(Status.WRONG_TYPE).size(),
                    inspection.with(Status.NOT_FINITE).size()));
    out.flush();
  }

  private static int width(Stream<String> names) {
    return Math.max(1, names.mapToInt(String::length).max().orElse(0));
  }

  private static String remark(Row row) {
    return switch (row.status()) {
      case OK -> "";
      case EXTRA -> "beside the network";
      case MISSING -> "MISSING, expected " + row.expected();
      case UNEXPECTED -> "UNEXPECTED";
      case WRONG_SHAPE -> "WRONG SHAPE, expected " + row.expected();
      case WRONG_TYPE -> "WRONG TYPE, expected floats";
      case NOT_FINITE -> "NOT FINITE";
    };
  }

  private static long parameters(DenseNetConfig config) {
    return Summary.of(config, config.usualSize(), config.usualSize()).parameters();
  }

  private static Map<String, Object> toJson(Inspection inspection) {
    DenseNetConfig config = inspection.config();
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("growth_rate", config.growthRate());
    network.put("blocks", config.blocks());
    network.put("init_features", config.initFeatures());
    network.put("bottleneck", config.bottleneck());
    network.put("compression", config.compression());
    network.put("stem", config.stem().name().toLowerCase(Locale.ROOT));
    network.put("conv_bias", config.convBias());
    network.put("channels", config.channels());
    network.put("classes", config.classes());
    network.put("bn_eps", config.bnEps());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", inspection.checkpoint().file().toString());
    fields.put("format", inspection.checkpoint().format());
    fields.put("from", inspection.checkpoint().from());
    fields.put("names", inspection.names());
    fields.put("prefix", inspection.prefix());
    fields.put("arch", config.archName());
    fields.put("config", network);
    fields.put("parameters", parameters(config));
    fields.put("fits", inspection.fits());
    for (Status status :
        List.of(
            Status.MISSING,
            Status.UNEXPECTED,
            Status.WRONG_SHAPE,
            Status.WRONG_TYPE,
            Status.NOT_FINITE)) {
      fields.put(
          status.name().toLowerCase(Locale.ROOT),
          inspection.with(status).stream()
              .map(row -> row.here().isEmpty() ? row.there() : row.here())
              .toList());
    }
    List<Map<String, Object>> tensors = new ArrayList<>();
    for (Row row : inspection.rows()) {
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put("there", row.there());
      tensor.put("here", row.here());
      tensor.put("shape", row.tensor() == null ? List.of() : row.tensor().shape());
      tensor.put("dtype", row.tensor() == null ? "" : row.tensor().dtype());
      tensor.put("status", row.status().name().toLowerCase(Locale.ROOT));
      tensors.add(tensor);
    }
    fields.put("tensors", tensors);
    return fields;
  }
}
