package io.github.densenet4j.kernel;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the lanes of a vector in a fixed order: {@code reduceLanes} of floats leaves the order
 * open.
 */
final class Lanes {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();
  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(S, 8 % L, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(S, 4 % L, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(S, 2 % L, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(S, 1 % L, 1, true);

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
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (L > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (L > 2) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    if (L > 1) {
      sum = sum.add(sum.rearrange(BY_1));
    }
    return sum.lane(0);
  }
}
