package io.github.densenet4j.cli;

import io.github.densenet4j.report.Comparison;
import io.github.densenet4j.report.ComparisonReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code densenet compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Set runs beside each other, and say which differences are more than chance.",
      "Runs judged on the same pictures are compared picture by picture, which tells smaller"
          + " differences. Where many pairs are compared, each must be the clearer. A run is judged"
          + " when it ends; 'densenet eval --model RUN/best.safetensors --report RUN' does it anew."
    },
    footer = {"", "Example:", "  densenet compare runs/A runs/B --out comparison"})
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "2..*",
      paramLabel = "RUN",
      description = "Directories of runs, with history.csv or history.jsonl, metrics.json or both.")
  private List<Path> runs;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write comparison.html and comparison.png with the learning curves.")
  private Path out;

  @Option(names = "--json", description = "Print one JSON object: runs, differences.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Comparison comparison = Comparison.of(runs);
    PrintWriter print = spec.commandLine().getOut();
    if (json) {
      Output.json(print, ComparisonReport.json(comparison));
    } else {
      print.print(ComparisonReport.text(comparison));
    }
    if (out != null) {
      PrintWriter log = json ? spec.commandLine().getErr() : print;
      ComparisonReport.write(out, comparison).forEach(log::println);
      log.flush();
    }
    print.flush();
    return 0;
  }
}
