package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;

/**
 * The weights of a 3x3 convolution {@code (M, C * 9)} for {@link Winograd}'s algorithm: a matrix
 * {@code (M, C)} for each of its planes, packed for the product. Where the algorithm goes down the
 * columns alone, these are {@code (M, 3 * C)}, a column of the window after the other.
 */
final class WinogradWeights extends PackedWeights {
  private final Plan plan;
  private final Winograd winograd;
  private final boolean columnsAlone;
  private final int planes;
  private final int channels;
  private final int depth; // of a plane
  private final int rowStride;
  private final int[] column;
  private final int[] straight;
  private final Slab transformed; // (planes, M, depth)
  private final Team.Task task = this::transform;
  private float[] source;
  private int sourceAt;

  /** Element (m, c * 9 + t) is the parameter {@code at + m * rowStride + column[c * 9 + t]}. */
  WinogradWeights(
      Plan plan,
      Winograd winograd,
      boolean columnsAlone,
      int m,
      int channels,
      int at,
      int rowStride,
      int[] column) {
    super(
        plan,
        m,
        channels * 9,
        at,
        rowStride,
        column,
        (long) planes(winograd, columnsAlone)
            * plan.engine.kernels().packedLength(m, depth(channels, columnsAlone)));
    this.plan = plan;
    this.winograd = winograd;
    this.columnsAlone = columnsAlone;
    this.planes = planes(winograd, columnsAlone);
    this.channels = channels;
    this.depth = depth(channels, columnsAlone);
    this.rowStride = rowStride;
    this.column = column;
    this.straight = new int[depth];
    for (int i = 0; i < straight.length; i++) {
      straight[i] = i;
    }
    this.transformed = plan.memory.shared("transformed weights", (long) planes * m * depth);
  }

  private static int planes(Winograd winograd, boolean columnsAlone) {
    return columnsAlone ? winograd.size() : winograd.planes();
  }

  private static int depth(int channels, boolean columnsAlone) {
    return columnsAlone ? 3 * channels : channels;
  }

  Winograd winograd() {
    return winograd;
  }

  int channels() {
    return channels;
  }

  /** Where in the array the matrix of a plane begins. */
  int plane(int i) {
    return i * plan.engine.kernels().packedLength(rows(), depth);
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
    int plane = rows() * depth;
    float[] out = transformed.array();
    float[] kernel = new float[9];
    for (int row = first; row < first + count; row++) {
      int from = sourceAt + row * rowStride;
      for (int c = 0; c < channels; c++) {
        for (int t = 0; t < 9; t++) {
          kernel[t] = source[from + column[c * 9 + t]];
        }
        if (columnsAlone) {
          winograd.transformColumns(kernel, out, row * depth + c, plane, channels);
        } else {
          winograd.transform(kernel, out, row * depth + c, plane);
        }
      }
    }
    for (int i = 0; i < planes; i++) {
      int at = i * plane + first * depth;
      kernels.pack(out, at, count, depth, depth, straight, array(), plane(i) + first * depth);
    }
  }
}
