package io.github.densenet4j.report;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.metrics.Assessment;
import io.github.densenet4j.metrics.Bootstrap;
import io.github.densenet4j.metrics.Collect;
import io.github.densenet4j.metrics.Outputs;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.TrainListener;
import io.github.densenet4j.weights.Model;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Writes a run for TensorBoard while it trains: behind each epoch the curves, figures and mistakes
 * of its validation, and on demand how the weights are spread. If that fails, the run is told once
 * and goes on without.
 */
public final class TrainingEvents implements TrainListener, Closeable {
  private static final Bootstrap NO_INTERVALS = new Bootstrap(1, 0.95, 1);

  private final Path directory;
  private final Model model;
  private final Dataset validation;
  private final TensorBoard.Histograms histograms;
  private final Consumer<String> note;
  private final float[] logits;
  private EventFile file; // made when there is something to write
  private boolean failed;

  /**
   * To be told of a run.
   *
   * @param directory for event files; each start of a run adds one
   * @param model which is trained
   * @param validation the run's validation pictures
   * @param note told if writing fails
   */
  public TrainingEvents(
      Path directory,
      Model model,
      Dataset validation,
      TensorBoard.Histograms histograms,
      Consumer<String> note) {
    this.directory = directory;
    this.model = model;
    this.validation = validation;
    this.histograms = histograms;
    this.note = note;
    this.logits = new float[Math.multiplyExact(validation.size(), model.config().classes())];
  }

  @Override
  public void validated(int first, int n, float[] batch) {
    int classes = model.config().classes();
    System.arraycopy(batch, 0, logits, first * classes, n * classes);
  }

  @Override
  public void epoch(EpochResult result) {
    if (failed) {
      return;
    }
    try {
      write(result);
    } catch (IOException e) {
      failed = true;
      note.accept(
          "Nothing more is written for TensorBoard: %s cannot be written to (%s). The run goes on."
              .formatted(directory, e));
    }
  }

  private void write(EpochResult result) throws IOException {
    if (file == null) {
      file = EventFile.create(directory);
    }
    TensorBoard.curves(file, result.epoch(), RunHistory.row(result));
    Outputs outputs = Collect.judged(validation, logits, model.config().classes());
    TensorBoard.evaluation(
        file,
        result.epoch(),
        Assessment.of(outputs, NO_INTERVALS),
        MistakeSheet.of(validation, outputs, validation.classNames()));
    if (histograms == TensorBoard.Histograms.WEIGHTS) {
      TensorBoard.histograms(file, result.epoch(), model.weights());
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
