package io.github.densenet4j;

import java.util.ArrayList;
import java.util.List;

/**
 * What a network consists of, part by part.
 *
 * @param parts in the order of the way
 * @param parameters learned values in all
 * @param macs multiply-accumulate operations for one picture: convolutions (a transition's before
 *     its pool, as papers count it) and the linear layer, without biases and normalisations
 */
public record Summary(List<Part> parts, long parameters, long macs) {
  /**
   * One part.
   *
   * @param name as in {@link Pass#parts()}
   * @param about what it does, in a few words
   * @param channels of its result
   * @param height of its result
   * @param width of its result
   * @param parameters learned values
   * @param macs for one picture
   */
  public record Part(
      String name, String about, int channels, int height, int width, long parameters, long macs) {}

  /**
   * Summarises a network for pictures of a size.
   *
   * @throws IllegalArgumentException if the pictures are too small
   */
  public static Summary of(DenseNetConfig config, int height, int width) {
    config.requireSize(height, width);
    List<Part> parts = new ArrayList<>();
    Layout layout = Layout.of(config);
    int h = config.sideAfterStem(height);
    int w = config.sideAfterStem(width);
    parts.add(stem(config, layout, height, width, h, w));
    List<Integer> inputs = config.blockInputs();
    for (int b = 0; b < inputs.size(); b++) {
      int layers = config.blocks().get(b);
      int channels = inputs.get(b) + layers * config.growthRate();
      long blockParameters = parameters(layout, Layout.blockName(b) + ".");
      parts.add(
          new Part(
              "denseblock" + (b + 1),
              layers + " layers, k=" + config.growthRate(),
              channels,
              h,
              w,
              blockParameters,
              blockMacs(config, inputs.get(b), layers) * h * w));
      if (b < inputs.size() - 1) {
        int out = inputs.get(b + 1);
        long macs = (long) channels * out * h * w;
        h /= 2;
        w /= 2;
        parts.add(
            new Part(
                "transition" + (b + 1),
                "1x1 conv, average pool",
                out,
                h,
                w,
                parameters(layout, Layout.transitionName(b) + "."),
                macs));
      }
    }
    long head = parameters(layout, "features.norm5.") + parameters(layout, "classifier.");
    parts.add(
        new Part(
            "head",
            "global average pool, linear",
            config.classes(),
            1,
            1,
            head,
            (long) config.features() * config.classes()));
    return new Summary(
        List.copyOf(parts), layout.parameters(), parts.stream().mapToLong(Part::macs).sum());
  }

  private static Part stem(
      DenseNetConfig config, Layout layout, int height, int width, int h, int w) {
    boolean cifar = config.stem() == StemType.CIFAR;
    long taps = cifar ? 9 : 49;
    long pixels = cifar ? (long) height * width : ((height - 1) / 2 + 1L) * ((width - 1) / 2 + 1L);
    return new Part(
        "stem",
        cifar ? "3x3 conv" : "7x7/2 conv, 3x3/2 max pool",
        config.initFeatures(),
        h,
        w,
        parameters(layout, "features.conv0.") + parameters(layout, "features.norm0."),
        taps * config.channels() * config.initFeatures() * pixels);
  }

  /** For one pixel of the block's maps. */
  private static long blockMacs(DenseNetConfig config, int input, int layers) {
    long k = config.growthRate();
    long macs = 0;
    for (int l = 0; l < layers; l++) {
      long channels = input + l * k;
      long bottleneck = config.bottleneck() * k;
      macs +=
          config.hasBottleneck() ? channels * bottleneck + 9 * bottleneck * k : 9 * channels * k;
    }
    return macs;
  }

  private static long parameters(Layout layout, String prefix) {
    return layout.slots().stream()
        .filter(slot -> slot.store() == Layout.Store.PARAMETERS && slot.name().startsWith(prefix))
        .mapToLong(Layout.Slot::size)
        .sum();
  }
}
