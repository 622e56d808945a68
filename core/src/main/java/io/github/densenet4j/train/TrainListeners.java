package io.github.densenet4j.train;

/**
 * Two listeners, told one after the other.
 *
 * @param first is told first
 * @param second is told then
 */
record TrainListeners(TrainListener first, TrainListener second) implements TrainListener {
  @Override
  public void step(int epoch, int done, int total, double loss, double top1) {
    first.step(epoch, done, total, loss, top1);
    second.step(epoch, done, total, loss, top1);
  }

  @Override
  public void validated(int from, int n, float[] logits) {
    first.validated(from, n, logits);
    second.validated(from, n, logits);
  }

  @Override
  public void epoch(EpochResult result) {
    first.epoch(result);
    second.epoch(result);
  }

  @Override
  public void note(String message) {
    first.note(message);
    second.note(message);
  }
}
