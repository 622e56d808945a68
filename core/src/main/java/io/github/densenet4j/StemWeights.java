package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.StemWinograd;

/**
 * The weights of the stem's 7x7 convolution {@code (M, C * 49)} for {@link StemWinograd}: a matrix
 * for each plane, whose columns are the picture's channels and the window's columns, of the even
 * rows and, but in one plane, behind them of the odd ones.
 */
final class StemWeights extends PackedWeights {
  static final int TAPS = 7;

  private final Plan plan;
  private final int channels;

  StemWeights(Plan plan, int m, int channels) {
    super(
        plan,
        m,
        channels * TAPS * TAPS,
        0,
        0,
        new int[0],
        Kernels.ALIGNED + (long) StemWinograd.PLANES * pitch(plan, m, channels));
    this.plan = plan;
    this.channels = channels;
  }

  private static int pitch(Plan plan, int m, int channels) {
    return Kernels.wholeLines(plan.engine.kernels().packedLength(m, 2 * channels * TAPS));
  }

  /** Columns of a plane's matrix. */
  int depth(int plane) {
    return (plane == StemWinograd.EVEN_PLANE ? 1 : 2) * channels * TAPS;
  }

  /** Where a plane's matrix begins. */
  int at(int plane) {
    return Kernels.ALIGNED + plane * pitch(plan, rows(), channels);
  }

  @Override
  void packFrom(float[] values, int valuesAt) {
    int half = channels * TAPS;
    float[] matrix = new float[rows() * 2 * half];
    int[] column = new int[2 * half];
    for (int i = 0; i < column.length; i++) {
      column[i] = i;
    }
    for (int plane = 0; plane < StemWinograd.PLANES; plane++) {
      int k = depth(plane);
      for (int row = 0; row < rows(); row++) {
        for (int i = 0; i < k; i++) {
          int channel = i % half / TAPS;
          int at = valuesAt + (row * channels + channel) * TAPS * TAPS + i % TAPS;
          double sum = 0;
          for (int tap = i / half; tap < TAPS; tap += 2) {
            sum += StemWinograd.weight(plane, tap) * values[at + tap * TAPS];
          }
          matrix[row * k + i] = (float) sum;
        }
      }
      plan.engine.kernels().pack(matrix, 0, rows(), k, k, column, array(), at(plane));
    }
  }
}
