package io.github.densenet4j;

import io.github.densenet4j.kernel.Team;
import java.util.List;

/**
 * One layer of a dense block: BN, ReLU, 1x1 convolution to the bottleneck, BN, ReLU, 3x3
 * convolution to k new features (paper, section 3, "Bottleneck layers"); a plain layer is BN, ReLU,
 * 3x3 convolution. It reads rows [0, C) of the block's features and appends rows [C, C + k).
 */
final class DenseLayer {
  private static final int MASK_COLUMNS = 4096;

  private final Plan plan;
  private final Maps features;
  private final int channels;
  private final int growthRate;
  private final BatchNorm norm1;
  private final Convolution conv1;
  private final Maps bottleneck; // (bottleneck * k, N*H*W); null for a plain layer
  private final BatchNorm norm2;
  private final Convolution conv2;
  private final BandedBottleneck banded; // null where the bottleneck is stored
  private final Dropout dropout;
  private final boolean recompute;
  private final Team.Task dropGradientTask = this::dropGradient;

  /**
   * A layer.
   *
   * @param channels C, the features that it reads
   * @param index its number in the whole network, for dropout
   * @param recompute whether the bottleneck is computed again in the backward pass instead of being
   *     kept
   */
  DenseLayer(Plan plan, String name, Maps features, int channels, int index, boolean recompute) {
    this.plan = plan;
    this.features = features;
    this.channels = channels;
    this.growthRate = plan.config.growthRate();
    this.recompute = recompute;
    plan.memory.nextStage();
    this.norm1 = new BatchNorm(plan, name + ".norm1", features, channels);
    if (plan.config.hasBottleneck()) {
      int width = plan.config.bottleneck() * growthRate;
      int h = features.height;
      Lines lines = features.lines;
      this.bottleneck =
          recompute ? Maps.recomputed(plan, width, h, lines) : Maps.kept(plan, width, h, lines);
      this.conv1 =
          new Convolution(
              plan, name + ".conv1", 1, 1, features, channels, bottleneck, 0, width, true);
      this.norm2 = new BatchNorm(plan, name + ".norm2", bottleneck, width);
      this.conv2 =
          new Convolution(
              plan, name + ".conv2", 3, 1, bottleneck, width, features, channels, growthRate, true);
      this.banded = BandedBottleneck.of(plan, features, conv1.product(), conv2.product());
    } else {
      this.bottleneck = null;
      this.conv1 = null;
      this.norm2 = null;
      this.banded = null;
      this.conv2 =
          new Convolution(
              plan,
              name + ".conv1",
              3,
              1,
              features,
              channels,
              features,
              channels,
              growthRate,
              true);
    }
    this.dropout =
        plan.record && plan.config.dropRate() > 0
            ? new Dropout(plan, index, features.area())
            : null;
    conv2.dropout(dropout);
  }

  /** Appends k rows to the features. */
  void forward(boolean batchStatistics, boolean featureStatistics) {
    norm1.prepare(batchStatistics);
    if (bottleneck == null) {
      conv2.forward(norm1, featureStatistics);
      return;
    }
    bottleneck.images(features.images());
    conv1.forward(norm1, batchStatistics);
    norm2.prepare(batchStatistics);
    conv2.forward(norm2, featureStatistics);
  }

  /** Inference: makes everything ready for the tasks of {@link #products}. */
  void begin() {
    norm1.prepare(false);
    if (bottleneck == null) {
      conv2.begin(norm1);
    } else {
      bottleneck.images(features.images());
      norm2.prepare(false);
      conv1.beginFolded(norm1, norm2);
      conv2.begin(Prologue.RELU);
    }
  }

  /** Its convolutions, in order. */
  List<Product> products() {
    return bottleneck == null
        ? List.of(conv2.product())
        : List.of(conv1.product(), conv2.product());
  }

  /** Inference: makes everything ready for {@link #banded}. */
  void beginBanded() {
    norm1.prepare(false);
    norm2.prepare(false);
    conv1.beginBanded(banded, norm1, norm2, conv2);
  }

  /** Its convolutions band by band, or null where that does not suit its maps. */
  BandedBottleneck banded() {
    return banded;
  }

  /** Takes the gradient of its k rows and adds that of the rows it read to their U. */
  void backward(boolean frozen) {
    features.finishGradient(channels, channels + growthRate);
    if (dropout != null && plan.sampleKeys != null) {
      plan.engine
          .team()
          .run(dropGradientTask, (features.pixels() + MASK_COLUMNS - 1) / MASK_COLUMNS);
    }
    if (bottleneck != null) {
      backwardBottleneck(frozen);
      return;
    }
    conv2.gradients(norm1.gradient(false, frozen), frozen);
  }

  private void backwardBottleneck(boolean frozen) {
    if (recompute) {
      conv1.recompute();
    }
    conv2.gradients(norm2.gradient(true, frozen), frozen);
    conv1.gradientsOfU(norm1.gradient(false, frozen), frozen);
  }

  private void dropGradient(int index, int worker) {
    int column = index * MASK_COLUMNS;
    int p = Math.min(MASK_COLUMNS, features.pixels() - column);
    dropout.apply(features.gradientRows(channels), 0, growthRate, column, p);
  }

  int firstRow() {
    return channels;
  }
}
