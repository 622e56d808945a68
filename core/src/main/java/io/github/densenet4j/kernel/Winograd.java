package io.github.densenet4j.kernel;

/**
 * Winograd's minimal filtering in two dimensions (Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2016): a 3x3 convolution makes a tile of step x step results from
 * size x size inputs, y = A^T ((G w G^T) * (B^T d B)) A, where * is by element.
 *
 * <p>The results of all tiles lie in <em>phases</em>: pixel (h,w) of the picture is element (h /
 * step, w / step) of phase (h % step, w % step). So what neighbouring tiles have at one place is
 * contiguous, and the lanes of a vector are tiles. Lines of inputs lie in their phases as well, one
 * behind the other.
 */
public enum Winograd {
  /**
   * F(2x2,3x3), points 0, 1, -1 and infinity: 2.25 times fewer products, rounds like a plain sum.
   */
  F2(
      2,
      new float[][] {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
      new float[][] {{1, 1, 1, 0}, {0, 1, -1, -1}},
      new double[][] {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}),

  /** F(4x4,3x3), points 0, 1, -1, 2, -2 and infinity: 4 times fewer products, rounds more. */
  F4(
      4,
      new float[][] {
        {4, 0, -5, 0, 1, 0},
        {0, -4, -4, 1, 1, 0},
        {0, 4, -4, -1, 1, 0},
        {0, -2, -1, 2, 1, 0},
        {0, 2, -1, -2, 1, 0},
        {0, 4, 0, -5, 0, 1}
      },
      new float[][] {
        {1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}
      },
      new double[][] {
        {1 / 4.0, 0, 0},
        {-1 / 6.0, -1 / 6.0, -1 / 6.0},
        {-1 / 6.0, 1 / 6.0, -1 / 6.0},
        {1 / 24.0, 1 / 12.0, 1 / 6.0},
        {1 / 24.0, -1 / 12.0, 1 / 6.0},
        {0, 0, 1}
      });

  private final int step;
  private final float[][] input;
  private final float[][] output;
  private final double[][] weights;

  Winograd(int step, float[][] input, float[][] output, double[][] weights) {
    this.step = step;
    this.input = input;
    this.output = output;
    this.weights = weights;
  }

  /** Rows and columns of results in a tile: 2 or 4. */
  public int step() {
    return step;
  }

  /** Rows and columns of inputs of a tile: 4 or 6. */
  public int size() {
    return step + 2;
  }

  /** Products for each tile, input and output channel: 16 or 36. */
  public int planes() {
    return size() * size();
  }

  /** Phases of a picture of results: 4 or 16. */
  public int phases() {
    return step * step;
  }

  /** Where pixel w of a line of so many pixels lies, one phase of the line behind the other. */
  public int place(int w, int width) {
    int phase = w % step;
    return phase * (width / step) + Math.min(phase, width % step) + w / step;
  }

  /** An element of B^T (size, size). */
  float input(int row, int column) {
    return input[row][column];
  }

  /** An element of A^T (step, size). */
  float output(int row, int column) {
    return output[row][column];
  }

  /** An element of G (size, 3). */
  double weights(int row, int column) {
    return weights[row][column];
  }
}
