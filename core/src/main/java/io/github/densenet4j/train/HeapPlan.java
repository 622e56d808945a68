package io.github.densenet4j.train;

import io.github.densenet4j.PassOptions;
import io.github.densenet4j.data.DataSplit;

/**
 * How a run shares out the heap: whether bottlenecks are recomputed, how large the cache of
 * pictures is, and what is left for the features of frozen parts.
 *
 * @param memory that the run takes without these
 * @param recipe of the run
 * @param data of the run
 * @param cacheAsked bytes for decoded pictures, as the user wants them
 */
record HeapPlan(TrainingMemory memory, Recipe recipe, DataSplit data, long cacheAsked) {
  /** Of the heap, what training may plan to take before bottlenecks are recomputed. */
  private static final double COMFORTABLE = 0.8;

  /** Of what the heap leaves, how much the cache of pictures may take. */
  private static final double CACHE_SHARE = 0.8;

  boolean recomputes() {
    return switch (recipe.memory()) {
      case FAST -> false;
      case LOW -> true;
      case AUTO -> memory.bytes(false) + data.bytes() > comfortable();
    };
  }

  /** The pass through the parts that learn. */
  PassOptions options() {
    return memory.options(recomputes());
  }

  /**
   * The most that the cache may take. Arrays are decoded already and are not kept twice; what the
   * heap has no room for neither.
   */
  long cacheLimit() {
    long room = Runtime.getRuntime().maxMemory() - memory.bytes(recomputes()) - data.bytes();
    return data.train().isDecoded() ? 0 : Math.clamp((long) (CACHE_SHARE * room), 0, cacheAsked);
  }

  /** What the cache will take when every picture was seen. */
  long cacheBytes() {
    long all = PictureCache.bytes(data.train());
    return all == 0 ? cacheLimit() : Math.min(all, cacheLimit());
  }

  /** Whether the heap leaves less room for the cache than it was asked for and would fill. */
  boolean shortensCache() {
    long limit = cacheLimit();
    return !data.train().isDecoded() && limit < cacheAsked && cacheBytes() == limit;
  }

  /**
   * What the frozen first parts make of a picture is the same in every epoch if pictures are not
   * changed: then it is computed once.
   */
  boolean keepsFeatures() {
    return memory.frozenParts() > 0 && recipe.augment().isNone() && recipe.epochs() > 1;
  }

  /** What features may take of the heap. */
  long roomForFeatures() {
    long others = memory.bytesWithFeatures(recomputes()) - featureBytes();
    return comfortable() - others - data.bytes() - cacheBytes();
  }

  private long featureBytes() {
    return FeatureStore.bytes(data.train().size(), memory.features());
  }

  /** Bytes at the run's peak, with its data and the whole cache. */
  long bytes() {
    long bytes =
        keepsFeatures() && featureBytes() <= roomForFeatures()
            ? memory.bytesWithFeatures(recomputes())
            : memory.bytes(recomputes());
    return bytes + data.bytes() + cacheBytes();
  }

  private static long comfortable() {
    return (long) (COMFORTABLE * Runtime.getRuntime().maxMemory());
  }
}
