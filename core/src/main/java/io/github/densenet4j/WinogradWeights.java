package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;

/**
 * The weights of a 3x3 convolution {@code (M, C * 9)} for {@link Winograd}'s algorithm: a matrix
 * {@code (M, C)} for each of its planes, packed for the product.
 */
final class WinogradWeights extends PackedWeights {
  private final Plan plan;
  private final Winograd winograd;
  private final int channels;
  private final int rowStride;
  private final int[] column;
  private final int[] straight;
  private final Slab planes; // (planes, M, C)
  private final Team.Task task = this::transform;
  private float[] source;
  private int sourceAt;

  /** Element (m, c * 9 + t) is the parameter {@code at + m * rowStride + column[c * 9 + t]}. */
  WinogradWeights(
      Plan plan, Winograd winograd, int m, int channels, int at, int rowStride, int[] column) {
    super(
        plan,
        m,
        channels * 9,
        at,
        rowStride,
        column,
        (long) winograd.planes() * plan.engine.kernels().packedLength(m, channels));
    this.plan = plan;
    this.winograd = winograd;
    this.channels = channels;
    this.rowStride = rowStride;
    this.column = column;
    this.straight = new int[channels];
    for (int i = 0; i < straight.length; i++) {
      straight[i] = i;
    }
    this.planes =
        plan.memory.shared("transformed weights", (long) winograd.planes() * m * channels);
  }

  Winograd winograd() {
    return winograd;
  }

  int channels() {
    return channels;
  }

  /** Where in the array the matrix of a plane begins. */
  int plane(int i) {
    return i * plan.engine.kernels().packedLength(rows(), channels);
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
    int plane = rows() * channels;
    float[] out = planes.array();
    float[] kernel = new float[9];
    for (int row = first; row < first + count; row++) {
      int from = sourceAt + row * rowStride;
      for (int c = 0; c < channels; c++) {
        for (int t = 0; t < 9; t++) {
          kernel[t] = source[from + column[c * 9 + t]];
        }
        winograd.transform(kernel, out, row * channels + c, plane);
      }
    }
    for (int i = 0; i < winograd.planes(); i++) {
      int at = i * plane + first * channels;
      kernels.pack(
          out, at, count, channels, channels, straight, array(), plane(i) + first * channels);
    }
  }
}
