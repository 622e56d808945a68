package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The way of a batch through the network and back: stem, dense blocks with transitions between
 * them, head. It owns the activations and the gradients; the weights belong to the {@link
 * DenseNet}.
 *
 * <p>A training step is {@link #beginStep()}, then {@link #forward} and {@link #backward} for each
 * of its shards, then {@link #endStep()}: gradients and observed statistics are sums over the
 * shards in their order, and the running statistics move once.
 *
 * <p>Not safe for use by several threads.
 */
public final class Pass {
  /** The name of the pooled features, behind the last normalisation and ReLU. */
  static final String POOLED = "pooled";

  private final Plan plan;
  private final PassOptions options;
  private final Maps pictures; // (C, N*H*W)
  private final Stem stem;
  private final List<DenseBlock> blocks = new ArrayList<>();
  private final List<Transition> transitions = new ArrayList<>();
  private final Head head;
  private final List<Part> parts = new ArrayList<>();
  private final Store pictureGradient;
  private final Captures captures = new Captures();
  private final float[] logits; // (N, classes)
  private int lowestCapture = Integer.MAX_VALUE;

  /** Builds the parts; allocates nothing large before {@link #allocate()}. */
  private Pass(
      DenseNetConfig config,
      Layout layout,
      Weights weights,
      Engine engine,
      PassOptions options,
      boolean fold) {
    config.requireSize(options.height(), options.width());
    this.options = options;
    this.plan = new Plan(config, layout, weights, engine, options.images(), options.record(), fold);
    this.pictures =
        Maps.own(plan, config.channels(), options.height(), options.width(), "pictures gradient");
    List<Maps> features = new ArrayList<>();
    List<Integer> inputs = config.blockInputs();
    int h = config.sideAfterStem(options.height());
    int w = config.sideAfterStem(options.width());
    for (int b = 0; b < inputs.size(); b++) {
      int channels = inputs.get(b) + config.blocks().get(b) * config.growthRate();
      String gradient = "gradient " + b % 2;
      features.add(
          options.record()
              ? Maps.own(plan, channels, h, w, gradient)
              : Maps.shared(plan, channels, h, w, "features " + b % 2, null));
      h /= 2;
      w /= 2;
    }
    this.stem = new Stem(plan, pictures, features.get(0), options.inputGradient());
    parts.add(stem);
    int layer = 0;
    for (int b = 0; b < inputs.size(); b++) {
      int layers = config.blocks().get(b);
      DenseBlock block =
          new DenseBlock(
              plan, b, features.get(b), inputs.get(b), layers, layer, options.recomputes(b));
      blocks.add(block);
      parts.add(block);
      layer += layers;
      if (b < inputs.size() - 1) {
        Transition transition =
            new Transition(plan, b, features.get(b), features.get(b + 1), inputs.get(b + 1));
        transitions.add(transition);
        parts.add(transition);
      }
    }
    this.head = new Head(plan, features.get(features.size() - 1));
    parts.add(head);
    for (Part part : parts) {
      part.batchStatistics = options.record();
    }
    this.pictureGradient =
        options.record() && options.inputGradient()
            ? Store.gradients(plan, pictures, 0, config.channels())
            : null;
    this.logits = new float[options.images() * config.classes()];
  }

  static Pass create(
      DenseNetConfig config, Weights weights, Engine engine, PassOptions options, boolean fold) {
    Pass pass = new Pass(config, weights.layout(), weights, engine, options, fold);
    pass.plan.memory.allocate();
    return pass;
  }

  /**
   * The bytes that a pass would take for activations, gradients and scratch between threads: it is
   * built without its arrays.
   *
   * @throws IllegalArgumentException if the pictures are too small, or an array would be too long
   *     for Java
   */
  public static long bytes(DenseNetConfig config, PassOptions options, Engine engine) {
    Pass pass = new Pass(config, Layout.of(config), null, engine, options, false);
    return pass.plan.memory.bytes();
  }

  // ---- forward

  /**
   * The way from pictures to logits.
   *
   * @param images (n, C, H, W), normalised
   * @param n at least 1, at most {@link PassOptions#images()}
   * @param sampleKeys a key for each picture (see {@link Randomness#key}) by which features are
   *     dropped, or null for no dropout
   * @return logits (n, classes): this pass's own array, valid until the next call
   * @throws IllegalArgumentException if n is out of range, images too short, or batch statistics
   *     would be taken over one value
   */
  public float[] forward(float[] images, int n, long[] sampleKeys) {
    checkBatch(images, n, sampleKeys);
    captures.clear();
    plan.sampleKeys = sampleKeys;
    enter(images, n);
    stem.forward(needsStatistics(0));
    captures.values("features.pool0", blocks.get(0).features(), 0, plan.config.initFeatures());
    for (int b = 0; b < blocks.size(); b++) {
      blocks.get(b).forward(needsStatistics(b));
      captureBlock(b);
      if (b < transitions.size()) {
        transitions.get(b).forward(needsStatistics(b + 1));
        captures.values(
            Layout.transitionName(b),
            blocks.get(b + 1).features(),
            0,
            plan.config.blockInputs().get(b + 1));
      }
    }
    head.forward(logits);
    captures.values(POOLED, head.pooled(), 0, plan.config.features());
    return logits;
  }

  PassOptions options() {
    return options;
  }

  private void checkBatch(float[] images, int n, long[] sampleKeys) {
    if (n < 1 || n > options.images()) {
      throw new IllegalArgumentException(
          "A batch of " + n + " pictures: this pass was made for 1 to " + options.images() + ".");
    }
    long floats = (long) n * plan.config.channels() * pictures.area();
    if (images.length < floats) {
      throw new IllegalArgumentException(
          "images holds %,d values, expected (%d, %d, %d, %d) = %,d."
              .formatted(
                  images.length,
                  n,
                  plan.config.channels(),
                  pictures.height,
                  pictures.width,
                  floats));
    }
    if (sampleKeys != null && sampleKeys.length < n) {
      throw new IllegalArgumentException(
          "sampleKeys holds " + sampleKeys.length + " keys for " + n + " pictures.");
    }
    for (int b = 0; b < blocks.size(); b++) {
      if (needsStatistics(b) && n * blocks.get(b).features().area() == 1) {
        throw new IllegalArgumentException(
            "Batch statistics of one value are undefined: the batch has 1 picture, whose maps in dense block %d have 1 pixel. Use"
                    .formatted(b + 1)
                + " at least 2 pictures, larger ones, or running statistics.");
      }
    }
  }

  /** Whether someone who reads block b's features normalises them with the batch's statistics. */
  private boolean needsStatistics(int b) {
    Part reader = b < transitions.size() ? transitions.get(b) : head;
    return blocks.get(b).batchStatistics || reader.batchStatistics;
  }

  /** From (N,C,H,W) to channel-major. */
  private void enter(float[] images, int n) {
    pictures.images(n);
    for (DenseBlock block : blocks) {
      block.features().images(n);
    }
    stem.images(n);
    int area = pictures.area();
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < pictures.channels; c++) {
        System.arraycopy(
            images,
            (i * pictures.channels + c) * area,
            pictures.x(),
            pictures.at(c) + i * area,
            area);
      }
    }
  }

  private void captureBlock(int b) {
    DenseBlock block = blocks.get(b);
    Maps features = block.features();
    captures.values(Layout.blockName(b), features, 0, features.channels);
    for (int l = 0; l < block.layerNames().size(); l++) {
      int from = block.firstRow(l);
      captures.values(block.layerNames().get(l), features, from, from + plan.config.growthRate());
    }
  }

  // ---- backward

  /**
   * The way back: adds the gradients of all parameters that are not frozen to {@link #gradients()},
   * and stops where nothing below learns or was asked for.
   *
   * @param dlogits (n, classes): any gradient of the last forward pass's logits
   * @throws IllegalStateException if the pass does not record
   */
  public void backward(float[] dlogits) {
    if (!options.record()) {
      throw new IllegalStateException(
          "This pass was made for inference: make one with PassOptions.training.");
    }
    int lowest = lowest();
    head.backward(dlogits);
    if (head.frozen && lowest >= parts.size() - 1) {
      return;
    }
    head.backwardFeatures();
    for (int b = blocks.size() - 1; b >= 0; b--) {
      DenseBlock block = blocks.get(b);
      captures.gradient(Layout.blockName(b), block.features(), 0, block.features().channels);
      if (lowest > 2 * b + 1) {
        return;
      }
      block.backward(captures);
      String input = b == 0 ? "features.pool0" : Layout.transitionName(b - 1);
      captures.gradient(input, block.features(), 0, plan.config.blockInputs().get(b));
      if (lowest > 2 * b) {
        return;
      }
      if (b > 0) {
        transitions.get(b - 1).backward();
      }
    }
    blocks.get(0).features().finishGradient(0, plan.config.initFeatures());
    stem.backward();
    if (pictureGradient != null) {
      stem.inputGradient(pictureGradient);
    }
  }

  /**
   * The lowest part that the backward pass must go through: stem 0, block b 2b+1, the transition
   * behind it 2b+2.
   */
  private int lowest() {
    if (pictureGradient != null) {
      return 0;
    }
    for (int i = 0; i < parts.size(); i++) {
      if (!parts.get(i).frozen || i >= lowestCapture) {
        return i;
      }
    }
    return parts.size();
  }

  /**
   * The gradient of the loss with respect to the pictures (n, C, H, W) after {@link #backward}; a
   * copy.
   */
  public float[] inputGradient() {
    if (pictureGradient == null) {
      throw new IllegalStateException(
          "Ask for it first: PassOptions.training(...).withInputGradient().");
    }
    return pictures.copy(pictures.dx(), 0, pictures.channels);
  }

  /** The gradients, numbered as {@link Weights#parameters()}; the array itself. */
  public float[] gradients() {
    return plan.gradients();
  }

  // ---- a step

  /** Begins a training step: gradients and observed statistics are zero. */
  public void beginStep() {
    Arrays.fill(plan.gradients(), 0);
    for (BatchNorm norm : plan.norms) {
      norm.beginStep();
    }
  }

  /** Ends a training step: the running statistics move by the mean over its shards. */
  public void endStep() {
    for (BatchNorm norm : plan.norms) {
      norm.endStep();
    }
    Weights weights = plan.weights();
    weights.batchesTracked(weights.batchesTracked() + 1);
    weights.changed();
  }

  // ---- choices

  /** The names of the parts, in the order of the way: stem, denseblock1, transition1, ..., head. */
  public List<String> parts() {
    return parts.stream().map(part -> part.name).toList();
  }

  /**
   * Whether a part normalises with the batch's statistics (as in training) or with the running
   * ones.
   */
  public void useBatchStatistics(String part, boolean batch) {
    part(part).batchStatistics = batch;
  }

  /**
   * Whether a part keeps its parameters: then their gradients are not computed. Its statistics are
   * another choice.
   */
  public void freeze(String part, boolean frozen) {
    part(part).frozen = frozen;
  }

  private Part part(String name) {
    return parts.stream()
        .filter(p -> p.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no part '" + name + "'. The parts are " + parts() + "."));
  }

  /**
   * Keeps copies of named feature maps, and of their gradients if there is a backward pass: {@code
   * features.pool0} (behind the stem), {@code features.denseblockB}, {@code
   * features.denseblockB.denselayerL}, {@code features.transitionT}; and {@code pooled}, what the
   * classifier reads, without its gradient.
   *
   * @throws IllegalArgumentException if there are no maps of that name
   */
  public void capture(String name) {
    lowestCapture = Math.min(lowestCapture, backwardDepth(name));
    captures.want(name);
  }

  /**
   * The lowest part that a backward pass must go through so that the gradient of the named maps is
   * complete.
   */
  private int backwardDepth(String name) {
    if (name.equals(POOLED)) {
      return Integer.MAX_VALUE; // only its values are kept
    }
    if (name.equals("features.pool0")) {
      return 1;
    }
    for (int b = 0; b < blocks.size(); b++) {
      if (name.equals(Layout.blockName(b))) {
        return 2 * b + 2;
      }
      if (blocks.get(b).layerNames().contains(name)) {
        return 2 * b + 1;
      }
      if (b < transitions.size() && name.equals(Layout.transitionName(b))) {
        return 2 * b + 3;
      }
    }
    throw new IllegalArgumentException(
        "There are no feature maps named '%s': use features.pool0, %s, %s.denselayer1 or %s, for instance."
            .formatted(name, Layout.blockName(0), Layout.blockName(0), Layout.transitionName(0)));
  }

  /** Captured feature maps of the last forward pass, as {@link #capturedShape} says. */
  public float[] captured(String name) {
    return captures.values(name);
  }

  /** The gradient of captured feature maps, of the same shape. */
  public float[] capturedGradient(String name) {
    return captures.gradients(name);
  }

  /** The shape (N,C,H,W) of captured feature maps. */
  public int[] capturedShape(String name) {
    return captures.shape(name);
  }
}
