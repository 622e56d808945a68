package io.github.densenet4j;

import java.util.HashMap;
import java.util.Map;

/**
 * Copies of named feature maps and their gradients that a caller asked for (Grad-CAM, for
 * instance).
 */
final class Captures {
  private final Map<String, float[]> values = new HashMap<>();
  private final Map<String, float[]> gradients = new HashMap<>();
  private final Map<String, int[]> shapes = new HashMap<>();
  private final Map<String, Boolean> wanted = new HashMap<>();

  void want(String name) {
    wanted.put(name, true);
  }

  void clear() {
    values.clear();
    gradients.clear();
    shapes.clear();
  }

  void values(String name, Maps maps, int from, int to) {
    if (!wanted.isEmpty() && wanted.containsKey(name)) {
      values.put(name, maps.values(from, to));
      shapes.put(name, new int[] {maps.images(), to - from, maps.height, maps.width});
    }
  }

  /**
   * The gradient as far as it is summed up now: with the share of every reader that has gone
   * before.
   */
  void gradient(String name, Maps maps, int from, int to) {
    if (!wanted.isEmpty() && wanted.containsKey(name)) {
      gradients.put(name, maps.gradientNow(from, to));
    }
  }

  float[] values(String name) {
    return found(values, name, "forward");
  }

  float[] gradients(String name) {
    return found(gradients, name, "backward");
  }

  int[] shape(String name) {
    float[] any = found(values, name, "forward");
    return any == null ? null : shapes.get(name).clone();
  }

  private static float[] found(Map<String, float[]> map, String name, String pass) {
    float[] found = map.get(name);
    if (found == null) {
      throw new IllegalStateException(
          "Nothing was captured of '" + name + "': call capture before the " + pass + " pass.");
    }
    return found;
  }
}
