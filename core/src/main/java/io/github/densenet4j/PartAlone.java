package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;
import java.util.Arrays;
import java.util.List;

/**
 * One part of a DenseNet by itself: to see what it does, to try it, to check its gradients. Shapes
 * are PyTorch's, (N,C,H,W).
 *
 * <pre>{@code
 * PartAlone block = PartAlone.denseBlock(engine, 3, 10, 2, 0, 4, 8, 8, 1);   // 3 channels, k=10, 2 plain layers
 * float[] y = block.forward(x);                                              // (4,3,8,8) to (4,23,8,8)
 * }</pre>
 *
 * <p>Not safe for use by several threads.
 */
public final class PartAlone {
  private final Plan plan;
  private final Part part;
  private final Maps in;
  private final int inRows;
  private final Maps out;
  private final int outRows;

  private PartAlone(Plan plan, Part part, Maps in, int inRows, Maps out, int outRows) {
    this.plan = plan;
    this.part = part;
    this.in = in;
    this.inRows = inRows;
    this.out = out;
    this.outRows = outRows;
    part.batchStatistics = true;
    plan.memory.allocate();
  }

  private static Plan plan(DenseNetConfig config, Engine engine, int images, long seed) {
    Weights weights = Weights.initialise(config, seed);
    return new Plan(config, weights.layout(), weights, engine, images, true, false);
  }

  private static DenseNetConfig config(
      int growthRate,
      List<Integer> blocks,
      int init,
      int bottleneck,
      double compression,
      StemType stem,
      int channels,
      int classes) {
    return new DenseNetConfig(
        growthRate,
        blocks,
        init,
        bottleneck,
        compression,
        stem,
        false,
        channels,
        classes,
        0,
        1e-5,
        0.1,
        Initialisation.KAIMING);
  }

  /**
   * A dense block: (n, channels, h, w) to (n, channels + layers * growthRate, h, w).
   *
   * @param bottleneck 0 for plain layers, otherwise the 1x1 convolution's width in units of the
   *     growth rate
   */
  public static PartAlone denseBlock(
      Engine engine,
      int channels,
      int growthRate,
      int layers,
      int bottleneck,
      int n,
      int h,
      int w,
      long seed) {
    Plan plan =
        plan(
            config(growthRate, List.of(layers), channels, bottleneck, 1, StemType.CIFAR, 1, 1),
            engine,
            n,
            seed);
    int width = channels + layers * growthRate;
    Maps features = Maps.own(plan, width, h, DenseBlock.lines(plan, channels, h, w));
    return new PartAlone(
        plan,
        new DenseBlock(plan, 0, features, channels, layers, 0, false),
        features,
        channels,
        features,
        width);
  }

  /**
   * A transition: (n, channels, h, w) to (n, outputs, h/2, w/2).
   *
   * @param channels at least 2
   */
  public static PartAlone transition(
      Engine engine, int channels, int outputs, int n, int h, int w, long seed) {
    double theta = Math.min(1, (outputs + 0.5) / channels);
    Plan plan =
        plan(
            config(1, List.of(1, 1), channels - 1, 0, theta, StemType.CIFAR, 1, 1),
            engine,
            n,
            seed);
    Maps features = Maps.own(plan, channels, h, Lines.plain(w));
    Maps next = Maps.own(plan, outputs + 1, h / 2, Lines.plain(w / 2));
    return new PartAlone(
        plan, new Transition(plan, 0, features, next, outputs), features, channels, next, outputs);
  }

  /** A stem: pictures (n, channels, h, w) to features. */
  public static PartAlone stem(
      Engine engine, StemType stem, int channels, int outputs, int n, int h, int w, long seed) {
    DenseNetConfig config = config(1, List.of(1), outputs, 0, 1, stem, channels, 1);
    Plan plan = plan(config, engine, n, seed);
    Maps pictures = Maps.own(plan, channels, h, Lines.plain(w));
    Lines lines = Lines.plain(config.sideAfterStem(w));
    Maps features = Maps.own(plan, outputs, config.sideAfterStem(h), lines);
    return new PartAlone(
        plan,
        new Stem(plan, pictures, features, true, false),
        pictures,
        channels,
        features,
        outputs);
  }

