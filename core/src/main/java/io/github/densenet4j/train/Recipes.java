package io.github.densenet4j.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The named recipes, written down in one place: what differs from {@link #DEFAULTS}. Each line is
 * the name of a value and the value, as {@link Recipe} and the command line call them.
 */
final class Recipes {
  /** Every value that there is; what {@code train} does without options. */
  private static final String DEFAULTS =
      """
      epochs            6
      batch             64
      micro-batch       0
      optimiser         sgd
      lr                0.1
      momentum          0.9
      nesterov          true
      beta2             0.999
      weight-decay      0.0001
      decay-vectors     true
      schedule          cosine
      warmup            0
      clip              0
      ema               0
      loss              auto
      label-smoothing   0
      gamma             2
      class-weights     none
      sampling          uniform
      patience          0
      freeze            none
      freeze-bn         false
      rates             none
      augment           none
      memory            fast
      seed              1
      """;

  /**
   * Huang et al., section 4.2: CIFAR and SVHN; drop-rate 0.2 belongs to it without augmentation.
   */
  private static final String PAPER_CIFAR =
      """
      epochs            300
      batch             64
      lr                0.1
      schedule          step
      augment           cifar
      """;

  /** Huang et al., section 4.2: ImageNet; 90 epochs, divided by 10 at 30 and 60. */
  private static final String PAPER_IMAGENET =
      """
      epochs            90
      batch             256
      lr                0.1
      schedule          multi-step:30:60
      augment           imagenet
      """;

  /** Dive into Deep Learning, section 8.7: plain SGD. */
  private static final String D2L =
      """
      epochs            10
      batch             256
      lr                0.1
      momentum          0
      nesterov          false
      weight-decay      0
      schedule          constant
      """;

  /** A trained network on a few pictures of one's own: a new head learns faster than the rest. */
  private static final String FINETUNE =
      """
      epochs            15
      batch             32
      lr                0.02
      schedule          cosine
      warmup            1
      label-smoothing   0.1
      rates             stem..last=0.1
      augment           gentle
      memory            auto
      """;

  private static final Map<String, String> NAMED = new LinkedHashMap<>();

  static {
    NAMED.put("default", "");
    NAMED.put("paper-cifar", PAPER_CIFAR);
    NAMED.put("paper-imagenet", PAPER_IMAGENET);
    NAMED.put("d2l", D2L);
    NAMED.put("finetune", FINETUNE);
  }

  private Recipes() {}

  /** The names. */
  static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /**
   * All values of a recipe.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Map<String, String> values(String name) {
    String differences = NAMED.get(name);
    if (differences == null) {
      throw new IllegalArgumentException(
          "recipe is '" + name + "': it must be one of " + String.join(", ", names()) + ".");
    }
    Map<String, String> values = new LinkedHashMap<>();
    (DEFAULTS + differences)
        .lines()
        .map(line -> line.split("\\s+"))
        .forEach(words -> values.put(words[0], words[1]));
    return values;
  }
}
