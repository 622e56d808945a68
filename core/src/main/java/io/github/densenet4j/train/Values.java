package io.github.densenet4j.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** Reads written values, and says which one is wrong and what it must be. */
record Values(Map<String, String> texts) {
  String text(String key) {
    String text = texts.get(key);
    if (text == null) {
      throw new IllegalArgumentException(key + " is missing.");
    }
    return text;
  }

  int whole(String key, int least, int most) {
    try {
      int value = Integer.parseInt(text(key));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(key, "a whole number", e);
    }
    throw wrong(key, "at least " + least + " and at most " + most, null);
  }

  long seed(String key) {
    try {
      return Long.parseLong(text(key));
    } catch (NumberFormatException e) {
      throw wrong(key, "a whole number", e);
    }
  }

  double real(String key, double least, double most) {
    try {
      double value = Double.parseDouble(text(key));
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(key, "a number", e);
    }
    String lower = least == Double.MIN_VALUE ? "above 0" : "at least " + least;
    throw wrong(key, most < 1 ? "in [0, 1)" : lower, null);
  }

  boolean truth(String key) {
    return either(key, "false", "true");
  }

  /** Whether it is the second of two words. */
  boolean either(String key, String no, String yes) {
    if (text(key).equals(yes) || text(key).equals(no)) {
      return text(key).equals(yes);
    }
    throw wrong(key, no + " or " + yes, null);
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    for (E value : type.getEnumConstants()) {
      if (name(value).equalsIgnoreCase(text(key))) {
        return value;
      }
    }
    String names =
        String.join(", ", Arrays.stream(type.getEnumConstants()).map(Values::name).toList());
    throw wrong(key, "one of " + names, null);
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private IllegalArgumentException wrong(String key, String rule, Exception cause) {
    return new IllegalArgumentException(
        key + " is '" + text(key) + "': it must be " + rule + ".", cause);
  }
}
