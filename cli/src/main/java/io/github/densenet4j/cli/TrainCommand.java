package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Summary;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataScan;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.Loading;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainOptions;
import io.github.densenet4j.train.Trainer;
import java.io.PrintWriter;
import java.nio.file.Files;
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
    description = {
      "Train a network and save it in a directory under runs/.",
      "Without options: a small DenseNet-BC on the embedded sample of Fashion-MNIST, in about a"
          + " minute."
    },
    footer = {
      "",
      "Examples:",
      "  densenet train --epochs 3",
      "  densenet train --arch d2l --data fashion-mnist --batch 128 --lr 0.01 --schedule constant",
      "  densenet train --arch cifar-bc-100-12 --data DIR --epochs 300 --lr 0.1 --schedule step",
      "Files: best.safetensors, last.safetensors, history.csv. Ctrl-C ends the run and saves first."
    })
final class TrainCommand implements Callable<Integer> {
  /** A network that learns the sample well in a minute on two cores. */
  private static final DenseNetConfig SMALL =
      new DenseNetConfig(
          12,
          List.of(4, 4, 4),
          24,
          4,
          0.5,
          StemType.CIFAR,
          false,
          1,
          10,
          0,
          1e-5,
          0.1,
          Initialisation.KAIMING);

  @Spec private CommandSpec spec;
  @Mixin private NetworkOptions network;
  @Mixin private DataOptions data;
  @Mixin private LoadingOptions reading;

  @Option(
      names = "--epochs",
      defaultValue = "6",
      description = "Times that every picture is seen. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--batch",
      defaultValue = "64",
      description = "Pictures of a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--lr",
      defaultValue = "0.1",
      description = "Learning rate. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--momentum",
      defaultValue = "0.9",
      description = "Nesterov momentum. Default: ${DEFAULT-VALUE}.")
  private double momentum;

  @Option(
      names = "--weight-decay",
      defaultValue = "1e-4",
      description = "Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--schedule",
      defaultValue = "cosine",
      description =
          "step (/10 at 50 %% and 75 %% of the epochs), cosine or constant. Default:"
              + " ${DEFAULT-VALUE}.")
  private Schedule schedule;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of everything random. Default: ${DEFAULT-VALUE}.")
  private long seed;

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
    TrainOptions options = options();
    Loading loading = reading.loading();
    PrintWriter log = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
    DataScan scan = data.scan(data.open(), log);
    DataSplit split = data.split(scan.clean(), seed);
    DenseNetConfig start =
        SMALL.withChannels(split.train().channels()).withClasses(split.train().classNames().size());
    DenseNetConfig config = network.config(start);
    if (network.arch != null) {
      config = fit(config, split);
    }
    requireMatch(config, split);
    boolean asTheyAre = network.arch == null && split.train().height() > 0;
    int usual = config.usualSize();
    int[] size =
        network.size(
            asTheyAre ? split.train().height() : usual, asTheyAre ? split.train().width() : usual);
    NetworkOptions.requireSize(config, size);
    InputTransform input = InputTransform.plain(config.channels(), size[0], size[1]);
    Path directory =
        out == null
            ? Path.of(
                "runs", LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")))
            : out;
    try (Engine.Resources engine = Engine.open(threads)) {
      if (!scan.isClean()) {
        Files.createDirectories(directory);
        Files.write(directory.resolve("skipped.txt"), scan.lines());
      }
      return train(config, split, input, options, loading, directory, engine.engine(), log);
    }
  }

  private TrainOptions options() {
    try {
      return new TrainOptions(
          epochs,
          batch,
          learningRate,
          momentum,
          weightDecay,
          schedule,
          seed,
          network.memoryEfficient);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** A named network takes the data's channels and classes, unless the user said otherwise. */
  private DenseNetConfig fit(DenseNetConfig config, DataSplit split) {
    DenseNetConfig fitted =
        network.channels == null ? config.withChannels(split.train().channels()) : config;
    return network.classes == null ? fitted.withClasses(split.train().classNames().size()) : fitted;
  }

  private static void requireMatch(DenseNetConfig config, DataSplit split) {
    if (config.classes() != split.train().classNames().size()) {
      throw new UsageException(
          "The network has %d classes, %s has %d: leave --classes out."
              .formatted(
                  config.classes(), split.train().name(), split.train().classNames().size()));
    }
  }

  private int train(
      DenseNetConfig config,
      DataSplit split,
      InputTransform input,
      TrainOptions options,
      Loading loading,
      Path directory,
      Engine engine,
      PrintWriter log)
      throws Exception {
    long bytes =
        Trainer.bytes(
            config, input, Math.min(batch, split.train().size()), options.recompute(), engine);
    Summary summary = Summary.of(config, input.height(), input.width());
    log.printf(
        "%s: %,d parameters, %,d MACs a picture of %d x %d%n",
        network.arch == null ? "DenseNet" : network.arch,
        summary.parameters(),
        summary.macs(),
        input.height(),
        input.width());
    log.printf(
        "%s: %,d training and %,d validation pictures, %d classes%n",
        split.train().name(),
        split.train().size(),
        split.test().size(),
        split.train().classNames().size());
    log.printf(
        "memory: %,d MiB for training, of %,d MiB heap; kernels: %s; threads: %d%n",
        bytes >> 20,
        Runtime.getRuntime().maxMemory() >> 20,
        engine.kernels().description(),
        engine.team().threads());
    log.flush();
    Trainer.requireMemory(bytes);
    DenseNet net = new DenseNet(config, Weights.initialise(config, seed), engine);
    try (TrainProgress progress =
        new TrainProgress(log, epochs, json ? spec.commandLine().getOut() : null)) {
      Trainer trainer =
          new Trainer(net, split, input, options, directory, progress).withLoading(loading);
      EpochResult result = runUntilStopped(trainer, log);
      if (trainer.isStopped()) {
        return 1;
      }
      Path best = directory.resolve("best.safetensors");
      log.printf(
          "best test top-1 %.4f, last %.4f%nmodel: %s%ntry:   densenet predict --model %s"
              + " FILE.png%n",
          progress.bestTop1(), result.validation().top1(), best, best);
      log.flush();
      return 0;
    }
  }

  /** SIGINT and SIGTERM stop the trainer, and the JVM waits until it has saved. */
  private static EpochResult runUntilStopped(Trainer trainer, PrintWriter log) throws Exception {
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
      EpochResult result = trainer.run();
      if (trainer.isStopped()) {
        log.println();
        log.println("stopped: the last model is saved");
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
