package io.github.densenet4j.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures this library and its peers in turn, in one run, on the same weights and inputs. Results
 * are compared before anything is timed. Each work has a JVM of its own, as a user's has: what the
 * compiler learned from the loops of one network is not what it should know for the next.
 */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measure densenet4j beside ONNX Runtime and PyTorch, run by run in turn.")
public final class Compare implements Callable<Integer> {
  @Parameters(paramLabel = "WORK", description = "Works by name (see --list). Default: all.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "Name the works.")
  private boolean list;

  @Option(
      names = "--python",
      defaultValue = "python3",
      description =
          "A Python with torch, torchvision and, for cold-start, Pillow and onnxruntime. Default:"
              + " ${DEFAULT-VALUE}.")
  private Python python;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "Of our own work before it is timed. Default: ${DEFAULT-VALUE}.")
  private double warmUp;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where the launcher and bench/ are. Default: here.")
  private Path root;

  @Option(
      names = "--out",
      paramLabel = "PREFIX",
      defaultValue = "bench/target/compare",
      description = "Writes PREFIX.md, PREFIX.json and PREFIX.png. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--rows",
      hidden = true,
      paramLabel = "FILE",
      description = "In a JVM of its own: measures one work here and writes its rows to a file.")
  private Path rowsFile;

  private final PrintWriter log = new PrintWriter(System.out, true);

  private Compare() {}

  /** Measures; ends with code 0, or 1 if something failed. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Compare());
    line.registerConverter(Python.class, Python::new);
    System.exit(line.execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    List<Work> works = chosen();
    if (list) {
      works.forEach(work -> log.printf("%-20s %s%n", work.name(), work.about()));
      return 0;
    }
    Path folder = Files.createTempDirectory("compare");
    try {
      if (rowsFile != null) {
        Setting setting =
            new Setting(root.toAbsolutePath().normalize(), torch(), warmUp, folder, log);
        Rows.write(rowsFile, works.getFirst().measure(setting));
        return 0;
      }
      List<Row> rows = new ArrayList<>();
      for (Work work : works) {
        log.println("measuring " + work.name() + ": " + work.about());
        List<Row> found = inItsOwnJvm(work, folder.resolve(work.name() + ".json"));
        found.forEach(row -> log.println(Report.line(row)));
        rows.addAll(found);
        new Report(Machine.facts(), rows).write(out); // what is there, should a later one fail
      }
      log.println("written: " + out + ".md, .json, .png");
      return 0;
    } finally {
      delete(folder);
    }
  }

  private List<Row> inItsOwnJvm(Work work, Path file) throws IOException, InterruptedException {
    List<String> command =
        Child.java(
            Compare.class,
            work.name(),
            "--rows",
            file.toString(),
            "--python",
            python.command(),
            "--warmup",
            Double.toString(warmUp),
            "--root",
            root.toString());
    Child.run(command);
    return Rows.read(file);
  }

  private List<Work> chosen() {
    List<Work> all = Works.all();
    for (String name : names) {
      if (all.stream().noneMatch(work -> work.name().equals(name))) {
        throw new IllegalArgumentException(
            "There is no work '%s'. There are: %s."
                .formatted(name, String.join(", ", all.stream().map(Work::name).toList())));
      }
    }
    return names.isEmpty()
        ? all
        : all.stream().filter(work -> names.contains(work.name())).toList();
  }

  private Optional<Python> torch() throws InterruptedException {
    if (python.has("torch")) {
      return Optional.of(python);
    }
    log.printf(
        "SKIPPED: PyTorch. '%s' is not a Python that can import torch: name one with --python.%n",
        python.command());
    return Optional.empty();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
