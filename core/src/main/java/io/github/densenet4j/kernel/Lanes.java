package io.github.densenet4j.kernel;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of a vector in a fixed order: {@code reduceLanes} of floats leaves the order
 * open.
 */
final class Lanes {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final IntVector BY_8 = indices(i -> (i + 8) % L);
  private static final IntVector BY_4 = indices(i -> (i + 4) % L);
  private static final IntVector BY_2 = indices(i -> (i + 2) % L);

  /** The even lanes of two vectors, counted through both; for {@code selectFrom}. */
  static final IntVector EVEN = indices(i -> 2 * i);

  /** The odd lanes of two vectors. */
  static final IntVector ODD = indices(i -> 2 * i + 1);

  private Lanes() {}

  /** Indices of lanes of two vectors, counted through both. */
  static IntVector indices(IntUnaryOperator lane) {
    return IntVector.fromArray(
        IntVector.SPECIES_PREFERRED, IntStream.range(0, L).map(lane).toArray(), 0);
  }

  /** The sum of all lanes, halves first. */
  static float total(FloatVector v) {
    FloatVector sum = v;
    if (L > 8) {
      sum = sum.add(by(BY_8, sum));
    }
    if (L > 4) {
      sum = sum.add(by(BY_4, sum));
    }
    if (L > 2) {
      sum = sum.add(by(BY_2, sum));
    }
    return sum.lane(0) + sum.lane(1);
  }

  /** A vector's lanes moved: selected from one vector twice, which is one instruction. */
  private static FloatVector by(IntVector lanes, FloatVector v) {
    IntVector bits = v.reinterpretAsInts();
    return lanes.selectFrom(bits, bits).reinterpretAsFloats();
  }
}
