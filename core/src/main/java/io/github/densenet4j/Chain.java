package io.github.densenet4j;

import java.util.ArrayList;
import java.util.List;

/**
 * Neighbouring parts of a network with the maps between them, built into one plan: all of them, the
 * first ones or the last ones. Parts are numbered on the way: the stem is 0, block b is 2b+1, the
 * transition or the head behind it 2b+2.
 */
final class Chain {
  private final Plan plan;
  private final int first;
  private final List<Part> parts = new ArrayList<>();
  private final List<Maps> features = new ArrayList<>(); // of each block; null where no part comes
  private final Maps pictures; // (C, N*H*W); null behind the stem
  private final boolean pictureGradient; // whether somebody asks for it
  private final Entry entry;

  /**
   * Builds parts [first, end).
   *
   * @param options of the pass, whose pictures have this size even if the stem is left out
   */
  Chain(Plan plan, PassOptions options, int first, int end) {
    this.plan = plan;
    this.first = first;
    DenseNetConfig config = plan.config;
    List<Integer> inputs = config.blockInputs();
    features(options, first, end);
    this.pictures =
        first > 0
            ? null
            : Maps.kept(plan, config.channels(), options.height(), Lines.plain(options.width()));
    this.entry = entry(first);
    int layer = 0;
    for (int number = 0; number < end; number++) {
      int b = (number - 1) / 2;
      boolean block = number % 2 == 1;
      if (number >= first) {
        parts.add(
            number == 0
                ? new Stem(
                    plan, pictures, features.get(0), options.inputGradient(), options.recomputes(0))
                : block
                    ? new DenseBlock(
                        plan,
                        b,
                        features.get(b),
                        inputs.get(b),
                        config.blocks().get(b),
                        layer,
                        options.recomputes(b))
                    : b == inputs.size() - 1
                        ? new Head(plan, features.get(b))
                        : new Transition(
                            plan, b, features.get(b), features.get(b + 1), inputs.get(b + 1)));
      }
      layer += block ? config.blocks().get(b) : 0;
    }
    for (Part part : parts) {
      part.batchStatistics = plan.record;
    }
    this.pictureGradient = pictures != null && plan.record && options.inputGradient();
  }

  /** The number of parts of a network. */
  static int length(DenseNetConfig config) {
    return 2 * config.blocks().size() + 1;
  }

  private void features(PassOptions options, int first, int end) {
    DenseNetConfig config = plan.config;
    int h = config.sideAfterStem(options.height());
    int w = config.sideAfterStem(options.width());
    for (int b = 0; b < config.blocks().size(); b++) {
      int channels = config.blockInputs().get(b) + config.blocks().get(b) * config.growthRate();
      boolean used = first <= 2 * b + 2 && end > 2 * b;
      Lines lines = DenseBlock.lines(plan, config.blockInputs().get(b), h, w);
      features.add(used ? Maps.kept(plan, channels, h, lines) : null);
      h /= 2;
      w /= 2;
    }
  }

  private Entry entry(int first) {
    return first == 0
        ? new Entry(plan, pictures, pictures.channels)
        : new Entry(plan, features.get((first - 1) / 2), rowsBehind(first));
  }

  /** How many rows of their block's features parts [0, number) have written; number is above 0. */
  int rowsBehind(int number) {
    int b = (number - 1) / 2;
    int inputs = plan.config.blockInputs().get(b);
    return number % 2 == 1
        ? inputs
        : inputs + plan.config.blocks().get(b) * plan.config.growthRate();
  }

  List<Part> parts() {
    return parts;
  }

  /** A block's features. */
  Maps features(int block) {
    return features.get(block);
  }

  /** What enters: pictures, or features behind the parts that are left out. */
  Entry entry() {
    return entry;
  }

  // ---- forward

  /**
   * Lets a batch in and sends it through all parts.
   *
   * @param values (n, C, H, W) of the {@link #entry}, from {@code at}
   */
  void forward(float[] values, int at, int n, Captures captures) {
    if (pictures != null) {
      pictures.images(n);
    }
    for (Maps maps : features) {
      if (maps != null) {
        maps.images(n);
      }
    }
    entry.put(values, at, n, first > 0 && needsStatistics((first - 1) / 2));
    for (Part part : parts) {
      switch (part) {
        case Stem stem -> {
          stem.images(n);
          stem.forward(needsStatistics(0));
          captures.values("features.pool0", features.get(0), 0, rowsBehind(1));
        }
        case DenseBlock block -> {
          block.forward(needsStatistics(block.number));
          captureBlock(block, captures);
        }
        case Transition transition -> {
          int next = transition.number + 1;
          transition.forward(needsStatistics(next));
          captures.values(
              Layout.transitionName(next - 1), features.get(next), 0, rowsBehind(2 * next + 1));
        }
        case Head head -> {
          head.forward();
          captures.values(Pass.POOLED, head.pooled(), 0, plan.config.features());
        }
      }
    }
  }

  /** Whether someone who reads a block's features normalises them with the batch's statistics. */
  boolean needsStatistics(int block) {
    return usesBatch(2 * block + 1) || usesBatch(2 * block + 2);
  }

  private boolean usesBatch(int number) {
    int i = number - first;
    return i >= 0 && i < parts.size() && parts.get(i).batchStatistics;
  }

  private void captureBlock(DenseBlock block, Captures captures) {
    Maps maps = block.features();
    captures.values(Layout.blockName(block.number), maps, 0, maps.channels);
    for (int l = 0; l < block.layerNames().size(); l++) {
      int from = block.firstRow(l);
      captures.values(block.layerNames().get(l), maps, from, from + plan.config.growthRate());
    }
  }

  // ---- backward

  /**
   * The way back, to a part.
   *
   * @param lowest the number of the last part that it goes through
   */
  void backward(float[] dlogits, int lowest, Captures captures) {
    for (int i = parts.size() - 1; i >= 0 && i + first >= lowest; i--) {
      switch (parts.get(i)) {
        case Head head -> {
          head.backward(dlogits);
          captureGradient(features.size() - 1, captures);
        }
        case Transition transition -> {
          transition.backward();
          captureGradient(transition.number, captures);
        }
        case DenseBlock block -> {
          block.backward(captures);
          int b = block.number;
          String input = b == 0 ? "features.pool0" : Layout.transitionName(b - 1);
          int entered = rowsBehind(2 * b + 1);
          captures.gradient(input, block.features(), 0, entered);
          if (i + first > lowest) {
            block.features().finishGradient(0, entered);
          }
        }
        case Stem stem -> stem.backward();
      }
    }
  }

  private void captureGradient(int block, Captures captures) {
    Maps maps = features.get(block);
    captures.gradient(Layout.blockName(block), maps, 0, maps.channels);
  }

  /**
   * The lowest part that a backward pass must go through, if nothing below a captured part's number
   * is asked for.
   */
  int lowest(int lowestCapture) {
    if (pictureGradient) {
      return 0;
    }
    for (int i = 0; i < parts.size(); i++) {
      if (!parts.get(i).frozen || i + first >= lowestCapture) {
        return i + first;
      }
    }
    return parts.size() + first;
  }

  /** The gradient of the pictures (n, C, H, W), or null if nobody asked for it: a copy. */
  float[] pictureGradient() {
    return pictureGradient ? pictures.gradients(0, pictures.channels) : null;
  }
}
