package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import java.util.Arrays;

/**
 * Lines of pictures in scratch as {@link io.github.densenet4j.kernel.Winograd}'s tiles read them.
 */
final class PictureLines {
  private PictureLines() {}

  /**
   * Lays lines [row - 1, row - 1 + lines) of a picture, normalised, into scratch: zeros above and
   * below the picture.
   *
   * @param xAt where line 0 of the picture's channel {@code channel} begins
   * @param height lines of the picture
   * @param count channels, {@code pitch} floats from one to the next in scratch
   */
  static void lay(
      Kernels kernels,
      Prologue prologue,
      float[] x,
      int xAt,
      int xPitch,
      int height,
      int width,
      int row,
      int lines,
      int channel,
      int count,
      float[] scratch,
      int at,
      int pitch) {
    int top = Math.max(0, row - 1);
    int end = Math.min(height, row - 1 + lines);
    int above = (top - (row - 1)) * width;
    int inside = (end - top) * width;
    prologue.apply(
        kernels,
        x,
        xAt + top * width,
        xPitch,
        channel,
        count,
        inside,
        scratch,
        at + above,
        pitch,
        Kernels.PANEL);
    for (int c = 0; c < count; c++) {
      int from = at + c * pitch;
      Arrays.fill(scratch, from, from + above, 0);
      Arrays.fill(scratch, from + above + inside, from + lines * width, 0);
    }
  }
}
