package io.github.densenet4j;

import java.util.ArrayList;
import java.util.List;

/**
 * A dense block: every layer reads the features of all layers before it (paper, equation 2). The
 * features are one matrix that grows by k rows a layer, so that their concatenation costs nothing.
 */
final class DenseBlock extends Part {
  /** Which of the network's blocks, from 0. */
  final int number;

  private final Maps features;
  private final List<DenseLayer> layers = new ArrayList<>();
  private final List<String> layerNames = new ArrayList<>();

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
    this.number = block;
    this.features = features;
    for (int l = 0; l < layerCount; l++) {
      String layer = Layout.layerName(block, l);
      int read = channels + l * plan.config.growthRate();
      layers.add(new DenseLayer(plan, layer, features, read, firstLayer + l, recompute));
      layerNames.add(layer);
    }
  }

  /** Appends the layers' features; their batch statistics are taken if anyone will read them. */
  void forward(boolean featureStatistics) {
    for (DenseLayer layer : layers) {
      layer.forward(batchStatistics, featureStatistics);
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
