package io.github.densenet4j.train;

import io.github.densenet4j.data.Dataset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a network is trained: every number of it. A recipe is made of one of the {@link #names named
 * ones} and what is to differ: {@code Recipe.named("finetune").with("epochs", 5)}.
 *
 * @param epochs times that the training pictures are seen; at least 1
 * @param batch pictures of a step; at least 1
 * @param microBatch pictures that go through the network together and whose batch statistics are
 *     taken; divides {@code batch}; 0 for all of them
 * @param optimiser the rule
 * @param learningRate the highest of the schedule; above 0
 * @param momentum in [0, 1); of AdamW its beta1
 * @param nesterov whether SGD looks ahead (Sutskever et al., 2013)
 * @param beta2 of AdamW; in [0, 1)
 * @param weightDecay in [0, 1)
 * @param decayVectors whether normalisations and biases decay too
 * @param schedule how the learning rate changes
 * @param warmup epochs in which it rises from a hundredth, before the schedule; at least 0
 * @param clip the longest gradient, by its norm; 0 for any
 * @param ema decay of the moving average of weights that is validated and saved as the best; 0 for
 *     none
 * @param loss auto (binary for several labels, else cross-entropy), cross-entropy, focal or binary
 * @param labelSmoothing of cross-entropy; in [0, 1)
 * @param gamma of the focal loss; at least 0
 * @param balancedWeights whether rare classes weigh more in the loss
 * @param balancedSampling whether all classes are drawn equally often
 * @param patience epochs without a better model after which training ends; 0 for never
 * @param freeze parts that keep their values and use running statistics
 * @param freezeStatistics whether all parts use running statistics
 * @param rates factors of the learning rate, a part each
 * @param augment how training pictures are changed
 * @param memory whether bottlenecks are recomputed; changes no number
 * @param seed of everything random
 * @param values all of these as they are written
 */
