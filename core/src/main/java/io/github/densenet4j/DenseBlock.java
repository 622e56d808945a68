package io.github.densenet4j;

import io.github.densenet4j.kernel.Team;
import java.util.ArrayList;
import java.util.List;

/**
 * A dense block: every layer reads the features of all layers before it (paper, equation 2). The
 * features are one matrix that grows by k rows a layer, so that their concatenation costs nothing.
 */
final class DenseBlock extends Part {
  /** Which of the network's blocks, from 0. */
  final int number;

  private final Plan plan;
  private final Maps features;
  private final List<DenseLayer> layers = new ArrayList<>();
  private final List<String> layerNames = new ArrayList<>();
  private final BlockPipeline pipeline;
  private final Team.Task pictureTask = this::picture;

  /**
   * A block.
   *
   * @param features (channels + layers * k, N*H*W), whose rows [0, channels) the part before writes
   * @param firstLayer the number of its first layer in the whole network
   */
  DenseBlock(
      Plan plan,
      int block,
      Maps features,
      int channels,
      int layerCount,
      int firstLayer,
      boolean recompute) {
    super("denseblock" + (block + 1));
    this.plan = plan;
    this.number = block;
    this.features = features;
    for (int l = 0; l < layerCount; l++) {
      String layer = Layout.layerName(block, l);
      int read = channels + l * plan.config.growthRate();
      layers.add(new DenseLayer(plan, layer, features, read, firstLayer + l, recompute));
      layerNames.add(layer);
    }
    List<Product> products = layers.stream().flatMap(layer -> layer.products().stream()).toList();
    this.pipeline = new BlockPipeline(plan.engine.team(), products, features.width + 1);
  }

  /**
   * How lines lie in a block's maps.
   *
   * @param channels that its first layer reads
   */
  static Lines lines(Plan plan, int channels, int height, int width) {
    int k = plan.config.growthRate();
    int read = plan.config.hasBottleneck() ? plan.config.bottleneck() * k : channels;
    boolean plain =
        plan.engine.kernels().lanes() == 1
            || Math.min(read, k) < WinogradProduct.LEAST_CHANNELS
            || ColumnWinogradProduct.suits(plan, height, width);
    return new Lines(width, plain ? null : WinogradProduct.choose(height, width, plan.images));
  }

  /** Appends the layers' features; their batch statistics are taken if anyone will read them. */
  void forward(boolean featureStatistics) {
    if (plan.fold) {
      infer();
      return;
    }
    for (DenseLayer layer : layers) {
      layer.forward(batchStatistics, featureStatistics);
    }
  }

  /** Inference: a picture a task through all layers, or task by task through all pictures. */
  private void infer() {
    if (layers.stream().allMatch(layer -> layer.banded() != null && layer.banded().suits())) {
      layers.forEach(DenseLayer::beginBanded);
      plan.engine.team().run(pictureTask, features.images());
    } else {
      layers.forEach(DenseLayer::begin);
      pipeline.run();
    }
  }

  private void picture(int picture, int worker) {
    for (DenseLayer layer : layers) {
      layer.banded().picture(picture, worker);
    }
  }

  /** From U of all rows to U of the rows that entered, last layer first. */
  void backward(Captures captures) {
    for (int l = layers.size() - 1; l >= 0; l--) {
      DenseLayer layer = layers.get(l);
      int end = l + 1 < layers.size() ? layers.get(l + 1).firstRow() : features.channels;
      captures.gradient(layerNames.get(l), features, layer.firstRow(), end);
      layer.backward(frozen);
    }
  }

  Maps features() {
    return features;
  }

  List<String> layerNames() {
    return layerNames;
  }

  int firstRow(int layer) {
    return layers.get(layer).firstRow();
  }
}
