package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Pass;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.AtomicFile;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A training run: epochs of steps, validation behind each, and files in a directory: {@code
 * best.safetensors} and {@code last.safetensors}, {@code history.csv}, {@code run.txt} with every
 * value of the recipe, and {@code checkpoints/}, from which {@link #resume} goes on as if nothing
 * had happened.
 *
 * <pre>{@code
 * EpochResult last =
 *     new Trainer(net, split, Recipe.named("finetune").with("epochs", 5), Path.of("runs/leaves"))
 *         .withListener(listener)
 *         .run();
 * }</pre>
 */
public final class Trainer {
  /** Validation pictures that are supposed where nothing is known of them: many. */
  private static final int EVALUATED = 10_000;

  private final DenseNet net;
  private final DataSplit data;
  private final Recipe recipe;
  private final RunDirectory directory;
  private TrainListener listener = new TrainListener() {};
  private Loading loading = new Loading(0, 0);
  private KeptFeatures.Room featureRoom; // null: what there is
  private volatile boolean stopped;

  /**
   * A run that writes to a directory.
   *
   * @param net whose weights are trained; its model says how pictures are prepared
   * @param data to learn from and to validate with
   * @throws IllegalArgumentException if they do not fit
   */
  public Trainer(DenseNet net, DataSplit data, Recipe recipe, Path directory) {
    this.net = net;
    this.data = data;
    this.recipe = recipe;
    this.directory = new RunDirectory(directory);
    int classes = data.train().classNames().size();
    if (classes != net.config().classes()) {
      throw new IllegalArgumentException(
          "The network has %d classes, %s has %d."
              .formatted(net.config().classes(), data.train().name(), classes));
    }
    requireLearning();
    recipe.values().forEach((key, value) -> withNote("recipe." + key, value));
    withNote("kernels", net.engine().kernels().description());
    withNote("training pictures", Integer.toString(data.train().size()));
    withNote("validation pictures", Integer.toString(data.test().size()));
    withNote("data", Fingerprint.of(data));
  }

  private void requireLearning() {
    List<String> parts = Pass.parts(net.config());
    recipe.freeze().requireIn(parts);
    if (parts.stream().allMatch(recipe.freeze()::contains)) {
      throw new IllegalArgumentException("freeze is " + recipe.freeze() + ": nothing would learn.");
    }
  }

  /** What is trained, with the weights as they are now and the output that the labels ask for. */
  public Model model() {
    return model(net.weights());
  }

  /** What it learns from and validates with. */
  public DataSplit data() {
    return data;
  }

  Recipe recipe() {
    return recipe;
  }

  RunDirectory directory() {
    return directory;
  }

  TrainListener listener() {
    return listener;
  }

  /** Who is told how it goes on. */
  public Trainer withListener(TrainListener value) {
    listener = value;
    return this;
  }

  /** How pictures are read. */
  public Trainer withLoading(Loading value) {
    loading = value;
    return this;
  }

  /** How much room the features of frozen parts may take; what there is unless said otherwise. */
  Trainer withFeatureRoom(KeptFeatures.Room value) {
    featureRoom = value;
    return this;
  }

  /** Minutes between checkpoints within an epoch; 5 unless said otherwise. */
  public Trainer withCheckpointMinutes(double minutes) {
    directory.checkpointMinutes(minutes);
    return this;
  }

  /** Something else to keep with the run: where its pictures came from, for instance. */
  public Trainer withNote(String key, String value) {
    directory.note(key, value);
    return this;
  }

  /** A file to keep in the run's directory. */
  public Trainer withFile(String name, AtomicFile.Content content) {
    directory.file(name, content);
    return this;
  }

  /**
   * What is kept with the run in a directory, by its newest checkpoint: the recipe's values behind
   * {@code recipe.}, the notes of {@link #withNote}.
   *
   * @throws TrainingException if there is no run
   */
  public static Map<String, String> about(Path directory) throws IOException {
    return new Checkpoints(directory).newest(note -> {}).about();
  }

  /** The model that the run in a directory began with, for {@link #resume}. */
  public static Model start(Path directory) throws IOException {
    return new RunDirectory(directory).start();
  }

  // ---- memory

  /**
   * Bytes that training needs: activations, gradients, weights, optimiser, batches, validation's
   * copies.
   */
  public static long bytes(
      DenseNetConfig config, InputTransform input, int batch, boolean recompute, Engine engine) {
    Recipe recipe = Recipe.named("default").with("batch", batch);
    return new TrainingMemory(config, input, recipe, batch, EVALUATED, engine).bytes(recompute);
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
                  + " --size, --memory low, or a larger heap: DENSENET_JAVA_OPTS=-Xmx%dg.")
              .formatted(bytes >> 20, heap >> 20, (bytes >> 30) + 2));
    }
  }

  private HeapPlan heap() {
    TrainingMemory memory =
        new TrainingMemory(
            net.config(),
            net.model().input(),
            recipe,
            data.train().size(),
            data.test().size(),
            net.engine());
    return new HeapPlan(memory, recipe, data, loading.cacheBytes());
  }

  /** Bytes of the heap that this run needs at its peak, with its data and the whole cache. */
  public long bytes() {
    return heap().bytes();
  }

  // ---- running

  /**
   * Asks the run to end after the present step; a checkpoint and the last model are saved. Any
   * thread may call it.
   */
  public void stop() {
    stopped = true;
  }

  /** Whether {@link #stop()} was called. */
  public boolean isStopped() {
    return stopped;
  }

  /**
   * Trains from the beginning to the end, or until it is stopped.
   *
   * @return the last epoch's result; null if it was stopped before the first epoch's end
   * @throws TrainingException if the loss is not finite, or the directory holds a run already
   * @throws IOException if a picture cannot be read or the directory cannot be written to
   */
  public EpochResult run() throws IOException {
    directory.requireFresh();
    return run(null);
  }

  /**
   * Goes on from the newest checkpoint of the directory that is whole; the final weights are, bit
   * for bit, those of a run that was never interrupted.
   *
   * @throws TrainingException if there is none, or it belongs to another recipe or other pictures
   */
  public EpochResult resume() throws IOException {
    return run(directory.newest(listener::note));
  }

  private EpochResult run(Checkpoints.Saved saved) throws IOException {
    requireUsableLastBatch();
    HeapPlan heap = heap();
    if (heap.shortensCache()) {
      listener.note(
          "The heap has room for %,d MiB of the cache's %,d."
              .formatted(heap.cacheLimit() >> 20, loading.cacheBytes() >> 20));
    }
    Loss measure = recipe.measure(data.train());
    try (Workers workers = new Workers(loading.workers())) {
      TrainingStep step = new TrainingStep(net, data.train(), recipe, measure, heap.options());
      RunState state = saved == null ? new RunState() : saved.restore(step.parts());
      if (saved == null) {
        directory.begin(model(), state, step.parts());
      }
      try (FeatureStore kept = keepFeatures(step, state, workers, heap)) {
        Source source =
            kept != null
                ? kept
                : Source.of(
                    new PictureCache(data.train(), heap.cacheLimit()),
                    recipe.augment().preparation(net.model().input()));
        int floats = kept != null ? kept.floats() : pixels();
        Loader training = new Loader(source, data.train(), floats, together(), workers);
        DenseNet judged = new DenseNet(model(step.parts().judged()), net.engine());
        return new Epochs(this, step, state, training, judged, validating(workers)).run();
      }
    }
  }

  /**
   * The features of the frozen parts, if they are of use more than once; null if they are not, or
   * there is no room.
   */
  private FeatureStore keepFeatures(
      TrainingStep step, RunState state, Workers workers, HeapPlan heap) throws IOException {
    boolean useful = recipe.epochs() - state.epoch > 1 && !state.isExhausted(recipe.patience());
    if (!heap.keepsFeatures() || !useful) {
      return null;
    }
    KeptFeatures features =
        new KeptFeatures(step, data.train(), workers, this::isStopped, listener::note);
    return features.compute(
        featureRoom != null ? featureRoom : KeptFeatures.room(heap, directory.path()),
        directory.path());
  }

  private Loader validating(Workers workers) {
    InputTransform input = net.model().input();
    Source plain = Source.of(new PictureCache(data.test(), 0), Preparation.plain(input));
    return new Loader(plain, data.test(), pixels(), Evaluation.batch(input), workers);
  }

  private Model model(Weights weights) {
    return new Model(
        net.config(),
        weights,
        data.train().classNames(),
        net.model().input(),
        data.train().multiLabel() ? OutputTransform.sigmoid(List.of()) : OutputTransform.softmax());
  }

  private int together() {
    return Math.min(recipe.together(), data.train().size());
  }

  private int pixels() {
    InputTransform input = net.model().input();
    return input.channels() * input.height() * input.width();
  }

  /**
   * A last batch of one picture whose maps end in one pixel has no batch statistics: said now, not
   * after an epoch.
   */
  private void requireUsableLastBatch() {
    InputTransform input = net.model().input();
    int last = data.train().size() % together();
    int transitions = net.config().blocks().size() - 1;
    int h = net.config().sideAfterStem(input.height()) >> transitions;
    int w = net.config().sideAfterStem(input.width()) >> transitions;
    if ((last == 1 || together() == 1) && h * w == 1 && !recipe.freezeStatistics()) {
      throw new TrainingException(
          "With --batch %d the last batch of an epoch has 1 picture, whose maps end in 1 pixel: batch statistics of one value are undefined. Use another --batch or a larger --size."
              .formatted(together()));
    }
  }
}
