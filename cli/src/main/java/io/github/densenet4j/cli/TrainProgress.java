package io.github.densenet4j.cli;

import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.TrainListener;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how training goes on: a bar an epoch on a terminal, a line now and then elsewhere. */
final class TrainProgress implements TrainListener, AutoCloseable {
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintWriter log;
  private final int epochs;
  private final PrintWriter json;
  private final boolean terminal = Output.isTerminal();
  private ProgressBar bar;
  private double bestTop1;
  private long epochStart = System.nanoTime();
  private long lastLine = System.nanoTime();
  private final TimeLeft left = new TimeLeft();

  TrainProgress(PrintWriter log, int epochs, PrintWriter json) {
    this.log = log;
    this.epochs = epochs;
    this.json = json;
  }

  @Override
  public void step(int epoch, int done, int total, double loss, double top1) {
    long now = System.nanoTime();
    left.step((epoch - 1L) * total + done, (long) epochs * total, now);
    if (terminal) {
      if (bar == null) {
        bar =
            new ProgressBarBuilder()
                .setTaskName("%d/%d".formatted(epoch, epochs))
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit("", 1)
                .build();
      }
      bar.stepTo(done);
      double rate = done / Math.max(1e-9, (now - epochStart) * 1e-9);
      // short enough for a terminal of 80 columns
      bar.setExtraMessage(" %.0f img/s loss %.3f top-1 %.3f".formatted(rate, loss, top1));
    } else if (now - lastLine > LINE_NANOS) {
      lastLine = now;
      double rate = done / Math.max(1e-9, (now - epochStart) * 1e-9);
      log.printf(
          "epoch %d/%d  %,d/%,d  loss %.4f  top-1 %.4f  %.0f images/s%s%n",
          epoch,
          epochs,
          done,
          total,
          loss,
          top1,
          rate,
          left.isMeaningful() ? "  " + Output.duration(left.seconds()) + " left" : "");
      log.flush();
    }
  }

  /** The best fraction so far: that of the best model. */
  double bestTop1() {
    return bestTop1;
  }

  @Override
  public void epoch(EpochResult result) {
    close();
    bestTop1 = Math.max(bestTop1, result.validation().top1());
    log.printf(
        "epoch %d/%d  loss %.4f  top-1 %.4f  validation loss %.4f  top-1 %.4f  %.0f images/s  data"
            + " wait %.1f s  %.1f s%n",
        result.epoch(),
        epochs,
        result.trainLoss(),
        result.trainTop1(),
        result.validation().loss(),
        result.validation().top1(),
        result.imagesPerSecond(),
        result.dataWait(),
        result.seconds());
    log.flush();
    if (json != null) {
      Output.json(json, TrainCommand.toJson(result));
    }
    lastLine = System.nanoTime();
    epochStart = lastLine;
  }

  @Override
  public void note(String message) {
    close();
    log.println(message);
    log.flush();
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
