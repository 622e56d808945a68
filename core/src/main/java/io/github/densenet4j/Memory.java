package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The large arrays of a pass. The parts ask for them while they are built, nothing is allocated
 * before {@link #allocate()}: so the same code that builds a network also says beforehand what
 * memory it needs.
 *
 * <p>Parts are built in the order of the way there, a stage each (of a dense block every layer is
 * one); the way back goes through the same stages in reverse. Who needs a slab in a stage says so
 * while it is built, and slabs that are never needed at the same time may have the same place.
 */
final class Memory {
  private static final int LONGEST = Integer.MAX_VALUE - 128 - Kernels.SLACK;

  /** An array, or a stretch of one, that comes to exist with {@link Memory#allocate()}. */
  final class Slab {
    private final boolean kept;
    private long floats;
    private Span there = Span.NEVER;
    private Span back = Span.NEVER; // in numbers of the same stages there
    private List<Span> life; // set while places are given
    private float[] array;
    private int at = Kernels.ALIGNED;

    private Slab(long floats, boolean kept) {
      this.floats = check(floats);
      this.kept = kept;
    }

    float[] array() {
      return array;
    }

    /** Index of its first element in the array, {@link Kernels#aligned}. */
    int at() {
      return at;
    }

    /** It is needed in the present stage on the way there. */
    void there() {
      there = there.with(stage);
    }

    /** It is needed in the present stage on the way back. */
    void back() {
      back = back.with(stage);
    }

    private void live() {
      Span then = back.reversed(2 * stage + 1);
      life = kept ? List.of(there.with(then)) : List.of(there, then);
    }

    private boolean isNeeded() {
      return there != Span.NEVER || back != Span.NEVER;
    }

    private boolean meets(Slab other) {
      for (Span span : life) {
        for (Span others : other.life) {
          if (span.meets(others)) {
            return true;
          }
        }
      }
      return false;
    }

    /** The first index behind it. */
    private long end() {
      return at + floats;
    }
  }

  /** Moments from one to another: stage s there is moment s, those back are counted on. */
  private record Span(int from, int to) {
    static final Span NEVER = new Span(Integer.MAX_VALUE, -1);

    Span with(int moment) {
      return with(new Span(moment, moment));
    }

    Span with(Span other) {
      return new Span(Math.min(from, other.from), Math.max(to, other.to));
    }

    Span reversed(int last) {
      return this == NEVER ? NEVER : new Span(last - to, last - from);
    }

    boolean meets(Span other) {
      return from <= other.to && other.from <= to;
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

  private final List<Slab> own = new ArrayList<>();
  private final Map<String, Slab> shared = new HashMap<>();
  private final List<Slab> placed = new ArrayList<>();
  private final Map<String, Sums> sums = new HashMap<>();
  private int stage;
  private long small;

  /** What is built from now on belongs to the next stage. */
  void nextStage() {
    stage++;
  }

  /** An array of its own, needed at all times. */
  Slab own(long floats) {
    Slab slab = new Slab(floats, true);
    own.add(slab);
    return slab;
  }

  /** An array that everyone who names it uses in turn, as long as its longest user needs it. */
  Slab shared(String name, long floats) {
    Slab slab = shared.computeIfAbsent(name, n -> own(0));
    slab.floats = Math.max(slab.floats, check(floats));
    return slab;
  }

  /** A slab whose values are kept from the first stage that needs it to the last one. */
  Slab kept(long floats) {
    Slab slab = new Slab(floats, true);
    placed.add(slab);
    return slab;
  }

  /** A slab whose values are lost between the way there and the way back. */
  Slab recomputed(long floats) {
    Slab slab = new Slab(floats, false);
    placed.add(slab);
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
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "One array of this network would need %,d values and Java allows %,d: use smaller batches or pictures."
              .formatted(length, LONGEST));
    }
    return length;
  }

  /** Bytes of all arrays, small ones too. */
  long bytes() {
    return 4 * own.stream().mapToLong(Slab::end).sum()
        + 4 * place().stream().mapToLong(Memory::length).sum()
        + 8 * sums.values().stream().mapToLong(s -> s.doubles).sum()
        + small;
  }

  void allocate() {
    for (Slab slab : own) {
      slab.array = new float[(int) slab.end()];
    }
    for (List<Slab> neighbours : place()) {
      float[] array = new float[(int) length(neighbours)];
      neighbours.forEach(slab -> slab.array = array);
    }
    for (Sums s : sums.values()) {
      s.array = new double[(int) s.doubles];
    }
  }

  /**
   * Gives every slab that is ever needed its place, the largest first: the lowest one that is free
   * whenever it is needed.
   *
   * @return the slabs of each array; one array, unless it would be too long for Java
   */
  private List<List<Slab>> place() {
    List<List<Slab>> arrays = new ArrayList<>();
    placed.forEach(Slab::live);
    placed.stream()
        .filter(slab -> slab.isNeeded())
        .sorted(Comparator.comparingLong(slab -> -slab.floats))
        .forEach(slab -> place(slab, arrays));
    return arrays;
  }

  private static void place(Slab slab, List<List<Slab>> arrays) {
    for (List<Slab> neighbours : arrays) {
      long at = lowest(slab, neighbours);
      if (at + slab.floats <= LONGEST) {
        slab.at = (int) at;
        neighbours.add(slab);
        return;
      }
    }
    arrays.add(new ArrayList<>(List.of(slab)));
  }

  private static long lowest(Slab slab, List<Slab> neighbours) {
    List<Slab> taken =
        neighbours.stream().filter(slab::meets).sorted(Comparator.comparingInt(Slab::at)).toList();
    long at = Kernels.ALIGNED;
    for (Slab other : taken) {
      if (at + slab.floats <= other.at) {
        break;
      }
      at = Math.max(at, Kernels.aligned((int) other.end()));
    }
    return at;
  }

  private static long length(List<Slab> neighbours) {
    return neighbours.stream().mapToLong(Slab::end).max().getAsLong() + Kernels.SLACK;
  }
}
