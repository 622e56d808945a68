package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.cli.FollowOptions.Following;
import io.github.densenet4j.data.DataScan;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.LabelledData;
import io.github.densenet4j.data.ScanMemory;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.Recipe;
import io.github.densenet4j.train.Trainer;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = RecipeOptions.class,
    description = {
      "Train a network and save it in a directory under runs/.",
      "Without options: a small DenseNet-BC on the embedded sample of Fashion-MNIST, in about a"
          + " minute."
    },
    footer = {
      "",
      "Examples:",
      "  densenet train --epochs 3",
      "  densenet train --data pictures/ --weights imagenet --recipe finetune",
      "  densenet train --arch cifar-bc-100-12 --data cifar-10/ --recipe paper-cifar",
      "  densenet train --resume runs/NAME",
      "Files: best.safetensors, last.safetensors, report.html, history.csv, run.txt, checkpoints/,"
          + " and what the report is made of: metrics.json, predictions.csv. Ctrl-C ends the run"
          + " and saves first; --resume goes on with it."
    })
final class TrainCommand implements Callable<Integer> {
  /** What is known of a run's pictures, in its directory. */
  static final String SCAN = "scan.bin";

  @Spec private CommandSpec spec;
  @Mixin private NetworkOptions network;
  @Mixin private DataOptions data;
  @Mixin private LoadingOptions reading;
  @Mixin private FollowOptions follow;

  @Option(
      names = "--recipe",
      paramLabel = "NAME",
      defaultValue = "default",
      description =
          "All values below at once: default, paper-cifar, paper-imagenet, d2l or finetune.")
  private String recipeName;

