package io.github.densenet4j.cli;

import io.github.densenet4j.report.LiveView;
import io.github.densenet4j.report.RunInFolder;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code densenet watch}. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Show a run's learning curves in a browser while it trains, on this machine only.",
      "It is a program of its own that reads the run's history: ending it never disturbs the run."
    },
    footer = {"", "Example:", "  densenet watch runs/NAME"})
final class WatchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  private Path run;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of localhost; 0: any free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Override
  public Integer call() throws Exception {
    if (!Files.isDirectory(run)) {
      throw new UsageException(run + " is no directory: name a run's, such as runs/NAME.");
    }
    if (port < 0 || port > 65_535) {
      throw new UsageException("--port is " + port + ": it must be in 0 (any) to 65535.");
    }
    try (LiveView view = LiveView.start(new RunInFolder(run), port)) {
      spec.commandLine().getOut().println(view.address() + "   (Ctrl-C ends it)");
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
      return 0;
    } catch (BindException e) {
      throw new UsageException("--port " + port + " is taken: name another, or none.");
    }
  }
}
