package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The network: a name, and what differs from it. */
final class NetworkOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,5})(?:x(\\d{1,5}))?");

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "densenet121, densenet161, densenet169, densenet201, densenet264, densenet264-k48, d2l,"
              + " cifar-DEPTH-GROWTH or cifar-bc-DEPTH-GROWTH, e.g. cifar-bc-100-12.")
  String arch;

  @Option(names = "--growth-rate", paramLabel = "K", description = "Channels that each layer adds.")
  Integer growthRate;

  @Option(
      names = "--blocks",
      split = ",",
      paramLabel = "N",
      description = "Layers of each block, e.g. 6,12,24,16.")
  List<Integer> blocks;

  @Option(names = "--init-features", paramLabel = "C", description = "Channels after the stem.")
  Integer initFeatures;

  @Option(
      names = "--bottleneck",
      paramLabel = "B",
      description = "A layer's 1x1 conv has B*K outputs; 0: plain layers.")
  Integer bottleneck;

  @Option(
      names = "--compression",
      paramLabel = "THETA",
      description = "What a transition keeps, in (0, 1].")
  Double compression;

  @Option(names = "--stem", description = "imagenet, cifar or d2l.")
  StemType stem;

  @Option(names = "--conv-bias", negatable = true, description = "Give every convolution a bias.")
  Boolean convBias;

  @Option(names = "--channels", paramLabel = "C", description = "Channels of the pictures.")
  Integer channels;

  @Option(names = "--classes", paramLabel = "N", description = "Classes.")
  Integer classes;

  @Option(names = "--size", paramLabel = "N|HxW", description = "Pixels of the network's input.")
  String size;

  @Option(
      names = "--drop-rate",
      paramLabel = "P",
      description = "Dropout of new features, in [0, 1).")
  Double dropRate;

  @Option(
      names = "--memory-efficient",
      description =
          "Recompute the bottlenecks in the backward pass: less memory, the same numbers.")
  boolean memoryEfficient;

  /** Whether the network was named or described at all. */
  boolean given() {
    return arch != null
        || growthRate != null
        || blocks != null
        || initFeatures != null
        || bottleneck != null
        || compression != null
        || stem != null;
  }

  /** Whether parts of a network were described that weights would have to fit. */
  boolean isDescribed() {
    return growthRate != null
        || blocks != null
        || initFeatures != null
        || bottleneck != null
        || compression != null
        || stem != null
        || convBias != null
        || classes != null;
  }

  /** The network, starting from {@code --arch} or from a default. */
  DenseNetConfig config(DenseNetConfig start) {
    try {
      DenseNetConfig base = arch == null ? start : DenseNetConfig.named(arch);
      boolean bias = convBias == null ? base.convBias() : convBias;
      return new DenseNetConfig(
          or(growthRate, base.growthRate()),
          or(blocks, base.blocks()),
          or(initFeatures, base.initFeatures()),
          or(bottleneck, base.bottleneck()),
          or(compression, base.compression()),
          or(stem, base.stem()),
          bias,
          or(channels, base.channels()),
          or(classes, base.classes()),
          or(dropRate, base.dropRate()),
          base.bnEps(),
          base.bnMomentum(),
          base.initialisation() == null ? Initialisation.KAIMING : base.initialisation());
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static <T> T or(T given, T otherwise) {
    return given == null ? otherwise : given;
  }

  /** Height and width: of {@code --size}, or what is usual. */
  int[] size(int height, int width) {
    if (size == null) {
      return new int[] {height, width};
    }
    return parseSize(size);
  }

  /** Height and width of a number of pixels or of HxW. */
  static int[] parseSize(String size) {
    Matcher matcher = SIZE.matcher(size);
    if (!matcher.matches()) {
      throw new UsageException(
          "--size is '"
              + size
              + "': it must be a number of pixels such as 96, or HxW such as 96x128.");
    }
    int h = Integer.parseInt(matcher.group(1));
    return new int[] {h, matcher.group(2) == null ? h : Integer.parseInt(matcher.group(2))};
  }

  /** Checks that a network takes pictures of a size. */
  static void requireSize(DenseNetConfig config, int[] size) {
    try {
      config.requireSize(size[0], size[1]);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** The name for reports. */
  String name() {
    return arch == null ? "custom" : arch;
  }
}
