package io.github.densenet4j.bench;

/** What a network does. */
enum Mode {
  /** The logits of a batch. */
  INFER,
  /** Forward, loss, backward and a Nesterov update with weight decay. */
  TRAIN;

  /** Multiplications, as multiples of those of an inference. */
  int passes() {
    return this == INFER ? 1 : 3;
  }
}
