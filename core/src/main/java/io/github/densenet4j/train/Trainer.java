package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Randomness.Purpose;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The training loop: shuffle, forward, loss, backward, update; after each epoch validate, save the
 * last and the best model, and add a line to {@code history.csv}.
 */
public final class Trainer {
  private final DenseNet net;
  private final DataSplit data;
  private final InputTransform input;
  private final TrainOptions options;
  private final Path directory;
  private final TrainListener listener;
  private Loading loading = new Loading(0, 0);
  private volatile boolean stopped;

  /** A run that writes to a directory. */
  public Trainer(
      DenseNet net,
      DataSplit data,
      InputTransform input,
      TrainOptions options,
      Path directory,
      TrainListener listener) {
    this.net = net;
    this.data = data;
    this.input = input;
    this.options = options;
    this.directory = directory;
    this.listener = listener;
  }

  /** How pictures are read. */
  public Trainer withLoading(Loading value) {
    loading = value;
    return this;
  }

  /**
   * Bytes that training needs: activations, gradients, weights, optimiser, the copies for
   * validation, batches.
   */
  public static long bytes(
      DenseNetConfig config, InputTransform input, int batch, boolean recompute, Engine engine) {
    int h = input.height();
    int w = input.width();
    long activations =
        Pass.bytes(config, PassOptions.training(batch, h, w).withRecompute(recompute), engine);
    Layout layout = Layout.of(config);
    long weights = 4L * (2L * layout.parameters() + layout.statistics());
    int floats = Math.multiplyExact(config.channels(), Math.multiplyExact(h, w));
    long pictures =
        Loader.bytes(batch, floats, config.classes())
            + Loader.bytes(Evaluation.batch(input), floats, config.classes());
    return activations + weights + pictures;
  }

