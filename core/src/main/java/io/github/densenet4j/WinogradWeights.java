package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;

/**
 * The weights of a 3x3 convolution {@code (M, C * 9)} for Winograd's algorithm down the columns: a
 * matrix {@code (M, C * 3)} for each plane, G times the columns of the kernels, packed for the
 * product.
 */
final class WinogradWeights extends PackedWeights {
  private final Plan plan;
  private final int channels;
  private final int rowStride;
  private final int[] column;
  private final int[] straight;
  private final Slab planes; // (planes, M, C * 3)
  private final Team.Task task = this::transform;
  private float[] source;
  private int sourceAt;

  /** Element (m, c * 9 + t) is the parameter {@code at + m * rowStride + column[c * 9 + t]}. */
  WinogradWeights(Plan plan, int m, int channels, int at, int rowStride, int[] column) {
    super(
        plan,
        m,
        channels * 9,
        at,
        rowStride,
        column,
        (long) Winograd.PLANES * plan.engine.kernels().packedLength(m, channels * 3));
    this.plan = plan;
    this.channels = channels;
    this.rowStride = rowStride;
    this.column = column;
    this.straight = new int[channels * 3];
    for (int i = 0; i < straight.length; i++) {
      straight[i] = i;
    }
    this.planes =
        plan.memory.shared("transformed weights", (long) Winograd.PLANES * m * channels * 3);
  }

  /** Columns of each of the matrices. */
  int planeDepth() {
    return channels * 3;
  }

  /** Where in the array the i-th matrix begins. */
  int plane(int i) {
    return i * plan.engine.kernels().packedLength(rows(), planeDepth());
  }

  @Override
  void packFrom(float[] values, int valuesAt) {
    source = values;
    sourceAt = valuesAt;
    plan.engine.team().run(task, (rows() + ROWS - 1) / ROWS);
    source = null;
  }

  private void transform(int index, int worker) {
    Kernels kernels = plan.engine.kernels();
    int first = index * ROWS;
    int count = Math.min(ROWS, rows() - first);
    int depth = planeDepth();
    float[] out = planes.array();
    for (int row = first; row < first + count; row++) {
      int from = sourceAt + row * rowStride;
      for (int c = 0; c < channels; c++) {
        for (int dw = 0; dw < 3; dw++) {
          float top = source[from + column[c * 9 + dw]];
          float middle = source[from + column[c * 9 + 3 + dw]];
          float bottom = source[from + column[c * 9 + 6 + dw]];
          for (int i = 0; i < Winograd.PLANES; i++) {
            out[(i * rows() + row) * depth + c * 3 + dw] = Winograd.weight(i, top, middle, bottom);
          }
        }
      }
    }
    for (int i = 0; i < Winograd.PLANES; i++) {
      int at = (i * rows() + first) * depth;
      kernels.pack(out, at, count, depth, depth, straight, array(), plane(i) + first * depth);
    }
  }
}
