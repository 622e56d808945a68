package io.github.densenet4j.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a picture becomes a network's input: resized and cut as Pillow and torchvision do it, divided
 * by 255, normalised a channel.
 *
 * @param height of the input in pixels
 * @param width of the input in pixels
 * @param shortSide 0 to resize straight to height x width; otherwise the short side is resized to
 *     this many pixels and the middle is cut out, as torchvision does for ImageNet (256, then 224)
 * @param interpolation how it is resized
 * @param order of the colours
 * @param mean of each channel of the input, of values in [0, 1], subtracted
 * @param std of each channel of the input, divided by
 */
public record InputTransform(
    int height,
    int width,
    int shortSide,
    Interpolation interpolation,
    ChannelOrder order,
    List<Double> mean,
    List<Double> std) {
  private static final int CROPS = 5;

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

  /** Bilinear and red first. */
  public InputTransform(int height, int width, int shortSide, List<Double> mean, List<Double> std) {
    this(height, width, shortSide, Interpolation.BILINEAR, ChannelOrder.RGB, mean, std);
  }

  /** Only divided by 255. */
  public static InputTransform plain(int channels, int height, int width) {
    return new InputTransform(
        height, width, 0, Collections.nCopies(channels, 0.0), Collections.nCopies(channels, 1.0));
  }

  /** ImageNet's: short side to 8/7 of the size, middle, torchvision's mean and deviation. */
  public static InputTransform imageNet(int height, int width) {
    return named("imagenet", 3, height, width);
  }

  /** The names that {@link #named} knows. */
  public static List<String> names() {
    return List.of("imagenet", "timm-bicubic", "caffe", "xray", "cifar10", "none");
  }

  /**
   * How the pictures of well-known networks are prepared:
   *
   * <ul>
   *   <li>{@code imagenet}: torchvision's; short side to 8/7 (256 for 224), bilinear, middle
   *   <li>{@code timm-bicubic}: timm's; the same, bicubic
   *   <li>{@code caffe}: of weights converted from Caffe; blue first, mean 103.94 116.78 123.68,
   *       times 0.017
   *   <li>{@code xray}: TorchXRayVision's; the middle square, values in [-1024, 1024]
   *   <li>{@code cifar10}: resized straight to the size, CIFAR-10's mean and deviation
   *   <li>{@code none}: resized straight to the size, divided by 255
   * </ul>
   *
   * <p>With another number of channels than the normalisation has, all get the mean of it.
   *
   * @throws IllegalArgumentException if there is no such name; the message lists them
   */
  public static InputTransform named(String name, int channels, int height, int width) {
    int side = Math.max(height, width);
    int larger = (int) Math.floor(side / 0.875);
    List<Double> mean = List.of(0.485, 0.456, 0.406);
    List<Double> std = List.of(0.229, 0.224, 0.225);
    InputTransform input =
        switch (name) {
          case "imagenet" -> new InputTransform(height, width, larger, mean, std);
          case "timm-bicubic" ->
              new InputTransform(
                  height, width, larger, Interpolation.BICUBIC, ChannelOrder.RGB, mean, std);
          case "caffe" ->
              new InputTransform(
                  height,
                  width,
                  larger,
                  Interpolation.BILINEAR,
                  ChannelOrder.BGR,
                  List.of(103.94 / 255, 116.78 / 255, 123.68 / 255),
                  Collections.nCopies(3, 1 / (0.017 * 255)));
          case "xray" -> new InputTransform(height, width, side, List.of(0.5), List.of(1 / 2048.0));
          case "cifar10" ->
              new InputTransform(
                  height,
                  width,
                  0,
                  List.of(0.4914, 0.4822, 0.4465),
                  List.of(0.2023, 0.1994, 0.2010));
          case "none" -> plain(channels, height, width);
          default ->
              throw new IllegalArgumentException(
                  "There is no input transform named '"
                      + name
                      + "'. Known names: "
                      + String.join(", ", names())
                      + ".");
        };
    return input.withChannels(channels);
  }

  /** This transform for another number of channels: all get the mean of its normalisation. */
  public InputTransform withChannels(int channels) {
    return channels == channels()
        ? this
        : withNormalisation(average(mean, channels), average(std, channels));
  }

  private static List<Double> average(List<Double> values, int channels) {
    double average = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    return Collections.nCopies(channels, average);
  }

  private InputTransform withNormalisation(List<Double> means, List<Double> deviations) {
    return new InputTransform(height, width, shortSide, interpolation, order, means, deviations);
  }

  /** This transform to another size; a short side keeps its ratio to it. */
  public InputTransform withSize(int newHeight, int newWidth) {
    double ratio = (double) shortSide / Math.max(height, width);
    int newShort = (int) Math.round(ratio * Math.max(newHeight, newWidth));
    return new InputTransform(newHeight, newWidth, newShort, interpolation, order, mean, std);
  }

  /** Number of channels. */
  public int channels() {
    return mean.size();
  }

  /** Writes (C,H,W) unsigned bytes of the right size, red first, as normalised floats. */
  public void normalise(byte[] pixels, int at, float[] out, int outAt) {
    int area = height * width;
    for (int c = 0; c < channels(); c++) {
      float factor = (float) (1 / (255 * std.get(c)));
      float shift = (float) (-mean.get(c) / std.get(c));
      int from = at + (order == ChannelOrder.BGR ? channels() - 1 - c : c) * area;
      int to = outAt + c * area;
      for (int i = 0; i < area; i++) {
        out[to + i] = Math.fma(pixels[from + i] & 0xff, factor, shift);
      }
    }
  }

  /** The unsigned bytes (C,H,W), red first, that {@link #normalise} made these floats of. */
  public byte[] pixels(float[] normalised, int at) {
    int area = height * width;
    byte[] out = new byte[channels() * area];
    for (int c = 0; c < channels(); c++) {
      int to = (order == ChannelOrder.BGR ? channels() - 1 - c : c) * area;
      for (int i = 0; i < area; i++) {
        double value = (normalised[at + c * area + i] * std.get(c) + mean.get(c)) * 255;
        out[to + i] = (byte) Math.clamp(Math.round(value), 0, 255);
      }
    }
    return out;
  }

  /** Resizes and cuts pictures of h x w pixels to height x width. */
  public PilResize resize(int h, int w) {
    int[] size = resized(h, w);
    int top = (int) Math.rint((size[0] - height) / 2.0);
    int left = (int) Math.rint((size[1] - width) / 2.0);
    return new PilResize(h, w, size[0], size[1], interpolation, top, left, height, width);
  }

  /** Height and width before the cut, with torchvision's rounding of the long side. */
  private int[] resized(int h, int w) {
    if (shortSide == 0) {
      return new int[] {height, width};
    }
    return h > w ? new int[] {longSide(h, w), shortSide} : new int[] {shortSide, longSide(w, h)};
  }

  private int longSide(int longer, int shorter) {
    long side = (long) shortSide * longer / shorter;
    if (side > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "A picture whose sides are %d and %d would be resized to %,d pixels: it is too narrow."
              .formatted(longer, shorter, side));
    }
    return (int) side;
  }

  /** A picture of any size as the network's input (C,H,W). */
  public float[] apply(Picture picture) {
    return apply(picture.toChannels(channels()), resize(picture.height(), picture.width()));
  }

  /** A picture of any size resized and cut to the input's, still of bytes. */
  public Picture fit(Picture picture) {
    return cut(picture.toChannels(channels()), resize(picture.height(), picture.width()));
  }

  private float[] apply(Picture picture, PilResize resize) {
    byte[] pixels = cut(picture, resize).pixels();
    float[] out = new float[pixels.length];
    normalise(pixels, 0, out, 0);
    return out;
  }

  private Picture cut(Picture picture, PilResize resize) {
    return picture.resized(resize, height, width);
  }

  /**
   * Ten inputs of a picture: its corners and its middle, and the same of its mirror image, in
   * torchvision's order. Without a short side it is resized to 8/7 of the size first.
   *
   * @return inputs (C,H,W): top left, top right, bottom left, bottom right, middle, then mirrored
   */
  public List<float[]> tenCrops(Picture picture) {
    Picture right = picture.toChannels(channels());
    InputTransform larger =
        shortSide > Math.max(height, width)
            ? this
            : new InputTransform(
                height,
                width,
                (int) Math.floor(Math.max(height, width) / 0.875),
                interpolation,
                order,
                mean,
                std);
    int[] size = larger.resized(right.height(), right.width());
    int bottom = size[0] - height;
    int end = size[1] - width;
    int[][] corners = {
      {0, 0},
      {0, end},
      {bottom, 0},
      {bottom, end},
      {(int) Math.rint(bottom / 2.0), (int) Math.rint(end / 2.0)}
    };
    List<float[]> out = new ArrayList<>();
    for (Picture side : List.of(right, right.mirrored())) {
      for (int i = 0; i < CROPS; i++) {
        out.add(
            apply(
                side,
                new PilResize(
                    side.height(),
                    side.width(),
                    size[0],
                    size[1],
                    interpolation,
                    corners[i][0],
                    corners[i][1],
                    height,
                    width)));
      }
    }
    return out;
  }
}
