package io.github.densenet4j.train;

import java.util.List;

/** Changes parameters against their gradients. */
public sealed interface Optimiser permits Sgd, AdamW {
  /** One step, gradients numbered as the parameters. */
  void step(float[] gradients, double learningRate);

  /** What it remembers, the arrays themselves: saved and restored with a run. */
  List<float[]> state();

  /** Steps taken. */
  long steps();

  /** Sets the steps taken: a run goes on. */
  void steps(long value);
}