  /**
   * Refuses what cannot fit.
   *
   * @throws TrainingException with the numbers and what would help
   */
  public static void requireMemory(long bytes) {
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > heap * 0.95) {
      throw new TrainingException(
          ("Training needs %,d MiB and the Java heap is at most %,d MiB. Use a smaller --batch or"
                  + " --size, --memory-efficient, or a larger heap: DENSENET_JAVA_OPTS=-Xmx%dg.")
              .formatted(bytes >> 20, heap >> 20, (bytes >> 30) + 2));
    }
  }

  /**
   * Asks the run to end after the present step; the last model is saved. Any thread may call it.
   */
  public void stop() {
    stopped = true;
  }

  /**
   * Trains to the end, or until it is stopped.
   *
   * @return the last epoch's result; null if it was stopped before the first epoch's end
   * @throws TrainingException if the loss is not finite
   * @throws IOException if a file cannot be written
   */
  public EpochResult run() throws IOException {
    try (Workers workers = new Workers(loading.workers())) {
      return run(workers);
    }
  }

  private EpochResult run(Workers workers) throws IOException {
    Files.createDirectories(directory);
    Path history = directory.resolve("history.csv");
    Files.writeString(history, EpochResult.HEADER + "\n");
    Sgd optimiser =
        new Sgd(
            net.weights(), net.engine().team(), options.momentum(), options.weightDecay(), true);
    int batch = Math.min(options.batch(), data.train().size());
    Pass pass =
        net.pass(
            PassOptions.training(batch, input.height(), input.width())
                .withRecompute(options.recompute()));
    Loader training = loader(data.train(), loading.cacheBytes(), batch, workers);
    Loader validating = loader(data.test(), 0, Evaluation.batch(input), workers);
    requireUsableLastBatch(batch);
    EpochResult result = null;
    double best = -1;
    for (int epoch = 0; epoch < options.epochs() && !stopped; epoch++) {
      long start = System.nanoTime();
      Progress progress = trainEpoch(epoch, pass, optimiser, training, batch);
      double trainSeconds = (System.nanoTime() - start) * 1e-9;
      if (stopped) {
        break;
      }
      Evaluation validation =
          Evaluation.of(
              net, validating, data.test().size(), input, Loss.usual(data.test().multiLabel()));
      double seconds = (System.nanoTime() - start) * 1e-9;
      result =
          new EpochResult(
              epoch + 1,
              progress.learningRate,
              progress.loss / progress.done,
              (double) progress.hits / progress.done,
              validation,
              progress.done / trainSeconds,
              training.waitSeconds(),
              seconds);
      save("last.safetensors");
      if (validation.top1() > best) {
        best = validation.top1();
        save("best.safetensors");
      }
      Files.writeString(history, result.csv() + "\n", StandardOpenOption.APPEND);
      listener.epoch(result);
    }
    if (stopped) {
      save("last.safetensors");
    }
    return result;
  }

  private Loader loader(Dataset set, long cacheBytes, int batch, Workers workers) {
    int floats = input.channels() * input.height() * input.width();
    PictureCache cache = new PictureCache(set, cacheBytes);
    return new Loader(cache, set, Preparation.plain(input), floats, batch, workers);
  }

  /**
   * A last batch of one picture whose maps end in one pixel has no batch statistics: said now, not
   * after an epoch.
   */
  private void requireUsableLastBatch(int batch) {
    int last = data.train().size() % batch;
    int transitions = net.config().blocks().size() - 1;
    int h = net.config().sideAfterStem(input.height()) >> transitions;
    int w = net.config().sideAfterStem(input.width()) >> transitions;
    if ((last == 1 || batch == 1) && h * w == 1) {
      throw new TrainingException(
          "With --batch %d the last batch of an epoch has 1 picture, whose maps end in 1 pixel: batch statistics of one value are undefined. Use another --batch or a larger --size."
              .formatted(batch));
    }
  }

  /** Whether {@link #stop()} was called. */
  public boolean isStopped() {
    return stopped;
  }

  private void save(String name) throws IOException {
    ModelFile.save(
        directory.resolve(name),
        new Model(
            net.config(),
            net.weights(),
            data.train().classNames(),
            input,
            data.train().multiLabel()
                ? OutputTransform.sigmoid(List.of())
                : OutputTransform.softmax()));
  }

  private static final class Progress {
    double loss;
    int hits;
    int done;
    double learningRate;
  }

  private Progress trainEpoch(int epoch, Pass pass, Sgd optimiser, Loader loader, int batch)
      throws IOException {
    int size = data.train().size();
    int classes = net.config().classes();
    int steps = (size + batch - 1) / batch;
    Loss measure = Loss.usual(data.train().multiLabel());
    int[] order =
        Randomness.permutation(Randomness.key(options.seed(), epoch, 0, Purpose.SHUFFLE), size);
    float[] dlogits = new float[batch * classes];
    long[] keys = net.config().dropRate() > 0 ? new long[batch] : null;
    Progress progress = new Progress();
    loader.begin(new Loader.Walk(order, i -> 0, batch, 0, BatchChange.NONE));
    for (int step = 0; step < steps && !stopped; step++) {
      Batch b = loader.next();
      if (keys != null) {
        for (int i = 0; i < b.n; i++) {
          keys[i] = Randomness.key(options.seed(), epoch, order[b.first + i], Purpose.DROPOUT);
        }
      }
      progress.learningRate =
          options.learningRate() * options.schedule().factor(epoch, step, steps, options.epochs());
      pass.beginStep();
      float[] logits = pass.forward(b.images, b.n, keys);
      double total = measure.weight(b.targets, b.n, classes);
      double loss = measure.sum(logits, b.targets, b.n, classes, total, dlogits);
      requireFinite(loss / total, epoch, step, progress.learningRate);
      pass.backward(dlogits);
      pass.endStep();
      optimiser.step(pass.gradients(), progress.learningRate);
      progress.loss += loss / total * b.n;
      progress.hits += b.hits(logits, 1);
      progress.done += b.n;
      listener.step(
          epoch + 1,
          progress.done,
          size,
          progress.loss / progress.done,
          (double) progress.hits / progress.done);
    }
    loader.end();
    return progress;
  }

  private static void requireFinite(double loss, int epoch, int step, double learningRate) {
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "The loss is %s in epoch %d, step %d, at learning rate %s: training diverged. Try a smaller --lr, or look for broken pictures."
              .formatted(loss, epoch + 1, step + 1, learningRate));
    }
  }
}
