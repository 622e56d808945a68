package io.github.densenet4j.train;

/**
 * How pictures are read beside training; changes no result.
 *
 * @param workers threads that decode and change pictures; 0 for all processors
 * @param cacheBytes decoded pictures that are kept, in bytes; at least 0
 */
public record Loading(int workers, long cacheBytes) {
  /** Checks both. */
  public Loading {
    if (workers < 0 || workers > 1024) {
      throw new IllegalArgumentException(
          "workers is " + workers + ": it must be in 0 (all processors) to 1024.");
    }
    if (cacheBytes < 0) {
      throw new IllegalArgumentException(
          "cache is " + cacheBytes + " bytes: it must be at least 0.");
    }
  }
}
