package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * Between two blocks: BN, ReLU, 1x1 convolution to floor(theta * C) channels, 2x2 average pool with
 * stride 2 (paper, section 3). Pool and convolution are both linear and the pool's weights sum to
 * one, so they commute: pooling first leaves a quarter of the products.
 */
final class Transition extends Part {
  private static final int CHANNELS = 8; // of a task

  /** Which of the network's transitions, from 0: the one behind the block of that number. */
  final int number;

  private final Plan plan;
  private final Maps features;
  private final int channels;
  private final Maps pooled;
  private final Maps next;
  private final int outputs;
  private final BatchNorm norm;
  private final Convolution conv;
  private final Store pooledGradient;
  private final int[] left; // of a window, in a line of features, for each place in a pooled one
  private final int[] right;
  private final int[] source; // in a pooled line, for each place in one of features
  private final Tiles planes = new Tiles(1);
  private final Team.Task poolTask = this::pool;
  private final Team.Task gradientTask = this::spread;
  private int parts; // of a picture

  /**
   * A transition from all rows of one block's features to rows [0, outputs) of the next block's.
   */
  Transition(Plan plan, int index, Maps features, Maps next, int outputs) {
    super("transition" + (index + 1));
    this.number = index;
    String tensors = Layout.transitionName(index);
    this.plan = plan;
    this.features = features;
    this.channels = features.channels;
    this.next = next;
    this.outputs = outputs;
    plan.memory.nextStage();
    this.norm = new BatchNorm(plan, tensors + ".norm", features, channels);
    this.pooled = Maps.kept(plan, channels, next.height, next.lines);
    this.conv =
        new Convolution(plan, tensors + ".conv", 1, 1, pooled, channels, next, 0, outputs, true);
    this.left = new int[pooled.width];
    this.right = new int[pooled.width];
    this.source = new int[features.width];
    for (int w = 0; w < features.width; w++) {
      int window = w / 2;
      int place = features.lines.place(w);
      source[place] = window < pooled.width ? pooled.lines.place(window) : pooled.width;
      if (window < pooled.width) {
        (w % 2 == 0 ? left : right)[source[place]] = place;
      }
    }
    this.pooledGradient = plan.record ? Store.gradients(plan, pooled, 0, channels) : null;
  }

  /** Writes rows [0, outputs) of the next block's features. */
  void forward(boolean nextStatistics) {
    norm.prepare(batchStatistics);
    pooled.images(features.images());
    parts = pooled.partsOfPicture();
    plan.engine.team().run(poolTask, features.images() * parts * Math.ceilDiv(channels, CHANNELS));
    conv.forward(Prologue.NONE, nextStatistics);
  }

  /** Some channels of a part of a picture: a thread pools what it made, for the most part. */
  private void pool(int index, int worker) {
    int groups = Math.ceilDiv(channels, CHANNELS);
    int picture = index / groups / parts;
    int part = index / groups % parts;
    int first = index % groups * CHANNELS;
    int from = pooled.height * part / parts;
    int to = pooled.height * (part + 1) / parts;
    int floats = Kernels.ALIGNED + Kernels.poolScratch(features.width);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    for (int c = first; c < Math.min(channels, first + CHANNELS); c++) {
      plan.engine
          .kernels()
          .averagePool(
              features.x(),
              features.at(c) + picture * features.area() + 2 * from * features.width,
              2 * (to - from),
              features.width,
              norm.scale(c),
              norm.shift(c),
              pooled.x(),
              pooled.at(c) + picture * pooled.area() + from * pooled.width,
              left,
              right,
              scratch,
              Kernels.ALIGNED);
    }
  }

  /**
   * From the gradient of the next block's first rows to U of all rows of this block's: its first
   * reader in the backward pass.
   */
  void backward() {
    conv.gradients(pooledGradient, frozen);
    planes.divide(features.pixels(), features.area());
    Sink sink = norm.gradient(true, frozen);
    sink.begin(planes);
    plan.engine.team().run(gradientTask, Math.ceilDiv(channels, CHANNELS));
    sink.end();
  }

  private void spread(int index, int worker) {
    int area = features.area();
    int poolAt = Kernels.aligned(Kernels.ALIGNED + area + Kernels.SLACK);
    float[] scratch =
        plan.engine.team().scratch(worker, poolAt + Kernels.poolScratch(features.width));
    int first = index * CHANNELS;
    for (int c = first; c < Math.min(channels, first + CHANNELS); c++) {
      for (int n = 0; n < features.images(); n++) {
        plan.engine
            .kernels()
            .averagePoolGradient(
                pooled.dx(),
                pooled.gradientAt(c) + n * pooled.area(),
                features.height,
                features.width,
                scratch,
                Kernels.ALIGNED,
                source,
                scratch,
                poolAt);
        norm.take(scratch, Kernels.ALIGNED, area, c, 1, n * area, area, n);
      }
    }
  }
}
