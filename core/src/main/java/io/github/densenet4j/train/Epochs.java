package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import java.io.IOException;

/** The epochs of a run, from where it stands: steps, the validation behind them, files. */
final class Epochs {
  private final Trainer run;
  private final Recipe recipe;
  private final RunDirectory directory;
  private final TrainListener listener;
  private final TrainingStep step;
  private final RunState state;
  private final Loader training;
  private final DenseNet judged;
  private final Loader validating;

  /**
   * The epochs that are left.
   *
   * @param run which may be stopped at any time
   * @param step of it
   * @param state of it, which moves on
   * @param training brings what a step learns from
   * @param judged the network that validation judges
   * @param validating brings the pictures that it is judged by
   */
  Epochs(
      Trainer run,
      TrainingStep step,
      RunState state,
      Loader training,
      DenseNet judged,
      Loader validating) {
    this.run = run;
    this.recipe = run.recipe();
    this.directory = run.directory();
    this.listener = run.listener();
    this.step = step;
    this.state = state;
    this.training = training;
    this.judged = judged;
    this.validating = validating;
  }

  /** Runs them, or as many as come before the run is stopped; the last one's result, or null. */
  EpochResult run() throws IOException {
    directory.startClock();
    while (isBeforeEnd() && !run.isStopped()) {
      long start = System.nanoTime();
      int before = state.done;
      train();
      if (!run.isStopped()) {
        finish(start, state.done - before);
      }
    }
    if (run.isStopped()) {
      directory.stopped(state, step.parts(), run.model());
    } else if (state.epoch < recipe.epochs()) {
      listener.note(
          "no better model for %d epochs: training ends early".formatted(recipe.patience()));
    }
    return state.history.isEmpty() ? null : state.history.getLast();
  }

  private boolean isBeforeEnd() {
    return state.epoch < recipe.epochs() && !state.isExhausted(recipe.patience());
  }

  /** The steps of an epoch, or what is left of them. */
  private void train() throws IOException {
    int steps = step.steps();
    training.begin(step.walk(state.epoch, state.step));
    while (state.step < steps && !run.isStopped()) {
      step.run(state, training);
      listener.step(
          state.epoch + 1,
          state.done,
          run.data().train().size(),
          state.loss / state.done,
          (double) state.hits / state.done);
      if (state.step < steps) {
        directory.checkpoint(state, step.parts(), listener::note);
      }
    }
    training.end();
  }

  /** Validates, and writes down what the epoch brought. */
  private void finish(long start, int pictures) throws IOException {
    double trainSeconds = (System.nanoTime() - start) * 1e-9;
    Evaluation validation =
        Evaluation.of(
            judged,
            validating,
            run.data().test().size(),
            step.input(),
            step.plainMeasure(),
            listener);
    EpochResult result =
        new EpochResult(
            state.epoch + 1,
            step.rate(state, state.step - 1),
            state.loss / state.done,
            (double) state.hits / state.done,
            validation,
            pictures / trainSeconds,
            training.waitSeconds(),
            (System.nanoTime() - start) * 1e-9);
    state.history.add(result);
    state.nextEpoch();
    directory.epoch(state, step.parts(), run.model(), judged.model());
    listener.epoch(result);
  }
}
