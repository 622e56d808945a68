package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Fused multiply-adds on registers alone: 12 independent chains hide their latency. */
final class VectorPeak {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int STEPS = 100_000;
  static final double FLOPS = 2.0 * 12 * STEPS * S.length();

  private VectorPeak() {}

  static float run(float seed) {
    FloatVector a = FloatVector.broadcast(S, 0.5f);
    FloatVector b = FloatVector.broadcast(S, 1);
    FloatVector c0 = FloatVector.broadcast(S, seed + 0);
    FloatVector c1 = FloatVector.broadcast(S, seed + 1);
    FloatVector c2 = FloatVector.broadcast(S, seed + 2);
    FloatVector c3 = FloatVector.broadcast(S, seed + 3);
    FloatVector c4 = FloatVector.broadcast(S, seed + 4);
    FloatVector c5 = FloatVector.broadcast(S, seed + 5);
    FloatVector c6 = FloatVector.broadcast(S, seed + 6);
    FloatVector c7 = FloatVector.broadcast(S, seed + 7);
    FloatVector c8 = FloatVector.broadcast(S, seed + 8);
    FloatVector c9 = FloatVector.broadcast(S, seed + 9);
    FloatVector c10 = FloatVector.broadcast(S, seed + 10);
    FloatVector c11 = FloatVector.broadcast(S, seed + 11);
    for (int i = 0; i < STEPS; i++) {
      c0 = c0.fma(a, b);
      c1 = c1.fma(a, b);
      c2 = c2.fma(a, b);
      c3 = c3.fma(a, b);
      c4 = c4.fma(a, b);
      c5 = c5.fma(a, b);
      c6 = c6.fma(a, b);
      c7 = c7.fma(a, b);
      c8 = c8.fma(a, b);
      c9 = c9.fma(a, b);
      c10 = c10.fma(a, b);
      c11 = c11.fma(a, b);
    }
    return c0.add(c1)
        .add(c2)
        .add(c3)
        .add(c4)
        .add(c5)
        .add(c6)
        .add(c7)
        .add(c8)
        .add(c9)
        .add(c10)
        .add(c11)
        .lane(0);
  }
}
