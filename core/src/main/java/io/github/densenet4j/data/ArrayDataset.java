package io.github.densenet4j.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Pictures of one size that lie one behind another in memory or in a mapped file.
 *
 * @param name in messages
 * @param channels of a picture: 1 or 3
 * @param height in pixels
 * @param width in pixels
 * @param layout of a picture's bytes
 * @param pixels unsigned bytes of all pictures
 * @param classes the classes of each picture
 * @param classNames a name for each class
 * @param multiLabel whether a picture may show several classes
 */
record ArrayDataset(
    String name,
    int channels,
    int height,
    int width,
    Order layout,
    MemorySegment pixels,
    int[][] classes,
    List<String> classNames,
    boolean multiLabel)
    implements Dataset {
  /** The order of a picture's bytes. */
  enum Order {
    /** (C,H,W). */
    PLANES,
    /** (H,W,C). */
    INTERLEAVED
  }

  /** Pictures with one class each, plane by plane. */
  static ArrayDataset of(
      String name,
      int channels,
      int height,
      int width,
      byte[] pixels,
      byte[] labels,
      List<String> classNames) {
    int[][] classes = new int[labels.length][];
    for (int i = 0; i < labels.length; i++) {
      classes[i] = new int[] {labels[i] & 0xff};
    }
    MemorySegment all = MemorySegment.ofArray(pixels);
    return new ArrayDataset(
        name, channels, height, width, Order.PLANES, all, classes, classNames, false);
  }

  @Override
  public int size() {
    return classes.length;
  }

  @Override
  public int[] labels(int index) {
    return classes[index];
  }

  @Override
  public Picture picture(int index) {
    int bytes = channels * height * width;
    byte[] out = new byte[bytes];
    MemorySegment.copy(pixels, ValueLayout.JAVA_BYTE, (long) index * bytes, out, 0, bytes);
    return new Picture(
        channels, height, width, layout == Order.PLANES ? out : planes(out, channels));
  }

  private static byte[] planes(byte[] in, int channels) {
    int area = in.length / channels;
    byte[] out = new byte[in.length];
    for (int i = 0; i < area; i++) {
      for (int c = 0; c < channels; c++) {
        out[c * area + i] = in[i * channels + c];
      }
    }
    return out;
  }

  @Override
  public long bytes() {
    return (pixels.isNative() ? 0 : pixels.byteSize()) + 28L * classes.length;
  }

  @Override
  public boolean isDecoded() {
    return true;
  }
}
