package io.github.densenet4j.data;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.Randomness.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Labelled pictures as they were found: divided by whoever collected them, or not yet.
 *
 * @param train to learn from
 * @param validation to choose the best model by, if there are such
 * @param test to judge the chosen model by, if there are such
 */
public record LabelledData(Dataset train, Optional<Dataset> validation, Optional<Dataset> test) {
  /** Pictures that nobody divided. */
  public static LabelledData undivided(Dataset all) {
    return new LabelledData(all, Optional.empty(), Optional.empty());
  }

  /** Pictures to learn from and to be judged by. */
  static LabelledData divided(Dataset train, Dataset test) {
    return new LabelledData(train, Optional.empty(), Optional.of(test));
  }

  /** Whether {@link #split} has to divide the training pictures. */
  public boolean isUndivided() {
    return validation.isEmpty() && test.isEmpty();
  }

  /** All parts that there are. */
  List<Dataset> parts() {
    List<Dataset> parts = new ArrayList<>(List.of(train));
    validation.ifPresent(parts::add);
    test.ifPresent(parts::add);
    return parts;
  }

  /**
   * Pictures to learn from and pictures to validate with: those meant for it, else the test
   * pictures, else a part of each class.
   *
   * @param fraction of each class that is set apart if nobody divided the pictures; in (0, 1)
   * @param seed by which it is drawn
   * @throws IllegalArgumentException if the fraction is out of range
   */
  public DataSplit split(double fraction, long seed) {
    if (!isUndivided()) {
      return new DataSplit(train, validation.or(() -> test).orElseThrow());
    }
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "val-split is " + fraction + ": it must be above 0 and below 1.");
    }
    boolean[] apart = new boolean[train.size()];
    int[][] groups = groups();
    for (int g = 0; g < groups.length; g++) {
      int size = groups[g].length;
      int count = size < 2 ? 0 : Math.clamp(Math.round(fraction * size), 1, size - 1);
      int[] order = Randomness.permutation(Randomness.key(seed, g, 0, Purpose.SPLIT), size);
      for (int i = 0; i < count; i++) {
        apart[groups[g][order[i]]] = true;
      }
    }
    return new DataSplit(
        Subset.of(train.name() + " (training)", train, where(apart, false)),
        Subset.of(train.name() + " (validation)", train, where(apart, true)));
  }

  /** The pictures of each class; of those with several classes or none, by their first. */
  private int[][] groups() {
    int classes = train.classNames().size();
    int[] group = new int[train.size()];
    int[] counts = new int[classes + 1];
    for (int i = 0; i < group.length; i++) {
      int[] labels = train.labels(i);
      group[i] = labels.length == 0 ? classes : labels[0];
      counts[group[i]]++;
    }
    int[][] groups = new int[classes + 1][];
    Arrays.setAll(groups, g -> new int[counts[g]]);
    int[] filled = new int[classes + 1];
    for (int i = 0; i < group.length; i++) {
      groups[group[i]][filled[group[i]]++] = i;
    }
    return groups;
  }

  static int[] where(boolean[] marks, boolean wanted) {
    int count = 0;
    for (boolean mark : marks) {
      count += mark == wanted ? 1 : 0;
    }
    int[] indices = new int[count];
    int at = 0;
    for (int i = 0; i < marks.length; i++) {
      if (marks[i] == wanted) {
        indices[at++] = i;
      }
    }
    return indices;
  }
}
