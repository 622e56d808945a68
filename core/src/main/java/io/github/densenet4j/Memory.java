package io.github.densenet4j;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The large arrays of a pass. The parts ask for them while they are built, nothing is allocated
 * before {@link #allocate()}: so the same code that builds a network also says beforehand what
 * memory it needs.
 */
final class Memory {
  /** An array that comes to exist with {@link Memory#allocate()}. */
  static final class Slab {
    private long floats;
    private float[] array;

    private Slab(long floats) {
      this.floats = floats;
    }

    float[] array() {
      return array;
    }
  }

  /** As {@link Slab}, of doubles: sums over tiles. */
  static final class Sums {
    private long doubles;
    private double[] array;

    double[] array() {
      return array;
    }
  }

  private final List<Slab> slabs = new ArrayList<>();
  private final Map<String, Slab> shared = new HashMap<>();
  private final Map<String, Sums> sums = new HashMap<>();
  private long small;

  /** An array of its own. */
  Slab own(long floats) {
    Slab slab = new Slab(check(floats));
    slabs.add(slab);
    return slab;
  }

  /** An array that everyone who names it uses in turn, as long as its longest user needs it. */
  Slab shared(String name, long floats) {
    Slab slab = shared.computeIfAbsent(name, n -> own(0));
    slab.floats = Math.max(slab.floats, check(floats));
    return slab;
  }

  /** An array of doubles that everyone who names it uses in turn. */
  Sums sums(String name, long doubles) {
    Sums s = sums.computeIfAbsent(name, n -> new Sums());
    s.doubles = Math.max(s.doubles, check(doubles));
    return s;
  }

  /** Says that a part has made small arrays of its own, of so many bytes together. */
  void small(long bytes) {
    small += bytes;
  }

  private static long check(long length) {
    if (length > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "One array of this network would need %,d values and Java allows 2,147,483,583: use smaller batches or pictures."
              .formatted(length));
    }
    return length;
  }

  /** Bytes of all arrays, small ones too. */
  long bytes() {
    return 4 * slabs.stream().mapToLong(s -> s.floats).sum()
        + 8 * sums.values().stream().mapToLong(s -> s.doubles).sum()
        + small;
  }

  void allocate() {
    for (Slab slab : slabs) {
      slab.array = new float[(int) slab.floats];
    }
    for (Sums s : sums.values()) {
      s.array = new double[(int) s.doubles];
    }
  }
}
