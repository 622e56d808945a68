package io.github.densenet4j;

import io.github.densenet4j.kernel.Winograd;

/**
 * The order of the pixels in the lines of maps. Where the 3x3 convolutions over the maps go by
 * {@link Winograd}'s algorithm, a line lies in its phases: so what neighbouring tiles have at one
 * place is contiguous, and nothing needs to be sorted. Nothing else in a dense block minds the
 * order; who leads into it or out of it does.
 */
final class Lines {
  /** {@link #order} or {@link #show}. */
  @FunctionalInterface
  interface Turn {
    void turn(float[] x, int xAt, float[] y, int yAt, int lines);
  }

  private final int width;
  private final Winograd winograd;
  private final int[] places;
  private final int[] pixels;

  /**
   * Lines of so many pixels.
   *
   * @param winograd the algorithm, or null: then lines lie as they are seen
   */
  Lines(int width, Winograd winograd) {
    this.width = width;
    this.winograd = winograd;
    this.places = new int[width];
    this.pixels = new int[width];
    for (int w = 0; w < width; w++) {
      places[w] = winograd == null ? w : winograd.place(w, width);
      pixels[places[w]] = w;
    }
  }

  /** Lines as they are seen. */
  static Lines plain(int width) {
    return new Lines(width, null);
  }

  int width() {
    return width;
  }

  Winograd winograd() {
    return winograd;
  }

  /** Where a pixel lies in its line. */
  int place(int pixel) {
    return places[pixel];
  }

  /** The pixel at each place. */
  int[] pixels() {
    return pixels;
  }

  /** y (lines,W) = lines x as they are seen, put in order. */
  void order(float[] x, int xAt, float[] y, int yAt, int lines) {
    for (int i = 0; i < lines * width; i += width) {
      for (int w = 0; w < width; w++) {
        y[yAt + i + w] = x[xAt + i + pixels[w]];
      }
    }
  }

  /** y (lines,W) = ordered lines x, as they are seen. */
  void show(float[] x, int xAt, float[] y, int yAt, int lines) {
    for (int i = 0; i < lines * width; i += width) {
      for (int w = 0; w < width; w++) {
        y[yAt + i + w] = x[xAt + i + places[w]];
      }
    }
  }
}
