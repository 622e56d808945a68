package io.github.densenet4j;

import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Layout.Store;
import io.github.densenet4j.Randomness.Purpose;

/**
 * All values of a network, in two flat arrays: an optimiser, a clip, an average, a checkpoint are
 * each one loop.
 *
 * <p>Whoever writes to the arrays calls {@link #changed()} afterwards, so that networks which keep
 * folded or packed copies renew them. Not safe for writing while another thread reads.
 */
public final class Weights {
  private final Layout layout;
  private final float[] parameters;
  private final float[] statistics;
  private long batchesTracked;
  private volatile long version;

  /** Zeros. */
  public Weights(Layout layout) {
    this(layout, new float[layout.parameters()], new float[layout.statistics()]);
  }

  private Weights(Layout layout, float[] parameters, float[] statistics) {
    this.layout = layout;
    this.parameters = parameters;
    this.statistics = statistics;
  }

  /**
   * New weights as {@link DenseNetConfig#initialisation()} says, the same for the same seed on
   * every machine.
   */
  public static Weights initialise(DenseNetConfig config, long seed) {
    Weights weights = new Weights(Layout.of(config));
    long key = Randomness.key(seed, 0, 0, Purpose.INITIALISATION);
    int index = 0;
    for (Slot slot : weights.layout.slots()) {
      weights.initialise(slot, config.initialisation(), Randomness.key(key, index++));
    }
    return weights;
  }

  private void initialise(Slot slot, Initialisation how, long key) {
    float[] store = store(slot);
    boolean norm = slot.name().contains(".norm");
    if (slot.name().endsWith("running_var") || norm && slot.name().endsWith(".weight")) {
      java.util.Arrays.fill(store, slot.at(), slot.at() + slot.size(), 1);
    } else if (slot.name().endsWith(".weight")) {
      drawWeight(slot, how, key);
    } else if (slot.name().endsWith(".bias") && !norm && !isZeroBias(slot, how)) {
      Slot weight = layout.slot(slot.name().replaceAll("bias$", "weight"));
      drawUniform(slot, 1 / Math.sqrt((double) weight.size() / weight.shape().get(0)), key);
    }
  }

  private static boolean isZeroBias(Slot slot, Initialisation how) {
    return slot.name().equals("classifier.bias") && how == Initialisation.KAIMING;
  }

  private void drawWeight(Slot slot, Initialisation how, long key) {
    double out = slot.shape().get(0);
    double fanIn = slot.size() / out;
    if (how == Initialisation.XAVIER) {
      double fanOut = slot.size() / (double) slot.shape().get(1);
      drawUniform(slot, Math.sqrt(6 / (fanIn + fanOut)), key);
    } else if (slot.name().equals("classifier.weight")) {
      drawUniform(slot, 1 / Math.sqrt(fanIn), key);
    } else {
      double deviation = Math.sqrt(2 / fanIn);
      for (int i = 0; i < slot.size(); i++) {
        parameters[slot.at() + i] = (float) (deviation * Randomness.gaussian(key, i));
      }
    }
  }

  private void drawUniform(Slot slot, double bound, long key) {
    for (int i = 0; i < slot.size(); i++) {
      parameters[slot.at() + i] = (float) (bound * (2.0 * Randomness.uniform(key, i) - 1));
    }
  }

  /** Where each tensor lies. */
  public Layout layout() {
    return layout;
  }

  /** The learned values themselves, not a copy. */
  public float[] parameters() {
    return parameters;
  }

  /** The running means and variances themselves, not a copy. */
  public float[] statistics() {
    return statistics;
  }

  /** The array that holds a tensor: {@code slot.size()} values from {@code slot.at()}. */
  public float[] store(Slot slot) {
    return slot.store() == Store.PARAMETERS ? parameters : statistics;
  }

  /** Training steps seen by the running statistics (PyTorch's {@code num_batches_tracked}). */
  public long batchesTracked() {
    return batchesTracked;
  }

  /** Sets the number of training steps seen by the running statistics. */
  public void batchesTracked(long value) {
    batchesTracked = value;
  }

  /** Says that values were changed. */
  public void changed() {
    version = version + 1;
  }

  long version() {
    return version;
  }

  /** The same arrays, for someone who reads only what never changes: changes are not heard of. */
  Weights frozen() {
    return new Weights(layout, parameters, statistics);
  }

  /** An independent copy. */
  public Weights copy() {
    Weights copy = new Weights(layout);
    copy.copyFrom(this);
    return copy;
  }

  /**
   * Takes over all values of other weights of the same network.
   *
   * @throws IllegalArgumentException if they belong to a network of another size
   */
  public void copyFrom(Weights other) {
    if (other.parameters.length != parameters.length
        || other.statistics.length != statistics.length) {
      throw new IllegalArgumentException(
          "The weights hold %,d parameters and %,d statistics, expected %,d and %,d: they belong to another network."
              .formatted(
                  other.parameters.length,
                  other.statistics.length,
                  parameters.length,
                  statistics.length));
    }
    System.arraycopy(other.parameters, 0, parameters, 0, parameters.length);
    System.arraycopy(other.statistics, 0, statistics, 0, statistics.length);
    batchesTracked = other.batchesTracked;
    changed();
  }
}
