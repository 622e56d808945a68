package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * What the parts of a network are built with: the description, the stores, the memory, and for how
 * many pictures.
 */
final class Plan {
  final DenseNetConfig config;
  final Layout layout;
  final Engine engine;
  final Memory memory = new Memory();
  final int images;
  final boolean record;

  /**
   * Inference with running statistics: normalisations behind a convolution are folded into its
   * weights.
   */
  final boolean fold;

  /** Every batch normalisation built so far. */
  final List<BatchNorm> norms = new ArrayList<>();

  /** One key a picture for what is dropped; null: nothing is. */
  long[] sampleKeys;

  private final Weights weights;
  private final Memory.Slab gradients;

  /** A plan. {@code weights} may be null if only the memory is to be measured. */
  Plan(
      DenseNetConfig config,
      Layout layout,
      Weights weights,
      Engine engine,
      int images,
      boolean record,
      boolean fold) {
    this.config = config;
    this.layout = layout;
    this.weights = weights;
    this.engine = engine;
    this.images = images;
    this.record = record;
    this.fold = fold;
    this.gradients = record ? memory.own(layout.parameters()) : null;
  }

  float[] parameters() {
    return weights.parameters();
  }

  float[] statistics() {
    return weights.statistics();
  }

  float[] gradients() {
    return gradients.array();
  }

  Weights weights() {
    return weights;
  }

  int slot(String name) {
    return layout.slot(name).at();
  }

  /** Index of an optional tensor, -1 if the network has none. */
  int optionalSlot(String name) {
    return layout.has(name) ? slot(name) : -1;
  }
}
