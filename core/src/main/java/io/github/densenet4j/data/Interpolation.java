package io.github.densenet4j.data;

/** How a picture is resized; both widen their filter when it shrinks (antialiasing). */
public enum Interpolation {
  /** A triangle over 2 pixels. */
  BILINEAR(1),
  /** The cubic of Keys (1981) with a = -0.5 over 4 pixels. */
  BICUBIC(2);

  private final double support;

  Interpolation(double support) {
    this.support = support;
  }

  /** How far the filter reaches to either side, in pixels of a picture that keeps its size. */
  double support() {
    return support;
  }

  /** The filter's value at a distance. */
  double weight(double distance) {
    double x = Math.abs(distance);
    if (this == BILINEAR) {
      return x < 1 ? 1 - x : 0;
    }
    double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }
}
