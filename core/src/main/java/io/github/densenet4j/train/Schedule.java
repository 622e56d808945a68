package io.github.densenet4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the learning rate changes over a run, with PyTorch's formulas. Written as {@code cosine},
 * {@code step:30} or {@code multi-step:150:225}: a name and its numbers.
 *
 * @param kind the formula
 * @param numbers what it takes, see {@link Kind}
 */
public record Schedule(Kind kind, List<Double> numbers) {
  /** The formulas. */
  public enum Kind {
    /** Always the same. */
    CONSTANT,
    /**
     * Without numbers divided by 10 at 50 % and again at 75 % of the epochs (paper, section 4.2);
     * with numbers times the second (0.1) every so many epochs ({@code StepLR}).
     */
    STEP,
    /** Divided by 10 before each of the named epochs ({@code MultiStepLR}). */
    MULTI_STEP,
    /** Half a cosine from the full rate to zero, step by step (Loshchilov and Hutter, 2017). */
    COSINE,
    /**
     * Up and down again along cosines (Smith and Topin, 2018; {@code OneCycleLR}): the part that
     * rises (0.3), by which the rate is divided at the start (25) and once more at the end (10000).
     */
    ONE_CYCLE,
    /**
     * Times the first number (0.1) when the validation loss has not fallen for more epochs than the
     * second (10) ({@code ReduceLROnPlateau}).
     */
    PLATEAU
  }

  private static final double IMPROVEMENT = 1e-4;

  /** Checks the numbers. */
  public Schedule {
    numbers = List.copyOf(numbers);
    int most =
        switch (kind) {
          case CONSTANT, COSINE -> 0;
          case STEP, PLATEAU -> 2;
          case ONE_CYCLE -> 3;
          case MULTI_STEP -> Integer.MAX_VALUE;
        };
    boolean positive = numbers.stream().allMatch(n -> n > 0 && n < Double.POSITIVE_INFINITY);
    if (numbers.size() > most || !positive || kind == Kind.MULTI_STEP && numbers.isEmpty()) {
      throw new IllegalArgumentException(
          "schedule "
              + kind
              + " does not take the numbers "
              + numbers
              + ": write constant, step, step:EPOCHS:FACTOR, multi-step:EPOCH:EPOCH, cosine,"
              + " one-cycle:RISE:START:END or plateau:FACTOR:EPOCHS.");
    }
  }

  /**
   * A schedule as it is written.
   *
   * @throws IllegalArgumentException if there is none of that name or its numbers do not fit
   */
  public static Schedule parse(String text) {
    String[] words = text.strip().split(":");
    String name = words[0].toUpperCase(Locale.ROOT).replace('-', '_');
    List<Double> numbers = new ArrayList<>();
    try {
      for (int i = 1; i < words.length; i++) {
        numbers.add(Double.valueOf(words[i]));
      }
      return new Schedule(Kind.valueOf(name), numbers);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "schedule is '" + text + "': numbers follow the name, e.g. multi-step:150:225.", e);
    } catch (IllegalArgumentException e) {
      if (e.getMessage().startsWith("schedule")) {
        throw e;
      }
      throw new IllegalArgumentException(
          "schedule is '"
              + text
              + "': it must be constant, step, multi-step, cosine, one-cycle or plateau.",
          e);
    }
  }

  private double number(int index, double otherwise) {
    return index < numbers.size() ? numbers.get(index) : otherwise;
  }

  /**
   * The factor of the learning rate.
   *
   * @param position of the step in the run, from 0
   * @param total steps of the run
   * @param steps of an epoch
   * @param losses of validation behind each epoch so far
   */
  public double factor(long position, long total, int steps, List<Double> losses) {
    long epoch = position / steps;
    return switch (kind) {
      case CONSTANT -> 1;
      case STEP -> numbers.isEmpty() ? ofPaper(epoch, (double) total / steps) : everyFew(epoch);
      case MULTI_STEP -> Math.pow(0.1, numbers.stream().filter(n -> epoch >= n).count());
      case COSINE -> 0.5 * (1 + Math.cos(Math.PI * position / total));
      case ONE_CYCLE -> oneCycle(position, total);
      case PLATEAU -> plateau(losses);
    };
  }

  private static double ofPaper(long epoch, double epochs) {
    double progress = epoch / epochs;
    return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
  }

  private double everyFew(long epoch) {
    return Math.pow(number(1, 0.1), Math.floor(epoch / number(0, 1)));
  }

  private double oneCycle(long position, long total) {
    double low = 1 / number(1, 25);
    double last = low / number(2, 1e4);
    double top = number(0, 0.3) * total - 1;
    if (position <= top) {
      return between(low, 1, position / top);
    }
    return between(1, last, (position - top) / (total - 1 - top));
  }

  private static double between(double from, double to, double part) {
    return to + (from - to) / 2 * (1 + Math.cos(Math.PI * part));
  }

  private double plateau(List<Double> losses) {
    double factor = 1;
    double best = Double.POSITIVE_INFINITY;
    int bad = 0;
    for (double loss : losses) {
      if (loss < best * (1 - IMPROVEMENT)) {
        best = loss;
        bad = 0;
      } else if (++bad > number(1, 10)) {
        factor *= number(0, 0.1);
        bad = 0;
      }
    }
    return factor;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    for (double n : numbers) {
      text.append(':').append(n == Math.rint(n) ? Long.toString((long) n) : Double.toString(n));
    }
    return text.toString();
  }
}
