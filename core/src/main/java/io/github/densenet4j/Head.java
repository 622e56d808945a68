package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;

/**
 * The end: BN, ReLU, global average pool, linear layer. The linear layer is a 1x1 convolution of
 * pictures of one pixel, and so it is computed.
 */
final class Head extends Part {
  private final Plan plan;
  private final Maps features;
  private final int channels;
  private final Maps pooled; // (C, N)
  private final Maps logits; // (classes, N)
  private final float[] out; // (N, classes)
  private final BatchNorm norm5;
  private final Convolution classifier;
  private final Store pooledGradient;
  private final Tiles planes = new Tiles(1);
  private final Team.Task poolTask = this::pool;
  private final Team.Task gradientTask = this::spread;

  /** A head on all rows of the last block's features. */
  Head(Plan plan, Maps features) {
    super("head");
    this.plan = plan;
    this.features = features;
    this.channels = features.channels;
    plan.memory.nextStage();
    this.norm5 = new BatchNorm(plan, "features.norm5", features, channels);
    this.pooled = Maps.kept(plan, channels, 1, Lines.plain(1));
    this.logits = Maps.kept(plan, plan.config.classes(), 1, Lines.plain(1));
    this.classifier =
        new Convolution(
            plan, "classifier", 1, 1, pooled, channels, logits, 0, logits.channels, true);
    this.out = new float[plan.images * plan.config.classes()];
    this.pooledGradient = plan.record ? Store.gradients(plan, pooled, 0, channels) : null;
  }

  /** What the classifier reads: (C, N). */
  Maps pooled() {
    return pooled;
  }

  /** The logits (N, classes) of the last forward pass: the array itself. */
  float[] logits() {
    return out;
  }

  /** Computes the logits. */
  void forward() {
    int n = features.images();
    pooled.images(n);
    logits.images(n);
    norm5.prepare(batchStatistics);
    plan.engine.team().run(poolTask, (channels + 31) / 32);
    classifier.forward(Prologue.NONE, false);
    for (int c = 0; c < logits.channels; c++) {
      for (int i = 0; i < n; i++) {
        out[i * logits.channels + c] = logits.x()[logits.at(c) + i];
      }
    }
  }

  private void pool(int index, int worker) {
    for (int c = index * 32; c < Math.min(channels, index * 32 + 32); c++) {
      for (int n = 0; n < features.images(); n++) {
        pooled.x()[pooled.at(c) + n] =
            plan.engine
                .kernels()
                .globalAverage(
                    features.x(),
                    features.at(c) + n * features.area(),
                    features.area(),
                    norm5.scale(c),
                    norm5.shift(c));
      }
    }
  }

  /** From the gradient of the logits (N, classes) to U of the last block's features. */
  void backward(float[] dlogits) {
    int n = features.images();
    for (int c = 0; c < logits.channels; c++) {
      for (int i = 0; i < n; i++) {
        logits.dx()[logits.gradientAt(c) + i] = dlogits[i * logits.channels + c];
      }
    }
    classifier.gradients(pooledGradient, frozen);
    planes.divide(features.pixels(), features.area());
    Sink sink = norm5.gradient(true, frozen);
    sink.begin(planes);
    plan.engine.team().run(gradientTask, (channels + 7) / 8);
    sink.end();
  }

  private void spread(int index, int worker) {
    int area = features.area();
    float[] scratch = plan.engine.team().scratch(worker, area + Kernels.SLACK);
    for (int c = index * 8; c < Math.min(channels, index * 8 + 8); c++) {
      for (int n = 0; n < features.images(); n++) {
        Arrays.fill(scratch, 0, area, pooled.dx()[pooled.gradientAt(c) + n] / area);
        norm5.take(scratch, 0, area, c, 1, n * area, area, n);
      }
    }
  }
}
