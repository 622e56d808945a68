package io.github.densenet4j.report;

import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Weights;
import io.github.densenet4j.metrics.Assessment;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run and its evaluation for TensorBoard. */
public final class TensorBoard {
  private TensorBoard() {}

  /** What is written besides curves and pictures. */
  public enum Histograms {
    /** Nothing. */
    NONE,
    /** Of every tensor of weights. */
    WEIGHTS
  }

  /**
   * Writes an event file: the history's curves by epoch; the evaluation's figures and the most
   * confident mistakes at the last epoch.
   */
  public static void write(
      Path directory, Evaluated evaluated, Optional<RunHistory> history, Histograms histograms)
      throws IOException {
    try (EventFile file = EventFile.create(directory)) {
      List<Map<String, Double>> epochs = history.map(RunHistory::epochs).orElse(List.of());
      long step = 0;
      for (Map<String, Double> epoch : epochs) {
        step = epoch.getOrDefault("epoch", step + 1.0).longValue();
        curves(file, step, epoch);
      }
      evaluation(
          file,
          step,
          evaluated.assessment(),
          MistakeSheet.of(evaluated.data(), evaluated.outputs(), evaluated.classNames()));
      if (histograms == Histograms.WEIGHTS) {
        histograms(file, step, evaluated.model().weights());
      }
    }
  }

  /** {@code train_loss} is shown as {@code loss/train} beside {@code loss/val}. */
  static void curves(EventFile file, long step, Map<String, Double> epoch) throws IOException {
    for (Map.Entry<String, Double> field : epoch.entrySet()) {
      String name = field.getKey();
      if (!name.equals("epoch")) {
        int border = name.startsWith("train_") || name.startsWith("val_") ? name.indexOf('_') : -1;
        String tag =
            border < 0 ? name : name.substring(border + 1) + "/" + name.substring(0, border);
        file.scalar(tag, step, field.getValue());
      }
    }
  }

  /** Figures, and the most confident mistakes as one picture. */
  static void evaluation(EventFile file, long step, Assessment a, BufferedImage mistakes)
      throws IOException {
    file.scalar("evaluation/top1", step, a.top1().value());
    file.scalar("evaluation/top5", step, a.top5().value());
    file.scalar("evaluation/loss", step, a.loss().value());
    file.scalar("evaluation/macro_f1", step, a.macroF1().value());
    file.scalar("evaluation/kappa", step, a.kappa().value());
    file.scalar("evaluation/ece", step, a.ece().value());
    file.image("mistakes", step, mistakes);
  }

  /** How every tensor of weights is spread. */
  static void histograms(EventFile file, long step, Weights weights) throws IOException {
    for (Slot slot : weights.layout().slots()) {
      file.histogram(slot.name(), step, weights.store(slot), slot.at(), slot.size());
    }
  }
}