  @Option(
      names = "--weights",
      paramLabel = "NAME|FILE",
      description =
          "Begin with trained weights: a model's file, imagenet (with --arch) or timm/NAME. The"
              + " head is new unless the classes are the same.")
  private String weights;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description =
          "Go on with an interrupted run as if nothing had happened; the run's own options are"
              + " used.")
  private Path resumed;

  @Option(
      names = "--checkpoint-minutes",
      paramLabel = "M",
      defaultValue = "5",
      description = "Time between checkpoints within an epoch. Default: ${DEFAULT-VALUE}.")
  private double checkpointMinutes;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "0: all processors. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to save. Default: runs/DATE-TIME.")
  private Path out;

  @Option(
      names = "--json",
      description = "One JSON object an epoch on standard output; all else on standard error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter log = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    try (Engine.Resources engine = Engine.open(threads)) {
      return resumed == null
          ? train(begin(engine.engine(), log), log, Trainer::run)
          : train(resume(engine.engine(), log), log, Trainer::resume);
    }
  }

  /**
   * A run that is about to begin or to go on. What it took to find its pictures is garbage by then.
   */
  private record Ready(Trainer trainer, Recipe recipe, RunPage page) {}

  private Ready begin(Engine engine, PrintWriter log) throws Exception {
    Recipe given = RecipeOptions.recipe(recipeName, spec);
    Recipe recipe = network.memoryEfficient ? given.with("memory", "low") : given;
    reading.loading();
    follow.check();
    DataScan scan = data.scan(data.open(), ScanMemory.none(), log);
    LabelledData found = scan.clean();
    DataSplit split = data.split(found, recipe.seed());
    StartingModel start = new StartingModel(network, weights, split, recipe.seed(), engine);
    Model model = start.model(spec.commandLine().getErr());
    Path directory =
        out == null
            ? Path.of(
                "runs", LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")))
            : out;
    Trainer trainer = trainer(model, split, recipe, directory, engine);
    data.notes().forEach(trainer::withNote);
    follow.notes().forEach(trainer::withNote);
    if (scan.memory().size() > 0) {
      trainer.withFile(SCAN, scan.memory()::writeTo);
    }
    if (!scan.isClean()) {
      trainer.withNote("skipped", String.join("; ", scan.lines()));
    }
    describe(model, split, recipe, trainer, engine, log);
    RunPage page = new RunPage(directory, JudgedPictures.of(found, split), engine);
    return new Ready(trainer, recipe, page);
  }

  private Ready resume(Engine engine, PrintWriter log) throws Exception {
    Map<String, String> about = Trainer.about(resumed);
    Map<String, String> values = new LinkedHashMap<>();
    about.forEach(
        (key, value) -> {
          if (key.startsWith("recipe.")) {
            values.put(key.substring("recipe.".length()), value);
          }
        });
    Recipe recipe = Recipe.of(values);
    data.restore(about);
    follow.restore(about);
    follow.check();
    ScanMemory known = ScanMemory.read(resumed.resolve(SCAN));
    LabelledData found = data.scan(data.open(), known, log).clean();
    DataSplit split = data.split(found, recipe.seed());
    Model model = Trainer.start(resumed);
    Trainer trainer = trainer(model, split, recipe, resumed, engine);
    data.notes().forEach(trainer::withNote);
    follow.notes().forEach(trainer::withNote);
    if (about.containsKey("skipped")) {
      trainer.withNote("skipped", about.get("skipped"));
    }
    describe(model, split, recipe, trainer, engine, log);
    RunPage page = new RunPage(resumed, JudgedPictures.of(found, split), engine);
    return new Ready(trainer, recipe, page);
  }

  private Trainer trainer(
      Model model, DataSplit split, Recipe recipe, Path directory, Engine engine) {
    try {
      return new Trainer(new DenseNet(model, engine), split, recipe, directory)
          .withLoading(reading.loading())
          .withCheckpointMinutes(checkpointMinutes);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private void describe(
      Model model,
      DataSplit split,
      Recipe recipe,
      Trainer trainer,
      Engine engine,
      PrintWriter log) {
    DenseNetConfig config = model.config();
    Summary summary = Summary.of(config, model.input().height(), model.input().width());
    log.printf(
        "%s: %,d parameters, %,d MACs a picture of %d x %d%n",
        config.archName().equals("custom") ? "DenseNet" : config.archName(),
        summary.parameters(),
        summary.macs(),
        model.input().height(),
        model.input().width());
    log.printf(
        "%s: %,d training and %,d validation pictures, %d classes%n",
        split.train().name(),
        split.train().size(),
        split.test().size(),
        split.train().classNames().size());
    log.println("recipe: " + String.join(" ", written(recipe)));
    log.printf(
        "memory: %,d MiB for training, of %,d MiB heap; kernels: %s; threads: %d%n",
        trainer.bytes() >> 20,
        Runtime.getRuntime().maxMemory() >> 20,
        engine.kernels().description(),
        engine.team().threads());
    log.flush();
    Trainer.requireMemory(trainer.bytes());
  }

  private static List<String> written(Recipe recipe) {
    return recipe.values().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .toList();
  }

  /** Beginning or going on. */
  private interface Way {
    EpochResult go(Trainer trainer) throws IOException;
  }

  private int train(Ready run, PrintWriter log, Way way) throws Exception {
    Trainer trainer = run.trainer;
    Recipe recipe = run.recipe;
    RunPage page = run.page;
    PrintWriter lines = json ? spec.commandLine().getOut() : null;
    try (TrainProgress progress = new TrainProgress(log, recipe.epochs(), lines);
        Following following = follow.follow(trainer, recipe, page, log)) {
      trainer.withListener(progress.and(following.listener()));
      EpochResult result = following.hearing(() -> runUntilStopped(trainer, page, log, way));
      if (trainer.isStopped()) {
        return 1;
      }
      Path best = page.directory().resolve("best.safetensors");
      log.printf(
          "best validation top-1 %.4f, last %.4f%nmodel: %s%ntry:   densenet predict --model %s"
              + " FILE.png%n",
          progress.bestTop1(), result.validation().top1(), best, best);
      log.flush();
      page.write(log);
      following.ended("the run has ended");
      return 0;
    }
  }

  /** SIGINT and SIGTERM stop the trainer, and the JVM waits until it has saved. */
  private static EpochResult runUntilStopped(
      Trainer trainer, RunPage page, PrintWriter log, Way way) throws Exception {
    CountDownLatch saved = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              trainer.stop();
              try {
                if (!saved.await(60, TimeUnit.SECONDS)) {
                  System.err.println("densenet: the model could not be saved within a minute.");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      EpochResult result = way.go(trainer);
      if (trainer.isStopped()) {
        log.println();
        log.printf(
            "stopped: the last model is saved%ngo on:  densenet train --resume %s%nreport: %s%n",
            page.directory(), page.command());
        log.flush();
      }
      return result;
    } finally {
      saved.countDown();
      if (!trainer.isStopped()) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
  }

  /** An epoch as JSON. */
  static Map<String, Object> toJson(EpochResult result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("epoch", result.epoch());
    fields.put("lr", result.learningRate());
    fields.put("train_loss", result.trainLoss());
    fields.put("train_top1", result.trainTop1());
    fields.put("val_loss", result.validation().loss());
    fields.put("val_top1", result.validation().top1());
    fields.put("val_top5", result.validation().top5());
    fields.put("images_per_s", Output.round(result.imagesPerSecond(), 1));
    fields.put("data_wait_s", Output.round(result.dataWait(), 2));
    fields.put("seconds", Output.round(result.seconds(), 2));
    return fields;
  }
}