public record Recipe(
    int epochs,
    int batch,
    int microBatch,
    Rule optimiser,
    double learningRate,
    double momentum,
    boolean nesterov,
    double beta2,
    double weightDecay,
    boolean decayVectors,
    Schedule schedule,
    double warmup,
    double clip,
    double ema,
    Measure loss,
    double labelSmoothing,
    double gamma,
    boolean balancedWeights,
    boolean balancedSampling,
    int patience,
    PartRange freeze,
    boolean freezeStatistics,
    Map<PartRange, Double> rates,
    Augmentation augment,
    MemoryUse memory,
    long seed,
    Map<String, String> values) {
  /** Of the learning rate, where a warm-up begins. */
  private static final double COLD = 0.01;

  /** How parameters follow their gradients. */
  public enum Rule {
    /** {@link Sgd}. */
    SGD,
    /** {@link AdamW}. */
    ADAMW
  }

  /** What is made small. */
  public enum Measure {
    /** {@link BinaryLoss} for several labels, else {@link SoftmaxLoss}. */
    AUTO,
    /** {@link SoftmaxLoss}. */
    CROSS_ENTROPY,
    /** {@link FocalLoss}. */
    FOCAL,
    /** {@link BinaryLoss}. */
    BINARY
  }

  /** Memory against time. */
  public enum MemoryUse {
    /** Recompute only if all would not fit. */
    AUTO,
    /** Keep everything. */
    FAST,
    /** Recompute bottlenecks in the backward pass (Pleiss et al., 2017). */
    LOW
  }

  /** Checks what no single value shows. */
  public Recipe {
    rates = Collections.unmodifiableMap(new LinkedHashMap<>(rates));
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    if (microBatch > 0 && batch % microBatch != 0) {
      throw new IllegalArgumentException(
          "micro-batch is " + microBatch + ": it must divide the batch of " + batch + ".");
    }
    if (warmup >= epochs) {
      throw new IllegalArgumentException(
          "warmup is " + warmup + " epochs: it must be less than the " + epochs + " epochs.");
    }
  }

  /**
   * The factor of the learning rate at a step: warm-up, then the schedule.
   *
   * @param epoch from 0
   * @param step of the epoch, from 0
   * @param steps of an epoch
   * @param losses of validation, behind each epoch so far
   */
  double factor(int epoch, int step, int steps, List<Double> losses) {
    long position = (long) epoch * steps + step;
    long total = (long) epochs * steps;
    long warm = Math.round(warmup * steps);
    return position < warm
        ? COLD + (1 - COLD) * position / warm
        : schedule.factor(position - warm, total - warm, steps, losses);
  }

  /** The names of the recipes. */
  public static List<String> names() {
    return Recipes.names();
  }

  /**
   * A named recipe.
   *
   * @throws IllegalArgumentException if there is none of that name; the message lists the names
   */
  public static Recipe named(String name) {
    return of(Recipes.values(name));
  }

  /**
   * This recipe with another value.
   *
   * @param key as it is written in the recipes, e.g. {@code lr}
   * @throws IllegalArgumentException if there is no such value or it is out of range
   */
  public Recipe with(String key, Object value) {
    Map<String, String> changed = new LinkedHashMap<>(values);
    changed.put(key, String.valueOf(value));
    return of(changed);
  }

  /**
   * The recipe of written values.
   *
   * @throws IllegalArgumentException naming what is missing, unknown or out of range
   */
  public static Recipe of(Map<String, String> values) {
    List<String> known = List.copyOf(Recipes.values("default").keySet());
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "A recipe has no value '" + key + "'. It has " + String.join(", ", known) + ".");
      }
    }
    Values in = new Values(values);
    return new Recipe(
        in.whole("epochs", 1, 1_000_000),
        in.whole("batch", 1, 1 << 20),
        in.whole("micro-batch", 0, 1 << 20),
        in.choice("optimiser", Rule.class),
        in.real("lr", Double.MIN_VALUE, Float.MAX_VALUE),
        in.real("momentum", 0, Math.nextDown(1)),
        in.truth("nesterov"),
        in.real("beta2", 0, Math.nextDown(1)),
        in.real("weight-decay", 0, Math.nextDown(1)),
        in.truth("decay-vectors"),
        Schedule.parse(in.text("schedule")),
        in.real("warmup", 0, 1_000_000),
        in.real("clip", 0, Float.MAX_VALUE),
        in.real("ema", 0, Math.nextDown(1)),
        in.choice("loss", Measure.class),
        in.real("label-smoothing", 0, Math.nextDown(1)),
        in.real("gamma", 0, 100),
        in.either("class-weights", "none", "balanced"),
        in.either("sampling", "uniform", "balanced"),
        in.whole("patience", 0, 1_000_000),
        parts("freeze", in.text("freeze")),
        in.truth("freeze-bn"),
        rates(in.text("rates")),
        Augmentation.parse(in.text("augment")),
        in.choice("memory", MemoryUse.class),
        in.seed("seed"),
        values);
  }

  private static PartRange parts(String key, String text) {
    try {
      return PartRange.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  /** Factors such as {@code stem..block3=0.1,head=10}. */
  private static Map<PartRange, Double> rates(String text) {
    Map<PartRange, Double> rates = new LinkedHashMap<>();
    if (text.equals("none")) {
      return rates;
    }
    for (String word : text.split(",")) {
      String[] sides = word.split("=");
      try {
        double factor = sides.length == 2 ? Double.parseDouble(sides[1]) : -1;
        if (factor >= 0 && factor < Float.MAX_VALUE) {
          rates.put(parts("rates", sides[0]), factor);
          continue;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "rates is '" + text + "': '" + sides[1] + "' is not a number.", e);
      }
      throw new IllegalArgumentException(
          "rates is '" + text + "': write PARTS=FACTOR, e.g. stem..block3=0.1,head=10.");
    }
    return rates;
  }

  /** Pictures that go through the network together. */
  public int together() {
    return microBatch == 0 ? batch : microBatch;
  }

  /** The factor of a part's learning rate: the last range that names it; 0 if it is frozen. */
  double rate(String part) {
    double factor = 1;
    for (Map.Entry<PartRange, Double> entry : rates.entrySet()) {
      factor = entry.getKey().contains(part) ? entry.getValue() : factor;
    }
    return freeze.contains(part) ? 0 : factor;
  }

  /** The loss for a data set. */
  Loss measure(Dataset data) {
    int n = data.classNames().size();
    List<Double> weights = balancedWeights ? balanced(data) : List.of();
    Measure which =
        loss != Measure.AUTO ? loss : data.multiLabel() ? Measure.BINARY : Measure.CROSS_ENTROPY;
    if (data.multiLabel() && which != Measure.BINARY) {
      throw new IllegalArgumentException(
          "loss is "
              + loss.name().toLowerCase(Locale.ROOT)
              + ", but pictures of "
              + data.name()
              + " may show several of the "
              + n
              + " classes: use binary.");
    }
    return switch (which) {
      case BINARY -> new BinaryLoss(weights);
      case FOCAL -> new FocalLoss(gamma, weights);
      case AUTO, CROSS_ENTROPY -> new SoftmaxLoss(labelSmoothing, weights);
    };
  }

  /** Weights as scikit-learn's {@code balanced}: pictures / (classes * pictures of the class). */
  private static List<Double> balanced(Dataset data) {
    int[] counts = new int[data.classNames().size()];
    for (int i = 0; i < data.size(); i++) {
      for (int label : data.labels(i)) {
        counts[label]++;
      }
    }
    List<Double> weights = new ArrayList<>();
    for (int count : counts) {
      weights.add((double) data.size() / ((double) counts.length * Math.max(1, count)));
    }
    return weights;
  }
}
