package io.github.densenet4j.train;

/** What happens to a batch as a whole once its pictures are there. */
@FunctionalInterface
interface BatchChange {
  /** Nothing. */
  BatchChange NONE = batch -> {};

  /** Changes pictures and targets. */
  void apply(Batch batch);
}
