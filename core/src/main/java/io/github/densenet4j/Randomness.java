package io.github.densenet4j;

/**
 * Counter-based random numbers: a number is a function of a key and a position, so that order,
 * threads, recomputation and resumption cannot change it. The mixing function is SplitMix64's
 * (Steele et al., OOPSLA 2014).
 */
public final class Randomness {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** What a random number is for: keeps the streams of one seed apart. */
  public enum Purpose {
    /** Initial weights. */
    INITIALISATION,
    /** The order of the samples in an epoch. */
    SHUFFLE,
    /** Dropped features. */
    DROPOUT,
    /** Changes of pictures. */
    AUGMENTATION,
    /** Which pictures are set apart for validation. */
    SPLIT,
    /** Pictures of a batch that are mixed. */
    MIXTURE,
    /** Which pictures a balanced epoch sees. */
    SAMPLING
  }

  private Randomness() {}

  /** The key of a seed, an epoch, a sample and a purpose. */
  public static long key(long seed, long epoch, long sample, Purpose purpose) {
    return key(key(key(mix(seed + GOLDEN), epoch), sample), purpose.ordinal());
  }

  /** The key of one more coordinate under a key: a layer, for instance. */
  public static long key(long key, long coordinate) {
    return mix(key ^ mix(coordinate * GOLDEN + 1));
  }

  /** 64 random bits at a position under a key. */
  public static long bits(long key, long position) {
    return mix(key + (position + 1) * GOLDEN);
  }

  /** A uniform number in [0, 1) with 24 bits. */
  public static float uniform(long key, long position) {
    return (bits(key, position) >>> 40) * 0x1p-24f;
  }

  /** A normal number with mean 0 and deviation 1 (Box and Muller). */
  public static double gaussian(long key, long position) {
    double u = ((bits(key, 2 * position) >>> 11) + 1) * 0x1p-53;
    double v = (bits(key, 2 * position + 1) >>> 11) * 0x1p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** A random order of 0 .. size-1 (Fisher and Yates). */
  public static int[] permutation(long key, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = (int) Long.remainderUnsigned(bits(key, i), i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
