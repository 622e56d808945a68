package io.github.densenet4j.data;

/**
 * Pictures to learn from and pictures to be judged by.
 *
 * @param train to learn from
 * @param test to validate with, never learned from
 */
public record DataSplit(Dataset train, Dataset test) {
  /** Bytes of memory that both take; what both are taken from counts once. */
  public long bytes() {
    boolean shared =
        train instanceof Subset one && test instanceof Subset other && one.whole() == other.whole();
    long twice = shared ? ((Subset) train).whole().bytes() : 0;
    return train.bytes() + test.bytes() - twice;
  }
}
