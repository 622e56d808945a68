package io.github.densenet4j.kernel;

/**
 * A matrix product in a form that the JVM makes vectors of by itself, soon after a process began:
 * one short loop, whose arrays all have the same index. (With rows at different places of one array
 * it must assume that a store changes what is loaded next, and leaves the loop as it is.)
 *
 * <p>A loop of the Vector API is faster once compiled, but until then each vector is an object, and
 * it takes a second and a half until all of them are compiled.
 */
public final class PlainProduct {
  /** Rows of x that are multiplied at once: 8, so that a value of y is loaded and stored once. */
  public static final int DEPTH = 8;

  private PlainProduct() {}

  /**
   * y (M,P) += w (M,depth) * x (depth,P). x and y may be the same array of rows.
   *
   * @param w weight (m,k) is {@code w[wAt + m * wPitch + k]}
   * @param depth 1 to {@link #DEPTH}
   * @param x rows of at least P values; what there is of rows from depth on must be finite
   * @param y rows of at least P values, from {@code y[yRow]} on
   */
  public static void add(
      float[] w, int wAt, int wPitch, int m, int depth, float[][] x, float[][] y, int yRow, int p) {
    for (int row = 0; row < m; row++) {
      int at = wAt + row * wPitch;
      add(
          w[at],
          depth > 1 ? w[at + 1] : 0,
          depth > 2 ? w[at + 2] : 0,
          depth > 3 ? w[at + 3] : 0,
          depth > 4 ? w[at + 4] : 0,
          depth > 5 ? w[at + 5] : 0,
          depth > 6 ? w[at + 6] : 0,
          depth > 7 ? w[at + 7] : 0,
          x[0],
          x[1],
          x[2],
          x[3],
          x[4],
          x[5],
          x[6],
          x[7],
          y[yRow + row],
          p);
    }
  }

  // y (P) += w (8) * x (8,P)
  private static void add(
      float w0,
      float w1,
      float w2,
      float w3,
      float w4,
      float w5,
      float w6,
      float w7,
      float[] x0,
      float[] x1,
      float[] x2,
      float[] x3,
      float[] x4,
      float[] x5,
      float[] x6,
      float[] x7,
      float[] y,
      int p) {
    for (int q = 0; q < p; q++) {
      float sum = Math.fma(w0, x0[q], y[q]);
      sum = Math.fma(w1, x1[q], sum);
      sum = Math.fma(w2, x2[q], sum);
      sum = Math.fma(w3, x3[q], sum);
      sum = Math.fma(w4, x4[q], sum);
      sum = Math.fma(w5, x5[q], sum);
      sum = Math.fma(w6, x6[q], sum);
      y[q] = Math.fma(w7, x7[q], sum);
    }
  }
}
