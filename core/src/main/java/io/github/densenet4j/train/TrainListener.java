package io.github.densenet4j.train;

/** Told how a run goes on, by the thread that trains. */
public interface TrainListener {
  /**
   * After a step.
   *
   * @param epoch from 1
   * @param done pictures of this epoch so far
   * @param total pictures of an epoch
   * @param loss mean over the epoch so far
   * @param top1 fraction over the epoch so far
   */
  default void step(int epoch, int done, int total, double loss, double top1) {}

  /** After an epoch and its validation. */
  default void epoch(EpochResult result) {}

  /** Something that a user should know: a checkpoint that could not be written, for instance. */
  default void note(String message) {}
}
