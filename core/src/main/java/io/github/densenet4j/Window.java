package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import java.util.Arrays;

/**
 * How a k x k convolution sees pictures: the one place, with the pools, that knows height and
 * width.
 *
 * <p>The pictures of a tile are laid into scratch with zeros around them, so that every tap of the
 * window is the same picture at another offset, and the convolution is a product whose rows are
 * these offsets (no copy for each tap). Neighbouring rows and pictures share their zeros: with
 * stride 1 the right margin of one row is the left one of the next. With stride 2 even and odd rows
 * and columns lie in planes of their own, so that taps are contiguous again.
 */
final class Window {
  final int kernel;
  final int stride;
  final int padding;
  final int taps;

  /** Rows and columns of the result. */
  final int height;

  final int width;

  /** Distance between rows in scratch. */
  final int pitch;

  private final int inHeight;
  private final int inWidth;
  private final int phases;
  private final int
      span; // rows and columns that the last tap lies beyond the first, in a phase's plane
  private final int pictureRows; // scratch rows from one picture to the next

  /** A window of kernel x kernel pixels over pictures, stride 1 or 2, padding (kernel - 1) / 2. */
  Window(int kernel, int stride, int inHeight, int inWidth) {
    if (stride != 1 && stride != 2) {
      throw new IllegalArgumentException("A window's stride is " + stride + ": it must be 1 or 2.");
    }
    this.kernel = kernel;
    this.stride = stride;
    this.padding = (kernel - 1) / 2;
    this.taps = kernel * kernel;
    this.inHeight = inHeight;
    this.inWidth = inWidth;
    this.height = (inHeight + 2 * padding - kernel) / stride + 1;
    this.width = (inWidth + 2 * padding - kernel) / stride + 1;
    this.phases = stride * stride;
    this.span = (kernel - 1) / stride;
    this.pitch = stride == 1 ? inWidth + padding : width + span;
    this.pictureRows = stride == 1 ? inHeight + padding : height + span;
  }

  /** Scratch row of a row of the result, counted through all pictures. */
  private int scratchRow(int row) {
    return row / height * pictureRows + row % height;
  }

  /**
   * Positions in scratch between the first pixel of row {@code first} and that of row {@code row}.
   */
  int position(int first, int row) {
    return (scratchRow(row) - scratchRow(first)) * pitch;
  }

  /** Positions that a product over rows [from, to) runs through, margins included. */
  int positions(int from, int to) {
    return position(from, to - 1) + width;
  }

  /** No tile of so many rows has more positions. */
  int maximumPositions(int rows) {
    return (rows + ((rows - 1) / height + 1) * (pictureRows - height)) * pitch;
  }

  /** Floats of one channel in scratch, all phases, for tiles of so many rows. */
  int channelFloats(int rows) {
    return phases * planeFloats(rows);
  }

  private int planeFloats(int rows) {
    int floats = maximumPositions(rows) + span * (pitch + 1);
    return floats + (16 - floats % 16 + 16) % 16 + 16 * (floats / 16 % 2 == 0 ? 1 : 0);
  }

  /**
   * Where in scratch each (channel, tap) begins, for tiles of so many rows: the table of a product.
   */
  int[] rows(int channels, int tileRows) {
    int[] rows = new int[channels * taps];
    int plane = planeFloats(tileRows);
    for (int c = 0, i = 0; c < channels; c++) {
      for (int dh = 0; dh < kernel; dh++) {
        for (int dw = 0; dw < kernel; dw++, i++) {
          int phase = dh % stride * stride + dw % stride;
          rows[i] = (c * phases + phase) * plane + dh / stride * pitch + dw / stride;
        }
      }
    }
    return rows;
  }

  /**
   * Lays channels [channel, channel + channels) of x into scratch for rows [from, to) of the
   * result. With stride 2 there is no prologue: the picture itself is all that is ever read so.
   */
  void pack(
      Plan plan,
      Prologue prologue,
      Rows x,
      int channel,
      int channels,
      int from,
      int to,
      int tileRows,
      float[] scratch,
      int at) {
    if (stride != 1 && prologue != Prologue.NONE) {
      throw new IllegalArgumentException("A window with stride " + stride + " takes no prologue.");
    }
    int floats = channelFloats(tileRows);
    Arrays.fill(scratch, at, at + channels * floats, 0);
    int first = scratchRow(from);
    int last = scratchRow(to - 1) + span;
    for (int row = first; row <= last; row++) {
      int picture = row / pictureRows;
      int inPicture = row % pictureRows;
      if (stride == 1) {
        int h = inPicture - padding;
        if (h >= 0) {
          prologue.apply(
              plan.engine.kernels(),
              x.array(),
              x.at(channel, (picture * inHeight + h) * inWidth),
              x.pitch(),
              channel,
              channels,
              inWidth,
              scratch,
              at + (row - first) * pitch + padding,
              floats,
              Kernels.PANEL);
        }
      } else {
        for (int c = 0; c < channels; c++) {
          packPhases(
              x,
              channel + c,
              picture,
              inPicture,
              scratch,
              at + c * floats + (row - first) * pitch,
              floats / phases);
        }
      }
    }
  }

  /** Even and odd columns of the even and odd input rows under one row of the phases. */
  private void packPhases(
      Rows x, int channel, int picture, int row, float[] scratch, int at, int plane) {
    for (int a = 0; a < stride; a++) {
      int h = stride * row + a - padding;
      if (h < 0 || h >= inHeight) {
        continue;
      }
      int line = x.at(channel, (picture * inHeight + h) * inWidth);
      for (int b = 0; b < stride; b++) {
        int to = at + (a * stride + b) * plane;
        int first = Math.ceilDiv(Math.max(0, padding - b), stride);
        int last = Math.min(pitch, Math.ceilDiv(inWidth + padding - b, stride));
        everySecond(
            x.array(), line + b - padding + stride * first, last - first, scratch, to + first);
      }
    }
  }

  /** A loop of its own with a constant step, out of which the JVM takes its checks of indices. */
  private static void everySecond(float[] x, int xAt, int count, float[] y, int yAt) {
    for (int j = 0; j < count; j++) {
      y[yAt + j] = x[xAt + 2 * j];
    }
  }

  /**
   * Lays rows [from, to) of the result's gradient dy (M, N*OH*OW) into scratch, at the same
   * positions, zeros between them and behind them up to {@code positions}.
   */
  void packResult(Rows dy, int m, int from, int to, int positions, float[] scratch, int pitch) {
    for (int r = 0; r < m; r++) {
      int line = r * pitch;
      Arrays.fill(scratch, line, line + positions, 0);
      for (int row = from; row < to; row++) {
        System.arraycopy(
            dy.array(), dy.at(r, row * width), scratch, line + position(from, row), width);
      }
    }
  }
}
