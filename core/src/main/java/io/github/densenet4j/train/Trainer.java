package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.AtomicFile;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
  /** Of the heap, what training may plan to take before bottlenecks are recomputed. */
  private static final double COMFORTABLE = 0.8;

  /** Of what the heap leaves, how much the cache of pictures may take. */
  private static final double CACHE_SHARE = 0.8;

  /** Validation pictures that are supposed where nothing is known of them: many. */
  private static final int EVALUATED = 10_000;

  private static final String START = "start.safetensors";
  private static final String LAST = "last.safetensors";

  private final DenseNet net;
  private final DataSplit data;
  private final Recipe recipe;
  private final Path directory;
  private final RunFiles files;
  private final Map<String, String> about = new LinkedHashMap<>();
  private final Map<String, AtomicFile.Content> beside = new LinkedHashMap<>();
  private TrainListener listener = new TrainListener() {};
  private Loading loading = new Loading(0, 0);
  private long checkpointNanos = 300_000_000_000L;
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
    this.directory = directory;
    this.files = new RunFiles(directory);
    int classes = data.train().classNames().size();
    if (classes != net.config().classes()) {
      throw new IllegalArgumentException(
          "The network has %d classes, %s has %d."
              .formatted(net.config().classes(), data.train().name(), classes));
    }
    requireLearning();
    recipe.values().forEach((key, value) -> about.put("recipe." + key, value));
    about.put("kernels", net.engine().kernels().description());
    about.put("training pictures", Integer.toString(data.train().size()));
    about.put("validation pictures", Integer.toString(data.test().size()));
    about.put("data", Fingerprint.of(data));
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
    if (!(minutes >= 0 && minutes < 1e6)) {
      throw new IllegalArgumentException(
          "checkpoint-minutes is " + minutes + ": it must be at least 0.");
    }
    checkpointNanos = (long) (minutes * 60e9);
    return this;
  }

  /** Something else to keep with the run: where its pictures came from, for instance. */
  public Trainer withNote(String key, String value) {
    about.put(key, value);
    return this;
  }

  /** A file to keep in the run's directory. */
  public Trainer withFile(String name, AtomicFile.Content content) {
    beside.put(name, content);
    return this;
  }

  /**
   * What is kept with the run in a directory, by its newest checkpoint: the recipe's values behind
   * {@code recipe.}, the notes of {@link #withNote}.
   *
   * @throws TrainingException if there is no run
   */
  public static Map<String, String> about(Path directory) throws IOException {
    return new RunFiles(directory).newest(note -> {}).about();
  }

  /** The model that the run in a directory began with, for {@link #resume}. */
  public static Model start(Path directory) throws IOException {
    return ModelFile.load(directory.resolve(START), LoadOptions.strict());
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

  private int together() {
    return Math.min(recipe.together(), data.train().size());
  }

  private TrainingMemory memory() {
    return new TrainingMemory(
        net.config(),
        net.model().input(),
        recipe,
        data.train().size(),
        data.test().size(),
        net.engine());
  }

  private boolean recomputes() {
    return switch (recipe.memory()) {
      case FAST -> false;
      case LOW -> true;
      case AUTO -> memory().bytes(false) + data.bytes() > comfortable();
    };
  }

  /** Arrays are decoded already and are not kept twice; what the heap has no room for neither. */
  private long cacheBytes() {
    long room = Runtime.getRuntime().maxMemory() - memory().bytes(recomputes()) - data.bytes();
    return data.train().isDecoded()
        ? 0
        : Math.clamp((long) (CACHE_SHARE * room), 0, loading.cacheBytes());
  }

  private static long comfortable() {
    return (long) (COMFORTABLE * Runtime.getRuntime().maxMemory());
  }

  /** Bytes of the heap that this run needs at its peak, with its data and the whole cache. */
  public long bytes() {
    long bytes =
        keepsFeatures() && featureBytes() <= heapForFeatures()
            ? memory().bytesWithFeatures(recomputes())
            : memory().bytes(recomputes());
    return bytes + data.bytes() + cacheBytes();
  }

  /**
   * What the frozen first parts make of a picture is the same in every epoch if pictures are not
   * changed: then it is computed once.
   */
  private boolean keepsFeatures() {
    return memory().frozenParts() > 0 && recipe.augment().isNone() && recipe.epochs() > 1;
  }

  private long featureBytes() {
    return FeatureStore.bytes(data.train().size(), memory().features());
  }

  private long heapForFeatures() {
    long others = memory().bytesWithFeatures(recomputes()) - featureBytes();
    return comfortable() - others - data.bytes() - cacheBytes();
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
    if (!files.list().isEmpty()) {
      throw new TrainingException(
          "%s holds a run already: go on with --resume %s, or choose another --out."
              .formatted(directory, directory));
    }
    return run(null);
  }

  /**
   * Goes on from the newest checkpoint of the directory that is whole; the final weights are, bit
   * for bit, those of a run that was never interrupted.
   *
   * @throws TrainingException if there is none, or it belongs to another recipe or other pictures
   */
  public EpochResult resume() throws IOException {
    RunFiles.Saved saved = files.newest(listener::note);
    for (Map.Entry<String, String> entry : saved.about().entrySet()) {
      String now = about.get(entry.getKey());
      boolean matters = entry.getKey().startsWith("recipe.") || entry.getKey().equals("data");
      if (matters && !entry.getValue().equals(now)) {
        throw new TrainingException(
            "%s was begun with %s = %s, now it is %s: a run goes on only as it began."
                .formatted(directory, entry.getKey(), entry.getValue(), now));
      }
      if (entry.getKey().equals("kernels") && !entry.getValue().equals(now)) {
        listener.note(
            "The run was begun with kernels %s, these are %s: it goes on, but not to the same last bit."
                .formatted(entry.getValue(), now));
      }
    }
    return run(saved);
  }

  private EpochResult run(RunFiles.Saved saved) throws IOException {
    requireUsableLastBatch();
    if (!data.train().isDecoded() && cacheBytes() < loading.cacheBytes()) {
      listener.note(
          "The heap has room for %,d MiB of the cache's %,d."
              .formatted(cacheBytes() >> 20, loading.cacheBytes() >> 20));
    }
    Loss measure = recipe.measure(data.train());
    try (Workers workers = new Workers(loading.workers())) {
      TrainingStep step = new TrainingStep(net, data.train(), recipe, measure, options());
      RunState state = saved == null ? new RunState() : saved.restore(step.parts());
      if (saved == null) {
        begin(state, step.parts());
      }
      try (FeatureStore kept = keepFeatures(step, state, workers)) {
        return new Epochs(step, state, workers, kept).run();
      }
    }
  }

  private PassOptions options() {
    return memory().options(recomputes());
  }

  /**
   * Computes features that are of use more than once; null if they are not, or there is no room.
   */
  private FeatureStore keepFeatures(TrainingStep step, RunState state, Workers workers)
      throws IOException {
    if (!keepsFeatures()
        || recipe.epochs() - state.epoch < 2
        || state.isExhausted(recipe.patience())) {
      return null;
    }
    KeptFeatures.Room room =
        featureRoom != null
            ? featureRoom
            : new KeptFeatures.Room(heapForFeatures(), KeptFeatures.disk(directory));
    FeatureStore kept =
        new KeptFeatures(
                step.frozen(),
                data.train(),
                net.model().input(),
                workers,
                this::isStopped,
                listener::note)
            .compute(room, directory);
    if (kept != null) {
      step.featuresCome();
    }
    return kept;
  }

  /** The first files, so that whether the directory can be written to is said now. */
  private void begin(RunState state, RunState.Parts parts) throws IOException {
    try {
      Files.createDirectories(directory);
      ModelFile.save(directory.resolve(START), model(net.weights()));
      files.about(about);
      for (Map.Entry<String, AtomicFile.Content> file : beside.entrySet()) {
        AtomicFile.write(directory.resolve(file.getKey()), file.getValue());
      }
      files.history(List.of());
      files.save(state, parts, about);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be written to (%s): choose another --out.".formatted(directory, reason(e)), e);
    }
  }

  /** The epochs of one run, from where it stands. */
  private final class Epochs {
    private final TrainingStep step;
    private final RunState state;
    private final InputTransform input = net.model().input();
    private final Loader training;
    private final Loader validating;
    private final DenseNet judged;
    private long saved = System.nanoTime();

    Epochs(TrainingStep step, RunState state, Workers workers, FeatureStore kept) {
      this.step = step;
      this.state = state;
      int floats = input.channels() * input.height() * input.width();
      this.training =
          kept == null
              ? new Loader(
                  Source.of(
                      new PictureCache(data.train(), cacheBytes()),
                      recipe.augment().preparation(input)),
                  data.train(),
                  floats,
                  together(),
                  workers)
              : new Loader(kept, data.train(), kept.floats(), together(), workers);
      this.validating =
          new Loader(
              Source.of(new PictureCache(data.test(), 0), Preparation.plain(input)),
              data.test(),
              floats,
              Evaluation.batch(input),
              workers);
      this.judged =
          step.parts().average() == null
              ? net
              : new DenseNet(model(step.parts().average().weights()), net.engine());
    }

    EpochResult run() throws IOException {
      while (state.epoch < recipe.epochs() && !stopped && !state.isExhausted(recipe.patience())) {
        long start = System.nanoTime();
        int before = state.done;
        train();
        if (stopped) {
          break;
        }
        finishEpoch(start, state.done - before);
      }
      if (stopped) {
        write(() -> files.save(state, step.parts(), about));
        write(() -> ModelFile.save(directory.resolve(LAST), model(net.weights())));
      } else if (state.epoch < recipe.epochs()) {
        listener.note(
            "no better model for %d epochs: training ends early".formatted(recipe.patience()));
      }
      return state.history.isEmpty() ? null : state.history.getLast();
    }

    private void train() throws IOException {
      int steps = step.steps();
      training.begin(step.walk(state.epoch, state.step));
      while (state.step < steps && !stopped) {
        step.run(state, training);
        listener.step(
            state.epoch + 1,
            state.done,
            data.train().size(),
            state.loss / state.done,
            (double) state.hits / state.done);
        if (System.nanoTime() - saved > checkpointNanos && state.step < steps) {
          checkpoint();
        }
      }
      training.end();
    }

    private void finishEpoch(long start, int pictures) throws IOException {
      double trainSeconds = (System.nanoTime() - start) * 1e-9;
      Evaluation validation =
          Evaluation.of(
              judged, validating, data.test().size(), input, step.plainMeasure(), listener);
      EpochResult result =
          new EpochResult(
              state.epoch + 1,
              step.rate(state, state.step - 1),
              state.loss / state.done,
              (double) state.hits / state.done,
              validation,
              pictures / trainSeconds,
              training.waitSeconds(),
              (System.nanoTime() - start) * 1e-9);
      state.history.add(result);
      state.nextEpoch();
      write(() -> ModelFile.save(directory.resolve(LAST), model(net.weights())));
      if (state.bestEpoch() == state.history.size() - 1) {
        write(() -> ModelFile.save(directory.resolve("best.safetensors"), judgedModel()));
      }
      write(() -> files.history(state.history));
      write(() -> files.save(state, step.parts(), about));
      saved = System.nanoTime();
      listener.epoch(result);
    }

    private Model judgedModel() {
      return step.parts().average() == null
          ? model(net.weights())
          : model(step.parts().average().weights());
    }

    /** What a run cannot do without. */
    private void write(Writing what) throws IOException {
      try {
        what.run();
      } catch (IOException e) {
        throw new IOException(
            "%s could not be written to (%s). The run is safe up to its last checkpoint: make room or repair the disk, then go on with --resume %s."
                .formatted(directory, reason(e), directory),
            e);
      }
    }

    /** A checkpoint that cannot be written costs safety, not the run: the next one may succeed. */
    private void checkpoint() {
      saved = System.nanoTime();
      try {
        files.save(state, step.parts(), about);
      } catch (IOException e) {
        listener.note(
            "The checkpoint could not be written (%s). Training goes on; make room or repair the disk, the next attempt follows."
                .formatted(reason(e)));
      }
    }
  }

  /** Something that may fail. */
  private interface Writing {
    void run() throws IOException;
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException ? e.toString() : e.getMessage();
  }

  private Model model(Weights weights) {
    return new Model(
        net.config(),
        weights,
        data.train().classNames(),
        net.model().input(),
        data.train().multiLabel() ? OutputTransform.sigmoid(List.of()) : OutputTransform.softmax());
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
