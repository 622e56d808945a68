package io.github.densenet4j;

import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import io.github.densenet4j.weights.WeightsException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A DenseNet (Huang et al., "Densely Connected Convolutional Networks", CVPR 2017): a model and
 * what computes it.
 *
 * <pre>{@code
 * DenseNet net = DenseNet.load(Path.of("densenet121.pth"));
 * Prediction best = net.classify(Path.of("cat.jpg")).best();
 * System.out.println(best.label() + " " + best.probability());
 * }</pre>
 *
 * <p>All methods may be called by many threads at once; there is nothing to close. Training goes
 * through a {@link Pass}.
 */
public final class DenseNet {
  /**
   * Pixels of pictures that go through the network together: so many that threads seldom wait for
   * each other, in 7 MB of memory a picture of 224 x 224 pixels (densenet121).
   */
  private static final int CHUNK_PIXELS = 16 * 224 * 224;

  /** Pictures that are prepared together. */
  private static final int BATCH = 16;

  private final Model model;
  private final Engine engine;
  private final Pass[] inference = new Pass[2];
  private Pass looking;
  private String lookingFor = "";
  private float[] chunk = new float[0];

  /** A network that classifies pictures. */
  public DenseNet(Model model, Engine engine) {
    this.model = Objects.requireNonNull(model, "model");
    this.engine = Objects.requireNonNull(engine, "engine");
    int expected = Layout.of(model.config()).parameters();
    int found = model.weights().parameters().length;
    if (expected != found) {
      throw new IllegalArgumentException(
          "The weights hold %,d parameters, the network has %,d: they belong to another network."
              .formatted(found, expected));
    }
  }

  /**
   * A network of bare weights; pictures are resized to its usual size and divided by 255.
   *
   * @throws IllegalArgumentException if the weights belong to another network
   */
  public DenseNet(DenseNetConfig config, Weights weights, Engine engine) {
    this(
        new Model(
            config,
            weights,
            List.of(),
            InputTransform.plain(config.channels(), config.usualSize(), config.usualSize())),
        engine);
  }

  /**
   * Loads a model of any kind that can be read (safetensors, PyTorch, Keras, ONNX), on all
   * processors of this machine.
   *
   * @throws WeightsException if the file is damaged or holds no DenseNet, naming what is wrong
   * @throws IOException if it cannot be read
   */
  public static DenseNet load(Path file) throws IOException {
    return load(file, LoadOptions.strict(), Engine.create());
  }

  /**
   * Loads a model.
   *
   * @param options what may differ from what the file says
   * @throws WeightsException if the file is damaged or does not fit, naming what is wrong
   * @throws IOException if it cannot be read
   */
  public static DenseNet load(Path file, LoadOptions options, Engine engine) throws IOException {
    return new DenseNet(ModelFile.load(file, options), engine);
  }

  /** The network, its weights, class names, and how pictures are prepared. */
  public Model model() {
    return model;
  }

  /** The description. */
  public DenseNetConfig config() {
    return model.config();
  }

  /** The weights themselves. */
  public Weights weights() {
    return model.weights();
  }

  /** What computes. */
  public Engine engine() {
    return engine;
  }

  /** A pass of its own, for training or for looking inside; allocates its memory. */
  public Pass pass(PassOptions options) {
    return Pass.create(config(), weights(), engine, options, false);
  }

  // ---- pictures

  /**
   * What a picture file shows.
   *
   * @throws io.github.densenet4j.data.DataException if it cannot be decoded
   */
  public Classification classify(Path file) throws IOException {
    return classify(Picture.read(file));
  }

  /**
   * What a picture in a stream shows; the stream is read to its end.
   *
   * @throws io.github.densenet4j.data.DataException if it cannot be decoded
   */
  public Classification classify(InputStream in) throws IOException {
    return classify(Picture.read(in, "the stream"));
  }

  /** What an image in memory shows. */
  public Classification classify(BufferedImage image) {
    return classify(Picture.of(image));
  }

  /** What a picture shows. */
  public Classification classify(Picture picture) {
    return classify(List.of(picture)).getFirst();
  }

  /** What pictures of any sizes show, in their order. */
  public List<Classification> classify(List<Picture> pictures) {
    int classes = config().classes();
    List<Classification> out = new ArrayList<>();
    for (int first = 0; first < pictures.size(); first += BATCH) {
      List<Picture> batch = pictures.subList(first, Math.min(first + BATCH, pictures.size()));
      float[] logits = new float[batch.size() * classes];
      InputTransform input = model.input();
      logits(prepare(batch), batch.size(), input.height(), input.width(), logits);
      for (int i = 0; i < batch.size(); i++) {
        out.add(
            Classification.of(model, Arrays.copyOfRange(logits, i * classes, (i + 1) * classes)));
      }
    }
    return out;
  }

