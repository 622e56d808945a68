package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * How a picture enters: a 7x7 convolution with stride 2, BN, ReLU and a 3x3 max pool with stride 2,
 * or a bare 3x3 convolution ({@link StemType}). pictures (C,N*H*W) to features (initFeatures,
 * N*H'*W').
 */
final class Stem extends Part {
  private final Plan plan;
  private final Maps pictures;
  private final Maps conv; // behind the 7x7 convolution; null for CIFAR
  private final Maps features;
  private final int channels;
  private final boolean recompute;
  private final Convolution conv0;
  private final BatchNorm norm0;
  private final BandedStem banded; // null where what is behind the convolution is stored
  private final Store pooled;
  private final Store pictureGradient; // null if nobody asks
  private final Tiles planes = new Tiles(1);
  private final Team.Task poolTask = this::pool;
  private final Team.Task poolGradientTask = this::poolGradient;
  private final Team.Task orderTask = this::order;
  private final Team.Task showTask = this::show;
  private boolean statistics;

  /**
   * A stem that writes rows [0, initFeatures) of the first block's features.
   *
   * @param inputGradient whether the gradient of the pictures will be asked for
   * @param recompute whether what is behind the 7x7 convolution is computed again in the backward
   *     pass instead of being kept
   */
  Stem(Plan plan, Maps pictures, Maps features, boolean inputGradient, boolean recompute) {
    super("stem");
    this.plan = plan;
    this.pictures = pictures;
    this.features = features;
    this.channels = plan.config.initFeatures();
    this.recompute = recompute;
    plan.memory.nextStage();
    this.pictureGradient =
        plan.record && inputGradient ? Store.gradients(plan, pictures, 0, pictures.channels) : null;
    if (plan.config.stem() == StemType.CIFAR) {
      this.conv = null;
      this.norm0 = null;
      this.banded = null;
      this.pooled = null;
      this.conv0 =
          new Convolution(
              plan,
              "features.conv0",
              3,
              1,
              pictures,
              pictures.channels,
              features,
              0,
              channels,
              inputGradient);
    } else {
      int h = (pictures.height - 1) / 2 + 1;
      Lines lines = Lines.plain((pictures.width - 1) / 2 + 1);
      this.conv =
          recompute
              ? Maps.recomputed(plan, channels, h, lines)
              : Maps.kept(plan, channels, h, lines);
      this.conv0 =
          new Convolution(
              plan, "features.conv0", 7, 2, pictures, pictures.channels, conv, 0, channels, false);
      this.norm0 = new BatchNorm(plan, "features.norm0", conv, channels);
      this.banded = BandedStem.of(plan, pictures, features, channels);
      this.pooled = Store.values(plan, features, 0, channels);
      features.gradientsBack();
    }
  }

  /** Says how many pictures come. */
  void images(int n) {
    if (conv != null) {
      conv.images(n);
    }
  }

  /** Whether batch statistics of the features are wanted by those who read them. */
  void forward(boolean featureStatistics) {
    if (conv == null) {
      conv0.forward(Prologue.NONE, featureStatistics);
      if (features.lines.winograd() != null) {
        plan.engine.team().run(orderTask, channels);
      }
      return;
    }
    if (banded != null) {
      norm0.prepare(false);
      conv0.forwardBanded(banded, norm0);
      features.withoutStatistics(0, channels);
      return;
    }
    if (plan.fold) {
      norm0.prepare(false);
      conv0.forwardFolded(Prologue.NONE, norm0);
    } else {
      conv0.forward(Prologue.NONE, batchStatistics);
      norm0.prepare(batchStatistics);
    }
    statistics = featureStatistics;
    planes.divide(features.pixels(), features.area());
    pooled.statistics(statistics);
    pooled.begin(planes);
    plan.engine.team().run(poolTask, (channels + 3) / 4);
    pooled.end();
    if (!statistics) {
      features.withoutStatistics(0, channels);
    }
  }

  /** Puts the lines of a row of the features in order, which the convolution made as seen. */
  private void order(int row, int worker) {
    turn(features.x(), features.at(row), features.lines::order, worker);
  }

  /** The other way with a row of gradients. */
  private void show(int row, int worker) {
    turn(features.dx(), features.gradientAt(row), features.lines::show, worker);
  }

  private void turn(float[] row, int at, Lines.Turn turn, int worker) {
    int area = features.area();
    float[] picture = plan.engine.team().scratch(worker, area);
    for (int n = 0; n < features.images(); n++) {
      System.arraycopy(row, at + n * area, picture, 0, area);
      turn.turn(picture, 0, row, at + n * area, features.height);
    }
  }

  private void pool(int index, int worker) {
    Kernels kernels = plan.engine.kernels();
    int floats = Kernels.ALIGNED + Kernels.poolScratch(conv.width);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    for (int c = index * 4; c < Math.min(channels, index * 4 + 4); c++) {
      float scale = plan.fold ? 1 : norm0.scale(c);
      float shift = plan.fold ? 0 : norm0.shift(c);
      for (int n = 0; n < features.images(); n++) {
        kernels.maxPool(
            conv.x(),
            conv.at(c) + n * conv.area(),
            conv.width,
            conv.height,
            conv.width,
            scale,
            shift,
            features.x(),
            features.at(c) + n * features.area(),
            0,
            features.height,
            features.lines.pixels(),
            scratch,
            Kernels.ALIGNED);
        pooled.taken(c, 1, n * features.area(), features.area(), n);
      }
    }
  }

  /**
   * Takes the gradient from rows [0, initFeatures) of the features, finished; that of the pictures
   * goes into their maps if it was asked for.
   */
  void backward() {
    if (conv != null) {
      if (recompute) {
        conv0.recompute();
      }
      Sink sink = norm0.gradient(true, frozen);
      planes.divide(conv.pixels(), conv.area());
      sink.begin(planes);
      plan.engine.team().run(poolGradientTask, (channels + 3) / 4);
      sink.end();
      conv.finishGradient(0, channels);
    }
    if (conv == null && features.lines.winograd() != null) {
      plan.engine.team().run(showTask, channels);
    }
    if (!frozen) {
      conv0.weightGradient();
    }
    if (pictureGradient == null) {
      return;
    }
    if (conv == null) {
      conv0.inputGradient(pictureGradient);
    } else {
      conv0.inputGradientOfStride(pictures.dx());
    }
  }

  private void poolGradient(int index, int worker) {
    int duAt = Kernels.aligned(4 * (conv.width + Kernels.SLACK));
    int seenAt = duAt + conv.area() + Kernels.SLACK;
    float[] scratch = plan.engine.team().scratch(worker, seenAt + features.area() + Kernels.SLACK);
    for (int c = index * 4; c < Math.min(channels, index * 4 + 4); c++) {
      for (int n = 0; n < conv.images(); n++) {
        int at = features.gradientAt(c) + n * features.area();
        features.lines.show(features.dx(), at, scratch, seenAt, features.height);
        plan.engine
            .kernels()
            .maxPoolGradient(
                scratch,
                seenAt,
                conv.x(),
                conv.at(c) + n * conv.area(),
                conv.height,
                conv.width,
                norm0.scale(c),
                norm0.shift(c),
                scratch,
                duAt,
                scratch);
        norm0.take(scratch, duAt, conv.area(), c, 1, n * conv.area(), conv.area(), n);
      }
    }
  }
}
