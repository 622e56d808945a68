package io.github.densenet4j.train;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.Randomness.Purpose;
import io.github.densenet4j.data.Dataset;
import java.util.ArrayList;
import java.util.List;

/** Which training pictures an epoch sees, and in which order. */
final class Sampler {
  private final int size;
  private final long seed;
  private final List<int[]> classes; // the pictures of each class that has some; null: uniform

  /** Each picture once, or pictures of all classes equally often. */
  Sampler(Dataset data, Recipe recipe) {
    this.size = data.size();
    this.seed = recipe.seed();
    this.classes = recipe.balancedSampling() ? byClass(data) : null;
  }

  private static List<int[]> byClass(Dataset data) {
    int[] counts = new int[data.classNames().size()];
    for (int i = 0; i < data.size(); i++) {
      for (int label : data.labels(i)) {
        counts[label]++;
      }
    }
    int[][] members = new int[counts.length][];
    for (int c = 0; c < counts.length; c++) {
      members[c] = new int[counts[c]];
    }
    int[] filled = new int[counts.length];
    for (int i = 0; i < data.size(); i++) {
      for (int label : data.labels(i)) {
        members[label][filled[label]++] = i;
      }
    }
    List<int[]> some = new ArrayList<>(List.of(members));
    some.removeIf(m -> m.length == 0);
    return some;
  }

  /** The order of an epoch, as many pictures as there are. */
  int[] order(int epoch) {
    if (classes == null) {
      return Randomness.permutation(Randomness.key(seed, epoch, 0, Purpose.SHUFFLE), size);
    }
    Draws draws = new Draws(Randomness.key(seed, epoch, 0, Purpose.SAMPLING));
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int[] members = classes.get(draws.below(classes.size()));
      order[i] = members[draws.below(members.length)];
    }
    return order;
  }
}
