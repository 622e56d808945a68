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

  /**
   * During the validation behind an epoch, batch by batch, before {@link #epoch}.
   *
   * @param first place of the batch's first picture among the validation pictures, from 0
   * @param n number of pictures of the batch
   * @param logits what the network said of them, (n, classes); to be read before this returns
   */
  default void validated(int first, int n, float[] logits) {}

  /** After an epoch, its validation, and its files. */
  default void epoch(EpochResult result) {}

  /** Something that a user should know: a checkpoint that could not be written, for instance. */
  default void note(String message) {}

  /** This one and another behind it. */
  default TrainListener and(TrainListener next) {
    return new TrainListeners(this, next);
  }
}
