package io.github.densenet4j.report;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.metrics.Collect;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.TrainListener;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A run that is watched from inside: the whole page of a report, with what the network said of the
 * validation pictures in the last validation. The thread that trains only leaves references here;
 * all work is done by the thread of whoever looks, and only if somebody does.
 */
public final class RunInTraining implements LiveView.Source, TrainListener {
  private final Path directory;
  private final Model model;
  private final Engine engine;
  private final Dataset validation;
  private final int epochs;
  private final Map<Integer, String> thumbnails = new HashMap<>();
  private float[] logits;
  private volatile Step step = new Step(0, 0, 0, 0, 0, 0, 0);
  private volatile Validated validated;
  private volatile String end;

  /** Where an epoch stands, and where it stood at a time: its speed. */
  private record Step(
      int epoch, int done, int total, double loss, double top1, int from, long start) {}

  /** What a validation brought; its arrays are not written to any more. */
  private record Validated(int epoch, float[] logits, double imagesPerSecond) {}

  /**
   * To be told of a run, which nothing has been heard of yet.
   *
   * @param directory the run's
   * @param model which is trained
   * @param engine on which
   * @param validation the run's validation pictures
   * @param epochs of the run
   */
  public RunInTraining(Path directory, Model model, Engine engine, Dataset validation, int epochs) {
    this.directory = directory;
    this.model = model;
    this.engine = engine;
    this.validation = validation;
    this.epochs = epochs;
  }

  @Override
  public void step(int epoch, int done, int total, double loss, double top1) {
    Step before = step;
    boolean same = before.epoch == epoch;
    step =
        new Step(
            epoch,
            done,
            total,
            loss,
            top1,
            same ? before.from : done,
            same ? before.start : System.nanoTime());
  }

  @Override
  public void validated(int first, int n, float[] batch) {
    int classes = model.config().classes();
    if (first == 0) {
      logits = new float[Math.multiplyExact(validation.size(), classes)];
    }
    System.arraycopy(batch, 0, logits, first * classes, n * classes);
  }

  @Override
  public void epoch(EpochResult result) {
    validated = new Validated(result.epoch(), logits, result.validation().imagesPerSecond());
  }

  /**
   * The run is over.
   *
   * @param how in words
   */
  public void ended(String how) {
    end = how;
  }

  @Override
  public LiveView.State state() {
    Step s = step;
    Validated v = validated;
    String text = end;
    if (text == null) {
      double seconds = (System.nanoTime() - s.start) * 1e-9;
      boolean validating = s.done == s.total;
      text =
          s.total == 0
              ? "it begins"
              : String.format(
                  Locale.ROOT,
                  validating
                      ? "epoch %d of %d: %,d of %,d pictures, validation follows"
                      : "epoch %d of %d: %,d of %,d pictures, %.0f a second, loss %.4f, top-1 %.4f",
                  s.epoch,
                  epochs,
                  s.done,
                  s.total,
                  (s.done - s.from) / Math.max(seconds, 1e-3),
                  s.loss,
                  s.top1);
    }
    return new LiveView.State("epoch" + (v == null ? 0 : v.epoch), text, end != null);
  }

  @Override
  public Map<String, Object> data() throws IOException {
    Validated v = validated;
    RunFolder run = RunFolder.read(directory);
    PageParts parts =
        new PageParts(run, PageParts.networkName(model.config()) + " on " + validation.name());
    if (v != null) {
      Evaluated evaluated =
          Evaluated.of(
              model,
              validation,
              Collect.judged(validation, v.logits, model.config().classes()),
              v.imagesPerSecond);
      synchronized (thumbnails) {
        parts.evaluation(
            evaluated,
            Shown.live(evaluated, thumbnails),
            "The model behind epoch " + v.epoch + ".");
      }
    }
    return parts.drawings(model).facts(run, model, engine).data();
  }
}
