package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * A weight matrix {@code (M,K)} in the order in which the product reads it; transposed or flipped
 * by its tables.
 */
class PackedWeights {
  static final int ROWS = 8 * Kernels.ROW_BLOCK;

  private final Plan plan;
  private final int m;
  private final int k;
  private final int at;
  private final int rowStride;
  private final int[] column;
  private final Slab packed;
  private final Team.Task task = this::pack;
  private float[] source;
  private int sourceAt;
  private long version = -1;

  /** Element (m,k) of the matrix is the parameter {@code at + m * rowStride + column[k]}. */
  PackedWeights(Plan plan, int m, int k, int at, int rowStride, int[] column) {
    this(plan, m, k, at, rowStride, column, plan.engine.kernels().packedLength(m, k));
  }

  /** With room for another number of floats, for a form of weights that packs in its own way. */
  PackedWeights(Plan plan, int m, int k, int at, int rowStride, int[] column, long length) {
    this.plan = plan;
    this.m = m;
    this.k = k;
    this.at = at;
    this.rowStride = rowStride;
    this.column = column;
    plan.memory.small(4L * column.length);
    // In training the weights change with every step: packed just before use, one array serves all
    // layers.
    this.packed =
        plan.record ? plan.memory.shared("packed weights", length) : plan.memory.own(length);
  }

  /** Packs the parameters, if they changed or their place was used by another layer. */
  void refresh() {
    long now = plan.weights().version();
    if (plan.record || version != now) {
      packFrom(plan.parameters(), at);
      version = now;
    }
  }

  /** Packs another matrix of the same form. */
  void packFrom(float[] values, int valuesAt) {
    source = values;
    sourceAt = valuesAt;
    plan.engine.team().run(task, (m + ROWS - 1) / ROWS);
    source = null;
  }

  private void pack(int index, int worker) {
    int row = index * ROWS;
    int rows = Math.min(ROWS, m - row);
    plan.engine
        .kernels()
        .pack(
            source,
            sourceAt + row * rowStride,
            rows,
            rowStride,
            k,
            column,
            packed.array(),
            row * k);
  }

  float[] array() {
    return packed.array();
  }

  int rows() {
    return m;
  }

  int depth() {
    return k;
  }
}
