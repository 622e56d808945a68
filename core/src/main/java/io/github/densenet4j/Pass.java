package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
  private final Chain chain;
  private final Captures captures = new Captures();
  private int lowestCapture = Integer.MAX_VALUE;
  private boolean there; // a forward pass has no backward pass yet

  /** Builds the parts; allocates nothing large before {@link Memory#allocate()}. */
  private Pass(
      DenseNetConfig config,
      Layout layout,
      Weights weights,
      Engine engine,
      PassOptions options,
      boolean fold) {
    config.requireSize(options.height(), options.width());
    int parts = Chain.length(config);
    if (options.first() >= parts) {
      throw new IllegalArgumentException(
          "A pass without the first %d parts: the network has %d."
              .formatted(options.first(), parts));
    }
    this.options = options;
    this.plan = new Plan(config, layout, weights, engine, options.images(), options.record(), fold);
    this.chain = new Chain(plan, options, options.first(), parts);
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

  /**
   * The same options with bottlenecks recomputed where that saves memory: in the first blocks,
   * whose maps are large. From the last block on they are kept as long as the pass takes no more
   * than a tenth above the least it can.
   */
  public static PassOptions sparing(DenseNetConfig config, PassOptions options, Engine engine) {
    List<Boolean> blocks = new ArrayList<>(Collections.nCopies(config.blocks().size(), true));
    PassOptions sparing = options.withRecompute(blocks);
    long limit = bytes(config, sparing, engine) / 10 * 11;
    for (int b = blocks.size() - 1; b >= 0; b--) {
      blocks.set(b, false);
      PassOptions more = options.withRecompute(blocks);
      if (bytes(config, more, engine) > limit) {
        break;
      }
      sparing = more;
    }
    return sparing;
  }

  /** As {@link #bytes}, with normalisations folded into weights. */
  static long inferenceBytes(DenseNetConfig config, PassOptions options, Engine engine) {
    Pass pass = new Pass(config, Layout.of(config), null, engine, options, true);
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
    chain.forward(images, 0, n, captures);
    there = true;
    return head().logits();
  }

  private Head head() {
    return (Head) chain.parts().getLast();
  }

  PassOptions options() {
    return options;
  }

  private void checkBatch(float[] images, int n, long[] sampleKeys) {
    if (n < 1 || n > options.images()) {
      throw new IllegalArgumentException(
          "A batch of " + n + " pictures: this pass was made for 1 to " + options.images() + ".");
    }
    Entry entry = chain.entry();
    long floats = (long) n * entry.floats();
    if (images.length < floats) {
      throw new IllegalArgumentException(
          "images holds %,d values, expected (%d, %d, %d, %d) = %,d."
              .formatted(
                  images.length, n, entry.rows(), entry.maps().height, entry.maps().width, floats));
    }
    if (sampleKeys != null && sampleKeys.length < n) {
      throw new IllegalArgumentException(
          "sampleKeys holds " + sampleKeys.length + " keys for " + n + " pictures.");
    }
    for (int b = 0; b < plan.config.blocks().size(); b++) {
      if (chain.needsStatistics(b) && n * chain.features(b).area() == 1) {
        throw new IllegalArgumentException(
            "Batch statistics of one value are undefined: the batch has 1 picture, whose maps in dense block %d have 1 pixel. Use"
                    .formatted(b + 1)
                + " at least 2 pictures, larger ones, or running statistics.");
      }
    }
  }

  // ---- backward

  /**
   * The way back: adds the gradients of all parameters that are not frozen to {@link #gradients()},
   * and stops where nothing below learns or was asked for. It uses up what the forward pass has
   * kept: gradients take its place.
   *
   * @param dlogits (n, classes): any gradient of the last forward pass's logits
   * @throws IllegalStateException if the pass does not record, or there was no forward pass since
   *     the last backward pass
   */
  public void backward(float[] dlogits) {
    if (!options.record()) {
      throw new IllegalStateException(
          "This pass was made for inference: make one with PassOptions.training.");
    }
    if (!there) {
      throw new IllegalStateException(
          "There is nothing to go back through: each backward pass needs a forward pass of its own."
              + " Call forward first.");
    }
    there = false;
    chain.backward(dlogits, chain.lowest(lowestCapture), captures);
  }

  /**
   * The gradient of the loss with respect to the pictures (n, C, H, W) after {@link #backward}; a
   * copy.
   */
  public float[] inputGradient() {
    float[] gradient = chain.pictureGradient();
    if (gradient == null) {
      throw new IllegalStateException(
          "Ask for it first: PassOptions.training(...).withInputGradient().");
    }
    return gradient;
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

  /**
   * The names of a network's parts, in the order of the way: stem, denseblock1, transition1, ...,
   * head.
   */
  public static List<String> parts(DenseNetConfig config) {
    List<String> names = new ArrayList<>(List.of("stem"));
    for (int b = 1; b <= config.blocks().size(); b++) {
      names.add("denseblock" + b);
      names.add(b < config.blocks().size() ? "transition" + b : "head");
    }
    return names;
  }

  /** The names of this pass's parts, in the order of the way. */
  public List<String> parts() {
    return chain.parts().stream().map(part -> part.name).toList();
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
    return chain.parts().stream()
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
    for (Part part : chain.parts()) {
      switch (part) {
        case Stem _ when name.equals("features.pool0") -> {
          return 1;
        }
        case DenseBlock block when name.equals(Layout.blockName(block.number)) -> {
          return 2 * block.number + 2;
        }
        case DenseBlock block when block.layerNames().contains(name) -> {
          return 2 * block.number + 1;
        }
        case Transition transition when name.equals(Layout.transitionName(transition.number)) -> {
          return 2 * transition.number + 3;
        }
        default -> {}
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
