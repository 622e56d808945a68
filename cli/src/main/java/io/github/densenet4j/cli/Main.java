package io.github.densenet4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code densenet}. */
@Command(
    name = "densenet",
    mixinStandardHelpOptions = true,
    version = "densenet4j 0.1.0",
    description = "DenseNet on the JVM: train, evaluate, classify, convert, describe and measure.",
    synopsisSubcommandLabel =
        "train|preview|watch|eval|compare|predict|inspect|export|summary|draw|bench",
    footer = {
      "",
      "Examples:",
      "  densenet train                                     a small network on the embedded"
          + " pictures",
      "  densenet eval --model runs/NAME/best.safetensors",
      "  densenet predict --model runs/NAME/best.safetensors picture.png",
      "  densenet predict demo                              a trained network that comes along",
      "  densenet inspect checkpoint.pth",
      "  densenet summary --arch densenet121",
      "",
      "'densenet VERB --help' explains each verb. More JVM options: DENSENET_JAVA_OPTS."
    })
public final class Main {
  private static final List<String> VERBS =
      List.of(
          "train", "preview", "watch", "eval", "compare", "predict", "inspect", "export", "summary",
          "draw", "bench");

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean verbose;

  private Main() {}

  /** Runs a command and ends with its exit code: 0 success, 1 failure, 2 bad usage. */
  public static void main(String[] args) {
    System.exit(commandLine(args).execute(args));
  }

  /**
   * The command line, for tests too.
   *
   * @param arguments if they begin with a verb, it is the only one that is made: describing all of
   *     them takes a tenth of a second
   */
  static CommandLine commandLine(String[] arguments) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    boolean named = arguments.length > 0 && VERBS.contains(arguments[0]);
    for (String verb : named ? List.of(arguments[0]) : VERBS) {
      commandLine.addSubcommand(verb, new CommandLine(command(verb)));
    }
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (thrown, command, parsed) -> {
          if (main.verbose) {
            thrown.printStackTrace(command.getErr());
          }
          command.getErr().println("densenet: " + message(thrown));
          boolean usage = thrown instanceof UsageException;
          return usage ? command.getCommandSpec().exitCodeOnInvalidInput() : 1;
        });
    return commandLine;
  }

  private static Callable<Integer> command(String verb) {
    return switch (verb) {
      case "train" -> new TrainCommand();
      case "preview" -> new PreviewCommand();
      case "watch" -> new WatchCommand();
      case "eval" -> new EvalCommand();
      case "compare" -> new CompareCommand();
      case "predict" -> new PredictCommand();
      case "inspect" -> new InspectCommand();
      case "export" -> new ExportCommand();
      case "summary" -> new SummaryCommand();
      case "draw" -> new DrawCommand();
      case "bench" -> new BenchCommand();
      default -> throw new IllegalArgumentException("There is no verb '" + verb + "'.");
    };
  }

  static String message(Throwable thrown) {
    return switch (thrown) {
      case OutOfMemoryError _ ->
          "The Java heap is full. Use a smaller --batch or --size, --memory-efficient, or"
              + " DENSENET_JAVA_OPTS=-Xmx8g.";
      case java.nio.file.NoSuchFileException e -> e.getFile() + " is not there.";
      case java.nio.file.AccessDeniedException e -> "No permission for " + e.getFile() + ".";
      case UncheckedIOException e -> message(e.getCause());
      case IOException e when e.getMessage() == null -> "Reading or writing failed: " + e;
      case Throwable t when t.getMessage() == null ->
          "Unexpected: " + t + ". Run with --verbose for the place.";
      default -> thrown.getMessage();
    };
  }
}
