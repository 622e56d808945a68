package io.github.densenet4j.train;

import java.util.List;

/**
 * Some neighbouring parts of a network: {@code head}, {@code stem..block3}, {@code none}. Blocks
 * may be called {@code block3} or {@code denseblock3}; {@code last} is the last one.
 *
 * @param first the first part, or null for none
 * @param last the last part, or null for none
 */
public record PartRange(String first, String last) {
  private static final int BLOCK = 2;

  /**
   * Parts as they are written.
   *
   * @throws IllegalArgumentException if they name no parts
   */
  public static PartRange parse(String text) {
    if (text.equals("none")) {
      return new PartRange(null, null);
    }
    List<String> ends = List.of(text.split("\\.\\.", 2));
    for (String end : ends) {
      if (!end.matches("stem|head|last|(dense)?block[1-9]\\d{0,3}|transition[1-9]\\d{0,3}")) {
        throw new IllegalArgumentException(
            "'"
                + text
                + "' names no parts: write stem, block1, transition1, ..., last or head, or a range"
                + " such as stem..block3.");
      }
    }
    return new PartRange(full(ends.getFirst()), full(ends.getLast()));
  }

  private static String full(String part) {
    return part.startsWith("block") ? "dense" + part : part;
  }

  /** Whether it has no parts. */
  public boolean isEmpty() {
    return first == null;
  }

  /** Whether a part lies in it. */
  public boolean contains(String part) {
    return first != null && place(first) <= place(part) && place(part) <= place(last);
  }

  /** Where a part stands on the way through a network of any depth. */
  private static int place(String part) {
    if (part.equals("stem")) {
      return 0;
    }
    if (part.equals("head")) {
      return Integer.MAX_VALUE;
    }
    if (part.equals("last")) {
      return Integer.MAX_VALUE - 1;
    }
    boolean block = part.startsWith("denseblock");
    int number = Integer.parseInt(part.replaceAll("\\D", ""));
    return BLOCK * number + (block ? 0 : 1);
  }

  /**
   * Refuses parts that a network does not have.
   *
   * @param parts of the network
   */
  void requireIn(List<String> parts) {
    for (String end : isEmpty() ? List.<String>of() : List.of(first, last)) {
      if (!end.equals("last") && !parts.contains(end)) {
        throw new IllegalArgumentException(
            "The network has no part '" + end + "'. It has " + parts + ".");
      }
    }
  }

  @Override
  public String toString() {
    return isEmpty() ? "none" : first.equals(last) ? first : first + ".." + last;
  }
}