  /**
   * A head: features (n, channels, h, w) to logits (n, classes, 1, 1).
   *
   * @param channels at least 2
   */
  public static PartAlone head(
      Engine engine, int channels, int classes, int n, int h, int w, long seed) {
    Plan plan =
        plan(
            config(1, List.of(1), channels - 1, 0, 1, StemType.CIFAR, 1, classes), engine, n, seed);
    Maps features = Maps.own(plan, channels, h, Lines.plain(w));
    return new PartAlone(plan, new Head(plan, features), features, channels, features, channels);
  }

  /**
   * Whether the part normalises with the batch's statistics (as at first) or with the running ones.
   */
  public void useBatchStatistics(boolean batch) {
    part.batchStatistics = batch;
  }

  /** The part's weights, for reading and changing. */
  public Weights weights() {
    return plan.weights();
  }

  /** The gradients of the last backward pass, numbered as the parameters. */
  public float[] gradients() {
    return plan.gradients();
  }

  /** The shape of the result (N,C,H,W). */
  public int[] shape() {
    return part instanceof Head
        ? new int[] {plan.images, plan.config.classes(), 1, 1}
        : new int[] {plan.images, outRows, out.height, out.width};
  }

  /** The result y of x; all pictures of the batch. */
  public float[] forward(float[] x) {
    int expected = plan.images * inRows * in.area();
    if (x.length != expected) {
      throw new IllegalArgumentException(
          "x holds %,d values, expected (%d, %d, %d, %d) = %,d."
              .formatted(x.length, plan.images, inRows, in.height, in.width, expected));
    }
    in.images(plan.images);
    out.images(plan.images);
    enter(x, in.rows(0), in, inRows);
    if (part.batchStatistics && !(part instanceof Stem)) {
      takeStatistics(inRows);
    } else {
      in.withoutStatistics(0, inRows);
    }
    switch (part) {
      case DenseBlock block -> block.forward(part.batchStatistics);
      case Transition transition -> transition.forward(false);
      case Stem stem -> {
        stem.images(plan.images);
        stem.forward(false);
      }
      case Head head -> {
        head.forward();
        return head.logits().clone();
      }
    }
    return out.values(0, outRows);
  }

  private void takeStatistics(int rows) {
    double[] mean = new double[rows];
    double[] m2 = new double[rows];
    Tiles whole = new Tiles(1);
    whole.divide(in.pixels(), in.pixels());
    plan.engine.kernels().moments(in.x(), in.at(0), in.pitch, rows, in.pixels(), mean, m2, 0);
    in.statistics(0, rows, mean, m2, whole);
  }

  /** The gradient of x, from the gradient of y; the gradients of the parameters are replaced. */
  public float[] backward(float[] dy) {
    Arrays.fill(plan.gradients(), 0);
    switch (part) {
      case DenseBlock block -> {
        enterGradient(dy);
        block.backward(new Captures());
        in.finishGradient(0, inRows);
      }
      case Transition transition -> {
        enterGradient(dy);
        out.finishGradient(0, outRows);
        transition.backward();
        in.finishGradient(0, inRows);
      }
      case Stem stem -> {
        enterGradient(dy);
        out.finishGradient(0, outRows);
        stem.backward();
      }
      case Head head -> {
        head.backward(dy);
        in.finishGradient(0, inRows);
      }
    }
    return in.gradients(0, inRows);
  }

  /** Puts a gradient where the part expects U, which is finished with the maps' own deviations. */
  private void enterGradient(float[] dy) {
    enter(dy, out.gradientRows(0), out, outRows);
    out.beginGradient();
    for (int row = 0; row < outRows; row++) {
      float deviation = (float) (1 / out.invStd[row]);
      for (int p = 0; p < out.pixels(); p++) {
        out.dx()[out.gradientAt(row) + p] *= deviation;
      }
    }
  }

  private void enter(float[] values, Rows target, Maps maps, int rows) {
    for (int n = 0, i = 0; n < plan.images; n++) {
      for (int row = 0; row < rows; row++, i += maps.area()) {
        int at = target.at(row, n * maps.area());
        maps.lines.order(values, i, target.array(), at, maps.height);
      }
    }
  }
}
