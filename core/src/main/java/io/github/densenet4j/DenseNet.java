package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;
import java.util.Objects;

/**
 * A DenseNet (Huang et al., "Densely Connected Convolutional Networks", CVPR 2017): a description,
 * weights, and what computes.
 *
 * <pre>{@code
 * DenseNetConfig config = DenseNetConfig.densenet121();
 * DenseNet net = new DenseNet(config, Weights.initialise(config, 1), Engine.create());
 * float[] logits = new float[1000];
 * net.logits(picture, 1, 224, 224, logits);
 * }</pre>
 *
 * <p>{@link #logits} may be called by many threads at once. Training goes through a {@link Pass}.
 */
public final class DenseNet {
  /**
   * Pixels of pictures that go through the network together: more of them would not stay in the
   * last cache.
   */
  private static final int CHUNK_PIXELS = 4 * 224 * 224;

  private final DenseNetConfig config;
  private final Weights weights;
  private final Engine engine;
  private Pass inference;
  private PassOptions inferenceOptions;
  private float[] chunk = new float[0];

  /**
   * A network.
   *
   * @throws IllegalArgumentException if the weights belong to another network
   */
  public DenseNet(DenseNetConfig config, Weights weights, Engine engine) {
    this.config = Objects.requireNonNull(config, "config");
    this.weights = Objects.requireNonNull(weights, "weights");
    this.engine = Objects.requireNonNull(engine, "engine");
    int expected = Layout.of(config).parameters();
    if (expected != weights.parameters().length) {
      throw new IllegalArgumentException(
          "The weights hold %,d parameters, the network has %,d: they belong to another network."
              .formatted(weights.parameters().length, expected));
    }
  }

  /** The description. */
  public DenseNetConfig config() {
    return config;
  }

  /** The weights themselves. */
  public Weights weights() {
    return weights;
  }

  /** What computes. */
  public Engine engine() {
    return engine;
  }

  /** A pass of its own, for training or for looking inside; allocates its memory. */
  public Pass pass(PassOptions options) {
    return Pass.create(config, weights, engine, options, false);
  }

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
    config.requireSize(h, w);
    int floats = config.channels() * h * w;
    if (images.length < (long) n * floats || out.length < (long) n * config.classes()) {
      throw new IllegalArgumentException(
          "For %d pictures images must hold %,d values and out %,d; they hold %,d and %,d."
              .formatted(
                  n, (long) n * floats, (long) n * config.classes(), images.length, out.length));
    }
    int together = Math.max(1, Math.min(n, CHUNK_PIXELS / (h * w)));
    Pass pass = inferencePass(together, h, w);
    for (int first = 0; first < n; first += together) {
      int count = Math.min(together, n - first);
      float[] logits = pass.forward(slice(images, first * floats, count * floats), count, null);
      System.arraycopy(logits, 0, out, first * config.classes(), count * config.classes());
    }
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

  private Pass inferencePass(int images, int h, int w) {
    if (inference == null
        || inferenceOptions.images() < images
        || inferenceOptions.height() != h
        || inferenceOptions.width() != w) {
      inferenceOptions = PassOptions.inference(images, h, w);
      inference = null; // its memory may be needed for the next one
      inference = Pass.create(config, weights, engine, inferenceOptions, true);
    }
    return inference;
  }
}
