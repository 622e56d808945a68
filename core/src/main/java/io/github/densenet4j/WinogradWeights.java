package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * The weights of a 3x3 convolution {@code (M, C * 9)} for {@link Winograd}'s algorithm: a matrix
 * {@code (M, C)} for each of the window's nine places, packed for the product. A worker transforms
 * them in its scratch before it multiplies: the transformed ones are two to four times as many, and
 * the way from memory takes longer than the transform.
 */
final class WinogradWeights extends PackedWeights {
  private static final int TAPS = 9;

  private final Plan plan;
  private final Winograd winograd;
  private final boolean columnsAlone;
  private final int channels;
  private final int rowStride;
  private final int[][] column = new int[TAPS][];
  private final Team.Task task = this::pack;
  private float[] source;
  private int sourceAt;

  /**
   * Element (m, c * 9 + t) is the parameter {@code at + m * rowStride + column[c * 9 + t]}.
   *
   * @param columnsAlone whether the algorithm goes down the columns alone; then there are three
   *     matrices a plane, one for each column of the window
   */
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
        channels * TAPS,
        at,
        rowStride,
        column,
        Kernels.ALIGNED + TAPS * (long) pitch(m, channels));
    this.plan = plan;
    this.winograd = winograd;
    this.columnsAlone = columnsAlone;
    this.channels = channels;
    this.rowStride = rowStride;
    for (int t = 0; t < TAPS; t++) {
      int tap = t;
      this.column[t] = new int[channels];
      Arrays.setAll(this.column[t], c -> column[c * TAPS + tap]);
    }
    plan.memory.small(4L * column.length);
  }

  /** Distance between matrices, not a power of two. */
  private static int pitch(int m, int channels) {
    int rows = Math.ceilDiv(m, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK;
    return Math.addExact(
        Kernels.wholeLines(Math.multiplyExact(rows, channels)), Kernels.SLACK + 16);
  }

  Winograd winograd() {
    return winograd;
  }

  int channels() {
    return channels;
  }

  /** Distance between two transformed matrices (M, C). */
  int pitch() {
    return pitch(rows(), channels);
  }

  /** Floats that {@link #transform} writes. */
  int transformedLength() {
    return (columnsAlone ? 3 * winograd.size() : winograd.planes()) * pitch();
  }

  @Override
  void packFrom(float[] values, int valuesAt) {
    source = values;
    sourceAt = valuesAt;
    plan.engine.team().run(task, Math.ceilDiv(rows(), ROWS));
    source = null;
  }

  private void pack(int index, int worker) {
    Kernels kernels = plan.engine.kernels();
    int row = index * ROWS;
    int count = Math.min(ROWS, rows() - row);
    int from = sourceAt + row * rowStride;
    for (int t = 0; t < TAPS; t++) {
      int to = Kernels.ALIGNED + t * pitch() + row * channels;
      kernels.pack(source, from, count, rowStride, channels, column[t], array(), to);
    }
  }

  /**
   * Rows [from, to) of the transformed weights, a matrix (M, C) for each plane or, where the
   * algorithm goes down the columns alone, three.
   */
  void transform(int from, int to, float[] u, int uAt) {
    Kernels kernels = plan.engine.kernels();
    int first = from * channels;
    int n = Math.ceilDiv(to, Kernels.ROW_BLOCK) * Kernels.ROW_BLOCK * channels - first;
    int pitch = pitch();
    int w = Kernels.ALIGNED + first;
    if (!columnsAlone) {
      kernels.winogradWeights(winograd, array(), w, pitch, n, u, uAt + first, pitch);
      return;
    }
    for (int t = 0; t < 3; t++) {
      int at = t * pitch;
      kernels.columnWeights(
          winograd, array(), w + at, 3 * pitch, n, u, uAt + first + at, 3 * pitch);
    }
  }
}
