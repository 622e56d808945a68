package io.github.densenet4j.train;

import io.github.densenet4j.Layout;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Layout.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Neighbouring parameters that an optimiser treats alike; what is in no group keeps its values.
 *
 * @param from first parameter
 * @param to behind the last
 * @param rate factor of the learning rate
 * @param decay factor of the weight decay
 */
record ParameterGroup(int from, int to, float rate, float decay) {
  private static final int CHUNK = 1 << 16;

  /** All of some parameters alike. */
  static List<ParameterGroup> all(int parameters) {
    return chunks(List.of(new ParameterGroup(0, parameters, 1, 1)));
  }

  /**
   * Groups by the part of the network that a tensor belongs to.
   *
   * @param rates the factor of each part's learning rate; 0 for a frozen one
   * @param decayVectors the weight decay's factor for normalisations and biases
   */
  static List<ParameterGroup> of(
      Layout layout, Function<String, Double> rates, float decayVectors) {
    List<ParameterGroup> groups = new ArrayList<>();
    for (Slot slot : layout.slots()) {
      double rate = rates.apply(part(slot.name()));
      if (slot.store() == Store.PARAMETERS && rate > 0) {
        float decay = slot.shape().size() == 1 ? decayVectors : 1;
        ParameterGroup next =
            new ParameterGroup(slot.at(), slot.at() + slot.size(), (float) rate, decay);
        ParameterGroup last = groups.isEmpty() ? null : groups.getLast();
        if (last != null
            && last.to == next.from
            && last.rate == next.rate
            && last.decay == next.decay) {
          groups.set(
              groups.size() - 1, new ParameterGroup(last.from, next.to, last.rate, last.decay));
        } else {
          groups.add(next);
        }
      }
    }
    return chunks(groups);
  }

  /** The part that a tensor belongs to, as {@link io.github.densenet4j.Pass#parts()} names it. */
  static String part(String tensor) {
    String[] words = tensor.split("\\.");
    boolean inside = words[1].startsWith("denseblock") || words[1].startsWith("transition");
    if (inside) {
      return words[1];
    }
    return words[1].equals("conv0") || words[1].equals("norm0") ? "stem" : "head";
  }

  private static List<ParameterGroup> chunks(List<ParameterGroup> groups) {
    List<ParameterGroup> chunks = new ArrayList<>();
    for (ParameterGroup group : groups) {
      for (int at = group.from; at < group.to; at += CHUNK) {
        chunks.add(new ParameterGroup(at, Math.min(group.to, at + CHUNK), group.rate, group.decay));
      }
    }
    return chunks;
  }
}
