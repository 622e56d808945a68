package io.github.densenet4j.kernel;

/**
 * Winograd's algorithm down the columns of a 7x7 convolution with stride 2, for four rows of
 * results at a time: 13 products for what a column of the window adds to four results, where the
 * plain sum has 28. Along the rows it is the plain sum.
 *
 * <p>The even rows of a picture see a filter of four taps, the odd ones of three: F(4,4) and
 * F(4,3). F(4,4) has the points of {@link Winograd#F4} and -1/2. Where both have a point, their
 * planes are added before the results are made, so that planes are 0, 1, -1, 2, -2, infinity, each
 * over even and odd rows, and -1/2, over the even ones alone. What F(4,4) makes of rows d is at the
 * common points what F(4,3) makes of rows d[i] / 2 + d[i + 1].
 */
public final class StemWinograd {
  /** Rows of results that are made together. */
  public static final int STEP = 4;

  /** Phases of a picture: even and odd columns of its even rows, then of its odd ones. */
  public static final int PHASES = 4;

  /** Rows of each phase that these see. */
  public static final int SIZE = 7;

  /** Planes: one for each point. */
  public static final int PLANES = 7;

  /** The plane to which odd rows add nothing. */
  public static final int EVEN_PLANE = 6;

  private static final double[][] EVEN = {
    {1 / 2.0, 0, 0, 0},
    {-1 / 9.0, -1 / 9.0, -1 / 9.0, -1 / 9.0},
    {1 / 3.0, -1 / 3.0, 1 / 3.0, -1 / 3.0},
    {1 / 60.0, 2 / 60.0, 4 / 60.0, 8 / 60.0},
    {-1 / 36.0, 2 / 36.0, -4 / 36.0, 8 / 36.0},
    {0, 0, 0, 1},
    {-32 / 45.0, 16 / 45.0, -8 / 45.0, 4 / 45.0}
  };

  private StemWinograd() {}

  /** Whether a phase, counted through all channels, is of the picture's even rows. */
  static boolean evenRows(int phase) {
    return phase % PHASES < PHASES / 2;
  }

  /** What tap {@code row} of seven counts in a plane's weights. */
  public static double weight(int plane, int row) {
    if (row % 2 == 0) {
      return EVEN[plane][row / 2];
    }
    return plane == EVEN_PLANE ? 0 : Winograd.F4.weights(plane, row / 2);
  }

  /** What row i of a phase of inputs counts in a plane. */
  static float input(int plane, boolean even, int i) {
    if (plane == EVEN_PLANE) {
      return even && i < 6 ? Winograd.F4.input(5, i) : 0;
    }
    float sum = i < 6 ? Winograd.F4.input(plane, i) * (even ? 0.5f : 1) : 0;
    return even && i > 0 ? sum + Winograd.F4.input(plane, i - 1) : sum;
  }

  /** What a plane counts in a row of the results. */
  static float output(int row, int plane) {
    return plane == EVEN_PLANE ? (float) Math.pow(-0.5, row) : Winograd.F4.output(row, plane);
  }
}
