package io.github.densenet4j.cli;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.report.ConfusionFile;
import io.github.densenet4j.report.LiveView;
import io.github.densenet4j.report.RunInTraining;
import io.github.densenet4j.report.TensorBoard.Histograms;
import io.github.densenet4j.report.TrainingEvents;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.Recipe;
import io.github.densenet4j.train.TrainListener;
import io.github.densenet4j.train.Trainer;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** How a run can be followed while it trains. */
final class FollowOptions {
  private static final int PORTS = 65_535;
  private static final String TENSORBOARD = "tensorboard";
  private static final String CURVES = "yes";
  private static final String WITH_HISTOGRAMS = "with histograms";

  @Option(
      names = "--watch",
      arity = "0..1",
      fallbackValue = "0",
      paramLabel = "PORT",
      description =
          "Show the run's page on this machine while it trains: its address is printed. Without"
              + " PORT any free one. Closing the page never disturbs the run.")
  private Integer port;

  @Option(
      names = "--tensorboard",
      description =
          "Write the run for TensorBoard behind each epoch, in DIR/tensorboard: curves, figures,"
              + " the most confident mistakes as a picture. A resumed run goes on with it.")
  private boolean tensorBoard;

  @Option(
      names = "--histograms",
      description = "With --tensorboard: how all weights are spread, too.")
  private boolean histograms;

  /** Refuses what cannot be meant, before anything begins. */
  void check() {
    if (histograms && !tensorBoard) {
      throw new UsageException("--histograms are written for TensorBoard: add --tensorboard.");
    }
    if (port != null && (port < 0 || port > PORTS)) {
      throw new UsageException("--watch is " + port + ": a port is 0 (any free one) to 65535.");
    }
  }

  /** What a run keeps of these options; watching is a matter of the process. */
  Map<String, String> notes() {
    return Map.of(TENSORBOARD, !tensorBoard ? "" : histograms ? WITH_HISTOGRAMS : CURVES);
  }

  /** Takes the options of a run that goes on, which may be given more. */
  void restore(Map<String, String> notes) {
    String kept = notes.getOrDefault(TENSORBOARD, "");
    tensorBoard |= !kept.isEmpty();
    histograms |= kept.equals(WITH_HISTOGRAMS);
  }

  /** Begins to follow a run. */
  Following follow(Trainer trainer, Recipe recipe, RunPage run, PrintWriter log)
      throws IOException {
    Dataset validation = trainer.data().test();
    Model model = trainer.model();
    TrainListener listener = new ConfusionFile(run.directory(), model, validation, log::println);
    Optional<TrainingEvents> events = Optional.empty();
    if (tensorBoard) {
      events =
          Optional.of(
              new TrainingEvents(
                  run.directory().resolve("tensorboard"),
                  model,
                  validation,
                  histograms ? Histograms.WEIGHTS : Histograms.NONE,
                  log::println));
      listener = listener.and(events.get());
    }
    Optional<RunInTraining> page = Optional.empty();
    Optional<LiveView> view = Optional.empty();
    if (port != null) {
      page =
          Optional.of(
              new RunInTraining(run.directory(), model, run.engine(), validation, recipe.epochs()));
      listener = listener.and(page.get());
      view = open(page.get(), run.directory(), log);
    }
    return new Following(listener, events, page, view);
  }

  /** A port that is taken is no reason not to train. */
  private Optional<LiveView> open(RunInTraining page, Path run, PrintWriter log)
      throws IOException {
    try {
      LiveView view = LiveView.start(page, port);
      log.println("watch: " + view.address());
      return Optional.of(view);
    } catch (BindException e) {
      log.printf(
          "--watch: port %d is taken (%s). The run goes on without its page; for its curves:"
              + " densenet watch %s%n",
          port, e.getMessage(), run);
      return Optional.empty();
    } finally {
      log.flush();
    }
  }

  /**
   * Whoever follows a run.
   *
   * @param listener to be told of it
   */
  record Following(
      TrainListener listener,
      Optional<TrainingEvents> events,
      Optional<RunInTraining> page,
      Optional<LiveView> view)
      implements AutoCloseable {
    /** Runs it, and says so if it fails. */
    EpochResult hearing(Callable<EpochResult> run) throws Exception {
      try {
        return run.call();
      } catch (IOException | RuntimeException e) {
        ended("the run has failed: " + Main.message(e));
        throw e;
      }
    }

    /** Says how the run ended. */
    void ended(String how) {
      page.ifPresent(p -> p.ended(how));
    }

    @Override
    public void close() throws IOException {
      view.ifPresent(LiveView::close);
      if (events.isPresent()) {
        events.get().close();
      }
    }
  }
}
