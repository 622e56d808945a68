package io.github.densenet4j;

/**
 * Drops new features with a probability and scales the others up (Srivastava et al., 2014). Whether
 * one is dropped is a function of the sample's key, the layer and the element: the backward pass
 * and a recomputation ask again instead of remembering.
 */
final class Dropout {
  private final Plan plan;
  private final int layer;
  private final int area;
  private final float rate;

  /** Dropout of one layer's new features. */
  Dropout(Plan plan, int layer, int area) {
    this.plan = plan;
    this.layer = layer;
    this.area = area;
    this.rate = (float) plan.config.dropRate();
  }

  /**
   * x (R,P) *= mask, for features [row, row + rows) and columns [column, column + p) of the layer's
   * new maps.
   */
  void apply(Rows x, int row, int rows, int column, int p) {
    long[] keys = plan.sampleKeys;
    if (keys == null) {
      return;
    }
    float kept = 1 / (1 - rate);
    float[] values = x.array();
    for (int done = 0; done < p; ) {
      int picture = (column + done) / area;
      int pixel = (column + done) % area;
      int count = Math.min(p - done, area - pixel);
      long key = Randomness.key(keys[picture], layer);
      for (int r = 0; r < rows; r++) {
        int at = x.at(row + r, column + done);
        long element = (long) (row + r) * area + pixel;
        for (int i = 0; i < count; i++) {
          values[at + i] *= Randomness.uniform(key, element + i) < rate ? 0 : kept;
        }
      }
      done += count;
    }
  }
}
