package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;

/**
 * How a batch of pictures is cut into {@link Winograd}'s tiles: rows of tiles, picture after
 * picture. Tiles overhang a picture whose sides are no multiples of the step.
 *
 * @param pitch positions in a row of tiles: its tiles and perhaps a few void ones
 */
record WinogradTiles(Winograd winograd, int height, int width, int pitch) {

  /** Rows of tiles in a picture. */
  int rows() {
    return Math.ceilDiv(height, winograd.step());
  }

  /**
   * Positions before a picture row that begins a row of tiles, both counted through all pictures.
   */
  int position(int row) {
    return (row / height * rows() + Math.ceilDiv(row % height, winograd.step())) * pitch;
  }

  /** Positions of picture rows [from, to). */
  int positions(int from, int to) {
    return position(to) - position(from);
  }

  /**
   * v (planes, channels, positions) = the transformed tiles of picture rows [firstRow, endRow),
   * picture by picture, of what the prologue makes of x.
   *
   * @param channel the first channel, as the prologue counts them
   * @param xAt where that channel begins in the first picture
   * @param vPanel as {@link Kernels#winogradInput} says, and {@code vPlane}, {@code vChannel}
   * @param inputAt scratch for {@link Kernels#winogradInputScratch}, in v's array
   */
  void transform(
      Kernels kernels,
      Prologue prologue,
      float[] x,
      int xAt,
      int xPitch,
      int channel,
      int channels,
      int firstRow,
      int endRow,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel,
      int vPanel,
      int inputAt) {
    int end;
    for (int row = firstRow; row < endRow; row = end) {
      int picture = row / height;
      end = Math.min(endRow, (picture + 1) * height);
      kernels.winogradInput(
          winograd,
          prologue.rectifies(),
          prologue.scale(),
          prologue.shift(),
          channel,
          x,
          xAt + picture * height * width,
          xPitch,
          channels,
          height,
          width,
          row % height,
          Math.ceilDiv(end - row, winograd.step()),
          v,
          vAt,
          vPlane,
          vChannel,
          vPanel,
          positions(firstRow, row),
          pitch,
          v,
          inputAt);
    }
  }
}
