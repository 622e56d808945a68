package io.github.densenet4j.kernel;

/**
 * Winograd's minimal filtering F(4,3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural
 * Networks", 2016): four results of three weights, y = A^T ((G w) * (B^T d)), where * is by
 * element, with 6 multiplications instead of 12 and a few times the rounding. The points are 0, 1,
 * -1, 2, -2 and infinity. Here it runs down the columns of pictures only.
 */
public final class Winograd {
  /** Lines of the result that are made together. */
  public static final int LINES = 4;

  /** Lines of the input that they need, and planes that these become. */
  public static final int PLANES = 6;

  /** B^T (PLANES, PLANES). */
  static final float[][] INPUT = {
    {4, 0, -5, 0, 1, 0},
    {0, -4, -4, 1, 1, 0},
    {0, 4, -4, -1, 1, 0},
    {0, -2, -1, 2, 1, 0},
    {0, 2, -1, -2, 1, 0},
    {0, 4, 0, -5, 0, 1}
  };

  /** A^T (LINES, PLANES). */
  static final float[][] OUTPUT = {
    {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}
  };

  /** G (PLANES, 3). */
  private static final double[][] WEIGHTS = {
    {1 / 4.0, 0, 0},
    {-1 / 6.0, -1 / 6.0, -1 / 6.0},
    {-1 / 6.0, 1 / 6.0, -1 / 6.0},
    {1 / 24.0, 1 / 12.0, 1 / 6.0},
    {1 / 24.0, -1 / 12.0, 1 / 6.0},
    {0, 0, 1}
  };

  private Winograd() {}

  /** A plane's element of G w, for the weights of three lines. */
  public static float weight(int plane, float top, float middle, float bottom) {
    double[] g = WEIGHTS[plane];
    return (float) (g[0] * top + g[1] * middle + g[2] * bottom);
  }
}
