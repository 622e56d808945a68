package io.github.densenet4j.report;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.metrics.Collect;
import io.github.densenet4j.metrics.Outputs;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.TrainListener;
import io.github.densenet4j.weights.AtomicFile;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectMapper;

/**
 * Leaves the confusion matrix of a run's last validation in its directory, for whoever watches it
 * from another program.
 */
public final class ConfusionFile implements TrainListener {
  private static final String NAME = "confusion.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;
  private final Dataset validation;
  private final List<String> classes;
  private final Consumer<String> note;
  private final int[][] counts;
  private boolean failed;

  /**
   * What was written.
   *
   * @param epoch from 1
   * @param classes their names
   * @param confusion (classes, classes); row: the right class, column: the named one
   */
  record Last(int epoch, List<String> classes, int[][] confusion) {}

  /**
   * To be told of a run.
   *
   * @param directory the run's
   * @param model which is trained
   * @param validation the run's validation pictures
   * @param note told if writing fails
   */
  public ConfusionFile(Path directory, Model model, Dataset validation, Consumer<String> note) {
    this.directory = directory;
    this.validation = validation;
    this.classes = validation.classNames();
    this.note = note;
    this.counts = new int[model.config().classes()][model.config().classes()];
  }

  @Override
  public void validated(int first, int n, float[] logits) {
    if (first == 0) {
      for (int[] row : counts) {
        Arrays.fill(row, 0);
      }
    }
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] =
          Collect.label(validation.labels(first + i), logits, i * counts.length, counts.length);
    }
    float[] answers = Arrays.copyOf(logits, n * counts.length);
    int[] predicted = new Outputs(counts.length, answers, labels).predicted();
    for (int i = 0; i < n; i++) {
      counts[labels[i]][predicted[i]]++;
    }
  }

  @Override
  public void epoch(EpochResult result) {
    if (failed) {
      return;
    }
    Path file = directory.resolve(NAME);
    try {
      String text = JSON.writeValueAsString(new Last(result.epoch(), classes, counts));
      AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      failed = true;
      note.accept(
          "%s cannot be written (%s): densenet watch will not show it. The run goes on."
              .formatted(file, e));
    }
  }

  /** What the run in a directory has written last. */
  static Optional<Last> read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    try {
      return Files.isRegularFile(file)
          ? Optional.of(JSON.readValue(Files.readString(file), Last.class))
          : Optional.empty();
    } catch (JacksonException e) {
      throw new IOException(file + " is damaged: the run writes it anew behind its next epoch.", e);
    }
  }
}
