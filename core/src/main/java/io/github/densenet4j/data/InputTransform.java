package io.github.densenet4j.data;

import java.util.Collections;
import java.util.List;

/**
 * How a picture becomes a network's input: resized as Pillow does it, divided by 255, normalised a
 * channel.
 *
 * @param height of the input in pixels
 * @param width of the input in pixels
 * @param shortSide 0 to resize straight to height x width; otherwise the short side is resized to
 *     this many pixels and the middle is cut out, as torchvision does for ImageNet (256, then 224)
 * @param mean of each channel, subtracted
 * @param std of each channel, divided by
 */
public record InputTransform(
    int height, int width, int shortSide, List<Double> mean, List<Double> std) {
  /** Checks the sizes. */
  public InputTransform {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (height < 1
        || width < 1
        || shortSide < 0
        || shortSide > 0 && shortSide < Math.max(height, width)) {
      throw new IllegalArgumentException(
          "An input of %d x %d pixels behind a resize of the short side to %d: sides are at least 1, and the short side is 0 or not smaller."
              .formatted(height, width, shortSide));
    }
    if (mean.size() != std.size() || mean.isEmpty() || std.stream().anyMatch(s -> !(s > 0))) {
      throw new IllegalArgumentException(
          "mean " + mean + " and std " + std + ": one of each a channel, every std above 0.");
    }
  }

  /** Only divided by 255. */
  public static InputTransform plain(int channels, int height, int width) {
    return new InputTransform(
        height, width, 0, Collections.nCopies(channels, 0.0), Collections.nCopies(channels, 1.0));
  }

  /** ImageNet's: short side to 8/7 of the size, middle, torchvision's mean and deviation. */
  public static InputTransform imageNet(int height, int width) {
    return new InputTransform(
        height,
        width,
        (int) Math.round(Math.max(height, width) * 8 / 7.0),
        List.of(0.485, 0.456, 0.406),
        List.of(0.229, 0.224, 0.225));
  }

  /** Number of channels. */
  public int channels() {
    return mean.size();
  }

  /** Writes (C,H,W) unsigned bytes of the right size as normalised floats. */
  public void normalise(byte[] pixels, int at, float[] out, int outAt) {
    int area = height * width;
    for (int c = 0; c < channels(); c++) {
      float factor = (float) (1 / (255 * std.get(c)));
      float shift = (float) (-mean.get(c) / std.get(c));
      for (int i = c * area; i < (c + 1) * area; i++) {
        out[outAt + i] = Math.fma(pixels[at + i] & 0xff, factor, shift);
      }
    }
  }

  /** A picture of any size as the network's input (C,H,W). */
  public float[] apply(Picture picture) {
    Picture right = picture.toChannels(channels());
    int h = height;
    int w = width;
    if (shortSide > 0) { // torchvision's rounding of the long side
      boolean tall = right.height() > right.width();
      h = tall ? (int) ((long) shortSide * right.height() / right.width()) : shortSide;
      w = tall ? shortSide : (int) ((long) shortSide * right.width() / right.height());
    }
    int top = (int) Math.rint((h - height) / 2.0);
    int left = (int) Math.rint((w - width) / 2.0);
    PilResize resize = new PilResize(right.height(), right.width(), h, w);
    byte[] scratch = new byte[resize.scratch()];
    byte[] resized = new byte[h * w];
    byte[] cut = new byte[channels() * height * width];
    for (int c = 0; c < channels(); c++) {
      resize.apply(right.pixels(), c * right.height() * right.width(), resized, 0, scratch, 0);
      for (int y = 0; y < height; y++) {
        System.arraycopy(resized, (top + y) * w + left, cut, (c * height + y) * width, width);
      }
    }
    float[] out = new float[cut.length];
    normalise(cut, 0, out, 0);
    return out;
  }
}
