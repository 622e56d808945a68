package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.LabelledData;
import io.github.densenet4j.data.ScanMemory;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.metrics.Assessment;
import io.github.densenet4j.metrics.ClassMetrics;
import io.github.densenet4j.metrics.Ranking;
import io.github.densenet4j.report.Evaluated;
import io.github.densenet4j.report.Evaluated.Views;
import io.github.densenet4j.report.EvaluationJson;
import io.github.densenet4j.report.Recalibrated;
import io.github.densenet4j.report.RunFolder;
import io.github.densenet4j.report.RunReport;
import io.github.densenet4j.report.TensorBoard;
import io.github.densenet4j.report.TensorBoard.Histograms;
import io.github.densenet4j.train.Recipe;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet eval}. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Evaluate a model on a data set's test pictures.",
      "Without --data: the pictures that the model's run validated with, if it lies in its run's"
          + " directory."
    },
    footer = {
      "",
      "Examples:",
      "  densenet eval --model runs/NAME/best.safetensors --data sample --json",
      "  densenet eval --model runs/NAME/best.safetensors --report runs/NAME"
    })
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private DataOptions data;

  @Option(
      names = "--ten-crop",
      description =
          "Average the logits of four corners, the middle, and their mirror images, as the paper"
              + " does.")
  private boolean tenCrop;

  @Option(
      names = "--validation",
      paramLabel = "D",
      description =
          "Data as for --data, other than the test pictures: on its test pictures the temperature"
              + " is fitted, or the thresholds of a sigmoid head are chosen.")
  private String validation;

  @Option(
      names = "--calibrated",
      paramLabel = "FILE",
      description =
          "Write the model with the temperature in its classifier, or with the chosen thresholds.")
  private Path calibrated;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description =
          "Write report.html (one page that opens without a server), metrics.json and"
              + " predictions.csv. Learning curves and recipe come from the run beside the model.")
  private Path report;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description =
          "Write an event file for TensorBoard: the history's curves, the figures, and the most"
              + " confident mistakes as pictures.")
  private Path tensorBoard;

  @Option(
      names = "--histograms",
      description = "With --tensorboard: histograms of all weights, too.")
  private boolean histograms;

  @Option(
      names = "--json",
      description =
          "Print one JSON object: top1, top5 (fractions of 1), loss, images, images_per_s, means"
              + " over classes, kappa, calibration, 95 %% intervals, per_class, confusion.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (histograms && tensorBoard == null) {
      throw new UsageException("--histograms are written to --tensorboard DIR: name it.");
    }
    Model loaded = model.load();
    RunFolder run = RunFolder.read(runDirectory());
    JudgedPictures pictures = pictures(loaded, run);
    try (Engine.Resources engine = Engine.open(model.threads)) {
      DenseNet net = new DenseNet(loaded, engine.engine());
      Evaluated found = pictures.judge(net, tenCrop ? Views.TEN_CROP : Views.ONE);
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        Output.json(out, EvaluationJson.of(found));
      } else {
        print(out, found);
      }
      if (report != null) {
        RunReport.write(report, run, found, engine.engine(), pictures.remark());
        log().println("report: " + report.resolve(RunReport.PAGE));
        log().flush();
      }
      if (tensorBoard != null) {
        TensorBoard.write(
            tensorBoard, found, run.history(), histograms ? Histograms.WEIGHTS : Histograms.NONE);
      }
      if (calibrated != null) {
        ModelFile.save(calibrated, calibrated(found));
      }
      return 0;
    }
  }

  /** All but figures. */
  private PrintWriter log() {
    return json ? spec.commandLine().getErr() : spec.commandLine().getOut();
  }

  /** The directory of the model, in which its run left its history. */
  private Path runDirectory() throws IOException {
    return model.file().toAbsolutePath().normalize().getParent();
  }

  /** What --data names; without it the pictures that the model's run validated with. */
  private JudgedPictures pictures(Model loaded, RunFolder run) throws IOException {
    boolean ofRun =
        run.notes().containsKey("data place")
            && !spec.commandLine().getParseResult().hasMatchedOption("--data");
    JudgedPictures found =
        ofRun
            ? ofRun(run)
            : new JudgedPictures(DataOptions.test(data.open()), Optional.empty(), "");
    Optional<Dataset> held =
        validation == null
            ? found.validation()
            : Optional.of(DataOptions.test(DataOptions.open(validation, null)));
    return new JudgedPictures(
        inClassesOf(loaded, found.data()),
        held.isPresent() ? Optional.of(inClassesOf(loaded, held.get())) : held,
        found.remark());
  }

  private JudgedPictures ofRun(RunFolder run) throws IOException {
    data.restore(run.notes());
    // looking through all pictures is needed only where some were left out
    ScanMemory known = ScanMemory.read(runDirectory().resolve(TrainCommand.SCAN));
    LabelledData all = data.skipBad ? data.scan(data.open(), known, log()).clean() : data.open();
    DataSplit split = data.split(all, Recipe.of(run.recipe()).seed());
    log().println("pictures: " + data.data + ", divided as the run divided them");
    return JudgedPictures.of(all, split);
  }

  /** Classes are matched by name; a model without names by number. */
  private static Dataset inClassesOf(Model model, Dataset test) throws IOException {
    if (!model.classNames().isEmpty() && !model.classNames().equals(test.classNames())) {
      return test.withClassNames(model.classNames());
    }
    if (test.classNames().size() > model.config().classes()) {
      throw new UsageException(
          "The model knows %d classes, %s has %d."
              .formatted(model.config().classes(), test.name(), test.classNames().size()));
    }
    return test;
  }

  private Model calibrated(Evaluated found) {
    if (found.several().isPresent() && validation == null) {
      throw new UsageException("--calibrated needs --validation D to choose thresholds on.");
    }
    return found
        .recalibration()
        .map(r -> Recalibrated.atTemperature(found.model(), r.temperature()))
        .orElse(found.model());
  }

  private static void print(PrintWriter out, Evaluated found) {
    Assessment a = found.assessment();
    out.printf(
        "%s: top-1 %.4f  top-5 %.4f  loss %.4f  %,d pictures  %.0f images/s%n",
        found.data().name(),
        a.top1().value(),
        a.top5().value(),
        a.loss().value(),
        a.images(),
        found.imagesPerSecond());
    out.printf(
        "top-1 lies in %.4f to %.4f with %.0f %% confidence%n",
        a.top1().low(), a.top1().high(), 100 * found.bootstrap().level());
    ClassMetrics macro = a.confusion().macro();
    Ranking ranking = a.macroRanking();
    out.printf(
        "mean over classes: precision %.4f  recall %.4f  F1 %.4f  ROC-AUC %.4f  average precision"
            + " %.4f; kappa %.4f%n",
        macro.precision(),
        macro.recall(),
        macro.f1(),
        ranking.rocAuc(),
        ranking.averagePrecision(),
        a.kappa().value());
    out.printf("calibration error (ECE) %.4f", a.calibration().ece());
    found
        .recalibration()
        .ifPresent(
            r ->
                out.printf(
                    ", %.4f at temperature %.3f%s",
                    r.calibration().ece(),
                    r.temperature(),
                    r.crossFitted() ? " (fitted on the other half of the pictures)" : ""));
    out.println();
    found
        .several()
        .ifPresent(
            m ->
                out.printf(
                    "several at once: exact %.4f  macro F1 %.4f  micro F1 %.4f%n",
                    m.exact().value(), m.macro().f1(), m.micro().f1()));
    out.flush();
  }
}