  private float[] prepare(List<Picture> pictures) {
    InputTransform input = model.input();
    int floats = input.channels() * input.height() * input.width();
    float[] images = new float[pictures.size() * floats];
    for (int i = 0; i < pictures.size(); i++) {
      System.arraycopy(input.apply(pictures.get(i)), 0, images, i * floats, floats);
    }
    return images;
  }

  /**
   * A picture's pooled features, from which the classifier tells the classes: close ones look
   * alike.
   *
   * @return (features), e.g. 1024 of densenet121
   */
  public float[] embedding(Picture picture) {
    return featureMaps(picture, Pass.POOLED).values();
  }

  /**
   * What a part makes of a picture.
   *
   * @param name {@code features.pool0} (behind the stem), {@code features.denseblockB}, {@code
   *     features.denseblockB.denselayerL}, {@code features.transitionT} or {@code pooled}
   * @throws IllegalArgumentException if there is no such part
   */
  public synchronized FeatureMaps featureMaps(Picture picture, String name) {
    InputTransform input = model.input();
    if (!name.equals(lookingFor)) {
      looking = null;
      lookingFor = "";
      PassOptions options = PassOptions.inference(1, input.height(), input.width());
      Pass pass = Pass.create(config(), weights(), engine, options, true);
      pass.capture(name);
      looking = pass;
      lookingFor = name;
    }
    looking.forward(input.apply(picture), 1, null);
    int[] shape = looking.capturedShape(name);
    return new FeatureMaps(name, shape[1], shape[2], shape[3], looking.captured(name));
  }

  // ---- arrays

  /**
   * The logits of pictures, with running statistics. Normalisations behind a convolution are folded
   * into its weights. Calls from several threads take turns: each uses all of the engine's threads.
   *
   * @param images (n, C, h, w), normalised
   * @param n number of pictures, at least 0
   * @param out takes the logits (n, classes)
   * @throws IllegalArgumentException if the pictures are too small or an array is too short
   */
  public synchronized void logits(float[] images, int n, int h, int w, float[] out) {
    DenseNetConfig config = config();
    config.requireSize(h, w);
    int floats = config.channels() * h * w;
    if (images.length < (long) n * floats || out.length < (long) n * config.classes()) {
      throw new IllegalArgumentException(
          "For %d pictures images must hold %,d values and out %,d; they hold %,d and %,d."
              .formatted(
                  n, (long) n * floats, (long) n * config.classes(), images.length, out.length));
    }
    int together = Math.max(1, Math.min(n, chunk(h, w)));
    Pass pass = inferencePass(together, h, w);
    for (int first = 0; first < n; first += together) {
      int count = Math.min(together, n - first);
      float[] logits = pass.forward(slice(images, first * floats, count * floats), count, null);
      System.arraycopy(logits, 0, out, first * config.classes(), count * config.classes());
    }
  }

  /**
   * The bytes that {@link #logits} takes for as many pictures of a size at once, with the form of
   * the weights that it keeps.
   */
  public static long bytes(DenseNetConfig config, int n, int h, int w, Engine engine) {
    int together = Math.clamp(n, 1, chunk(h, w));
    long slice = n > together ? 4L * together * config.channels() * h * w : 0;
    return slice + Pass.inferenceBytes(config, PassOptions.inference(together, h, w), engine);
  }

  /** How many pictures of a size go through the network together. */
  static int chunk(int h, int w) {
    return Math.max(1, CHUNK_PIXELS / (h * w));
  }

  private float[] slice(float[] images, int from, int length) {
    if (from == 0) {
      return images;
    }
    if (chunk.length < length) {
      chunk = new float[length];
    }
    System.arraycopy(images, from, chunk, 0, length);
    return chunk;
  }

  /**
   * One of two passes, for one picture or for several: which kernels run, and so the last bits of
   * the logits, depends on that alone, not on what was asked before.
   */
  private Pass inferencePass(int images, int h, int w) {
    int which = images == 1 ? 0 : 1;
    Pass pass = inference[which];
    if (pass == null || !pass.options().covers(images, h, w)) {
      inference[which] = null; // its memory may be needed for the next one
      PassOptions options = PassOptions.inference(images, h, w);
      inference[which] = Pass.create(config(), weights(), engine, options, true);
    }
    return inference[which];
  }
}
