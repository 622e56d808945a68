package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * What happens to maps on their way into a convolution, tile by tile, in cache: nothing normalised
 * is ever stored.
 */
@FunctionalInterface
interface Prologue {
  /**
   * y (R,P) = f(x (R,P)) for channels [row, row + rows).
   *
   * @param yPanel distance between the panels of a row of y, see {@link Kernels#affineRelu}
   */
  void apply(
      Kernels kernels,
      float[] x,
      int xAt,
      int xPitch,
      int row,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel);

  /** Whether f is a ReLU, behind {@link #scale} and {@link #shift} if there are any. */
  default boolean rectifies() {
    return this != NONE;
  }

  /** What channels are multiplied by, or null where f neither scales nor shifts. */
  default float[] scale() {
    return null;
  }

  /** What is added to channels then, or null. */
  default float[] shift() {
    return null;
  }

  /** The values as they are. */
  Prologue NONE =
      (kernels, x, xAt, xPitch, row, rows, p, y, yAt, yPitch, yPanel) -> {
        for (int r = 0; r < rows; r++) {
          for (int j = 0; j < p; j += Kernels.PANEL) {
            int to = yAt + r * yPitch + j / Kernels.PANEL * yPanel;
            System.arraycopy(x, xAt + r * xPitch + j, y, to, Math.min(Kernels.PANEL, p - j));
          }
        }
      };

  /** max(0, x): where a batch normalisation is folded into the convolution before. */
  Prologue RELU =
      (kernels, x, xAt, xPitch, row, rows, p, y, yAt, yPitch, yPanel) ->
          kernels.relu(x, xAt, xPitch, rows, p, y, yAt, yPitch, yPanel);
}
