package io.github.densenet4j.weights;

import io.github.densenet4j.weights.PickleReader.Instance;
import io.github.densenet4j.weights.PickleReader.Tuple;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The tensors of a network, found in whatever a training script saved: a state dictionary, one that
 * is wrapped in others, or a whole module.
 *
 * @param from the keys that lead to it, e.g. {@code checkpoint.state_dict}; empty for the top
 * @param tensors by name
 * @param labels class names beside it, or empty
 */
record StateDict(String from, Map<String, Tensor> tensors, List<String> labels) {
  private static final int DEPTH = 64;

  /**
   * Where scripts keep the weights, best first: an average of the weights is what gets evaluated.
   */
  private static final List<String> WRAPPERS =
      List.of(
          "state_dict_ema",
          "model_ema",
          "ema_state_dict",
          "ema_model",
          "ema",
          "params_ema",
          "state_dict",
          "model_state_dict",
          "model_state",
          "model",
          "net",
          "network",
          "module",
          "params",
          "weights",
          "checkpoint");

  private static final List<String> LABELS =
      List.of("class_names", "classes", "labels", "pathologies", "targets", "class_to_idx");

  /** Makes a tensor of what the pickle describes. */
  interface Materialiser {
    /** A tensor. */
    Tensor of(String name, TorchView view) throws WeightsException;
  }

  /** Finds the tensors; there are none in the result if there is no network. */
  static StateDict find(Object root, Materialiser materialiser) throws WeightsException {
    Map<String, TorchView> views = new LinkedHashMap<>();
    StringBuilder from = new StringBuilder();
    Object holder = search(root, from, views, newSet(), 0);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, TorchView> entry : views.entrySet()) {
      tensors.put(entry.getKey(), materialiser.of(entry.getKey(), entry.getValue()));
    }
    List<String> labels = labels(holder);
    return new StateDict(from.toString(), tensors, labels.isEmpty() ? labels(root) : labels);
  }

  /**
   * Fills in the views of the first place that has any; returns that place.
   *
   * @param barren where nothing was found: what is referred to a million times is looked at once
   */
  private static Object search(
      Object value,
      StringBuilder from,
      Map<String, TorchView> views,
      Set<Object> barren,
      int depth) {
    if (value instanceof Instance && !barren.contains(value)) {
      module("", value, views, barren, 0);
      return value;
    }
    if (!(value instanceof Map<?, ?> map) || depth > 4 || !barren.add(value)) {
      return value;
    }
    if (map.values().stream().anyMatch(TorchView.class::isInstance)) {
      collect("", map, views, newSet(), 0);
      return value;
    }
    for (String key : WRAPPERS) {
      Object inner = map.get(key);
      if (inner instanceof Map<?, ?> || inner instanceof Instance) {
        int length = from.length();
        from.append(length == 0 ? "" : ".").append(key);
        Object holder = search(inner, from, views, barren, depth + 1);
        if (!views.isEmpty()) {
          return holder;
        }
        from.setLength(length);
      }
    }
    // no known wrapper: tensors grouped by module, or by any other name than an optimiser's
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getKey() instanceof String key && !key.contains("optim")) {
        int length = from.length();
        from.append(length == 0 ? "" : ".").append(key);
        Object holder = search(entry.getValue(), from, views, barren, depth + 1);
        if (!views.isEmpty()) {
          return holder;
        }
        from.setLength(length);
      }
    }
    return value;
  }

  private static Set<Object> newSet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  /**
   * The tensors of a module: its parameters and buffers, then its children's. A module that is part
   * of itself is read once.
   */
  private static void module(
      String prefix, Object module, Map<String, TorchView> views, Set<Object> seen, int depth) {
    if (!(module instanceof Instance instance)
        || !(instance.state instanceof Map<?, ?> state)
        || depth > DEPTH
        || !seen.add(module)) {
      return;
    }
    if (state.get("_modules") instanceof Map<?, ?> children) {
      collect(prefix, state.get("_parameters"), views, seen, depth);
      collect(prefix, state.get("_buffers"), views, seen, depth);
      children.forEach((name, child) -> module(prefix + name + ".", child, views, seen, depth + 1));
      if (state.get("op_threshs")
          instanceof TorchView thresholds) { // TorchXRayVision keeps them beside
        views.putIfAbsent(prefix + "op_threshs", thresholds);
      }
    } else { // TorchScript keeps everything as an attribute
      collect(prefix, state, views, seen, depth);
    }
  }

  private static void collect(
      String prefix, Object values, Map<String, TorchView> views, Set<Object> seen, int depth) {
    if (!(values instanceof Map<?, ?> map)
        || depth > DEPTH
        || views.size() > Checkpoint.MAXIMUM_TENSORS) {
      return;
    }
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String name = prefix + entry.getKey();
      switch (entry.getValue()) {
        case TorchView view -> views.putIfAbsent(name, view);
        case Instance instance -> module(name + ".", instance, views, seen, depth + 1);
        case null, default -> {}
      }
    }
  }

  private static List<String> labels(Object holder) {
    Object fields = holder instanceof Instance instance ? instance.state : holder;
    if (fields instanceof Map<?, ?> map) {
      for (String key : LABELS) {
        List<String> names = names(map.get(key));
        if (!names.isEmpty()) {
          return names;
        }
      }
    }
    return List.of();
  }

  private static List<String> names(Object value) {
    List<?> items =
        switch (value) {
          case List<?> list -> list;
          case Tuple tuple -> tuple.items;
          case Map<?, ?> map -> byIndex(map);
          case null, default -> List.of();
        };
    boolean text = items.stream().allMatch(String.class::isInstance);
    return text ? items.stream().map(String.class::cast).toList() : List.of();
  }

  /** The names of {name: index}, if the indices are 0, 1, 2, ... in order. */
  private static List<?> byIndex(Map<?, ?> map) {
    long next = 0;
    for (Object index : map.values()) {
      if (!Long.valueOf(next++).equals(index)) {
        return List.of();
      }
    }
    return List.copyOf(map.keySet());
  }

  Checkpoint toCheckpoint(Path file, String format, Map<String, String> metadata)
      throws WeightsException {
    if (tensors.isEmpty()) {
      throw new WeightsException(
          file
              + " holds no tensors by name: expected a state_dict, a dictionary with one, or a"
              + " whole module.");
    }
    return new Checkpoint(file, format, from, tensors, metadata, labels, OptionalDouble.empty());
  }
}
