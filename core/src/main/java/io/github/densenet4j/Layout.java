package io.github.densenet4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each tensor of a network lies in its flat stores. The names are torchvision's keys, in
 * torchvision's order.
 *
 * <p>Parameters and gradients share one numbering, running statistics have another.
 */
public final class Layout {
  /** Which store a tensor belongs to. */
  public enum Store {
    /** Learned by gradients. */
    PARAMETERS,
    /** Running means and variances. */
    STATISTICS
  }

  /**
   * One tensor.
   *
   * @param name torchvision's key, e.g. {@code features.denseblock1.denselayer1.norm1.weight}
   * @param shape PyTorch's shape
   * @param store the store that holds it
   * @param at index of its first element there
   * @param size number of elements
   */
  public record Slot(String name, List<Integer> shape, Store store, int at, int size) {}

  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private int parameters;
  private int statistics;

  /** The tensors of a network. */
  public static Layout of(DenseNetConfig config) {
    Layout layout = new Layout();
    layout.stem(config);
    List<Integer> inputs = config.blockInputs();
    for (int b = 0; b < inputs.size(); b++) {
      for (int l = 0; l < config.blocks().get(b); l++) {
        layout.layer(config, layerName(b, l), inputs.get(b) + l * config.growthRate());
      }
      if (b < inputs.size() - 1) {
        int width = inputs.get(b) + config.blocks().get(b) * config.growthRate();
        layout.norm(transitionName(b) + ".norm", width);
        layout.convolution(
            transitionName(b) + ".conv", inputs.get(b + 1), width, 1, config.convBias());
      }
    }
    layout.norm("features.norm5", config.features());
    layout.add("classifier.weight", Store.PARAMETERS, config.classes(), config.features());
    layout.add("classifier.bias", Store.PARAMETERS, config.classes());
    return layout;
  }

  static String blockName(int block) {
    return "features.denseblock" + (block + 1);
  }

  static String layerName(int block, int layer) {
    return blockName(block) + ".denselayer" + (layer + 1);
  }

  static String transitionName(int block) {
    return "features.transition" + (block + 1);
  }

  private void stem(DenseNetConfig config) {
    int kernel = config.stem() == StemType.CIFAR ? 3 : 7;
    convolution(
        "features.conv0", config.initFeatures(), config.channels(), kernel, config.stemBias());
    if (config.stem() != StemType.CIFAR) {
      norm("features.norm0", config.initFeatures());
    }
  }

  private void layer(DenseNetConfig config, String name, int channels) {
    norm(name + ".norm1", channels);
    if (config.hasBottleneck()) {
      int width = config.bottleneck() * config.growthRate();
      convolution(name + ".conv1", width, channels, 1, config.convBias());
      norm(name + ".norm2", width);
      convolution(name + ".conv2", config.growthRate(), width, 3, config.convBias());
    } else {
      convolution(name + ".conv1", config.growthRate(), channels, 3, config.convBias());
    }
  }

  private void convolution(String name, int out, int in, int kernel, boolean bias) {
    add(name + ".weight", Store.PARAMETERS, out, in, kernel, kernel);
    if (bias) {
      add(name + ".bias", Store.PARAMETERS, out);
    }
  }

  private void norm(String name, int channels) {
    add(name + ".weight", Store.PARAMETERS, channels);
    add(name + ".bias", Store.PARAMETERS, channels);
    add(name + ".running_mean", Store.STATISTICS, channels);
    add(name + ".running_var", Store.STATISTICS, channels);
  }

  private void add(String name, Store store, Integer... shape) {
    long size = 1;
    for (int side : shape) {
      size *= side;
    }
    int at = store == Store.PARAMETERS ? parameters : statistics;
    if (at + size > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "The network has more than 2,147,483,583 parameters at " + name + ": make it narrower.");
    }
    slots.put(name, new Slot(name, List.of(shape), store, at, (int) size));
    if (store == Store.PARAMETERS) {
      parameters += (int) size;
    } else {
      statistics += (int) size;
    }
  }

  /** All tensors in torchvision's order. */
  public List<Slot> slots() {
    return new ArrayList<>(slots.values());
  }

  /**
   * The tensor of a name.
   *
   * @throws IllegalArgumentException if the network has none of that name
   */
  public Slot slot(String name) {
    Slot slot = slots.get(name);
    if (slot == null) {
      throw new IllegalArgumentException("The network has no tensor named '" + name + "'.");
    }
    return slot;
  }

  /** Whether the network has a tensor of that name. */
  public boolean has(String name) {
    return slots.containsKey(name);
  }

  /** Number of learned values. */
  public int parameters() {
    return parameters;
  }

  /** Number of running statistics. */
  public int statistics() {
    return statistics;
  }
}
