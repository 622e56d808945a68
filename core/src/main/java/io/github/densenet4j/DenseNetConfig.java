package io.github.densenet4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a DenseNet is made of (Huang et al., CVPR 2017): a validated description, without weights.
 *
 * @param growthRate k, the channels that each layer adds to its block's features; at least 1
 * @param blocks the number of layers of each dense block, e.g. 6, 12, 24, 16; at least one block
 * @param initFeatures channels after the stem; at least 1
 * @param bottleneck a layer's 1x1 convolution has {@code bottleneck * growthRate} outputs; 0 means
 *     plain layers without it
 * @param compression theta: a transition keeps floor(theta * channels) channels; in (0, 1]
 * @param stem how a picture enters
 * @param convBias whether every convolution has a bias (the d2l network); BN follows, so usually
 *     not
 * @param channels channels of the input pictures; at least 1
 * @param classes outputs of the classifier; at least 1
 * @param dropRate probability with which each new feature of a layer is dropped in training; in [0,
 *     1)
 * @param bnEps added to the variance; positive
 * @param bnMomentum weight of the new value in a running statistic, as in PyTorch; in [0, 1]
 * @param initialisation how new weights are drawn
 */
public record DenseNetConfig(
    int growthRate,
    List<Integer> blocks,
    int initFeatures,
    int bottleneck,
    double compression,
    StemType stem,
    boolean convBias,
    int channels,
    int classes,
    double dropRate,
    double bnEps,
    double bnMomentum,
    Initialisation initialisation) {

  private static final Pattern CIFAR_NAME = Pattern.compile("cifar(-bc)?-(\\d{1,6})-(\\d{1,6})");

  private static final int MAXIMUM_LAYERS = 10_000;

  /** Checks every field. */
  public DenseNetConfig {
    require(growthRate >= 1, "growthRate", growthRate, "must be at least 1");
    Objects.requireNonNull(blocks, "blocks");
    blocks = List.copyOf(blocks);
    require(!blocks.isEmpty(), "blocks", blocks, "must name at least one dense block");
    for (int layers : blocks) {
      require(layers >= 1, "blocks", blocks, "must have at least 1 layer in every block");
    }
    long layers = blocks.stream().mapToLong(Integer::longValue).sum();
    require(layers <= MAXIMUM_LAYERS, "blocks", blocks, "must not have more than 10,000 layers");
    require(initFeatures >= 1, "initFeatures", initFeatures, "must be at least 1");
    require(bottleneck >= 0, "bottleneck", bottleneck, "must be 0 (plain layers) or at least 1");
    require(compression > 0 && compression <= 1, "compression", compression, "must be in (0, 1]");
    Objects.requireNonNull(stem, "stem");
    require(channels >= 1, "channels", channels, "must be at least 1");
    require(classes >= 1, "classes", classes, "must be at least 1");
    require(dropRate >= 0 && dropRate < 1, "dropRate", dropRate, "must be in [0, 1)");
    require(bnEps > 0 && bnEps < 1, "bnEps", bnEps, "must be in (0, 1)");
    require(bnMomentum >= 0 && bnMomentum <= 1, "bnMomentum", bnMomentum, "must be in [0, 1]");
    Objects.requireNonNull(initialisation, "initialisation");
    long width = initFeatures;
    for (int b = 0; b < blocks.size(); b++) {
      width += (long) blocks.get(b) * growthRate;
      require(width <= 1 << 20, "blocks", blocks, "must not lead to more than 1,048,576 channels");
      if (b < blocks.size() - 1) {
        width = (long) Math.floor(compression * width);
        require(width >= 1, "compression", compression, "must leave at least 1 channel");
      }
    }
    require((long) bottleneck * growthRate <= 1 << 20, "bottleneck", bottleneck, "is too wide");
  }

  private static void require(boolean holds, String field, Object value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(field + " is " + value + ": it " + rule + ".");
    }
  }

  /**
   * A network of the paper's Table 1: growth rate, initial features and layers a block; BC, 3
   * channels, 1000 classes.
   */
  private static DenseNetConfig imageNet(int growthRate, int initFeatures, Integer... blocks) {
    return new DenseNetConfig(
        growthRate,
        List.of(blocks),
        initFeatures,
        4,
        0.5,
        StemType.IMAGENET,
        false,
        3,
        1000,
        0,
        1e-5,
        0.1,
        Initialisation.KAIMING);
  }

  /** DenseNet-121 (k=32): 7,978,856 parameters. */
  public static DenseNetConfig densenet121() {
    return imageNet(32, 64, 6, 12, 24, 16);
  }

  /** DenseNet-161 (k=48): 28,681,000 parameters. */
  public static DenseNetConfig densenet161() {
    return imageNet(48, 96, 6, 12, 36, 24);
  }

  /** DenseNet-169 (k=32): 14,149,480 parameters. */
  public static DenseNetConfig densenet169() {
    return imageNet(32, 64, 6, 12, 32, 32);
  }

  /** DenseNet-201 (k=32): 20,013,928 parameters. */
  public static DenseNetConfig densenet201() {
    return imageNet(32, 64, 6, 12, 48, 32);
  }

  /** DenseNet-264 (k=32): 33,337,704 parameters. */
  public static DenseNetConfig densenet264() {
    return imageNet(32, 64, 6, 12, 64, 48);
  }

  /** DenseNet-264 with k=48, of the technical report: 72,686,632 parameters. */
  public static DenseNetConfig densenet264k48() {
    return imageNet(48, 96, 6, 12, 64, 48);
  }

  /**
   * The paper's networks for 32x32 pictures: three equal blocks, 3 channels, 10 classes.
   *
   * @param depth L, weight layers in all: 3n+4 for plain layers, 6n+4 for bottleneck layers
   * @param growthRate k
   * @param bottleneckAndCompression true for DenseNet-BC (theta 0.5, 2k initial features), false
   *     for plain (theta 1, 16)
   */
  public static DenseNetConfig cifar(int depth, int growthRate, boolean bottleneckAndCompression) {
    int step = bottleneckAndCompression ? 6 : 3;
    require(
        depth > 4 && (depth - 4) % step == 0,
        "depth",
        depth,
        "must be "
            + step
            + "n+4 with n at least 1 ("
            + (bottleneckAndCompression ? "BC" : "plain")
            + " layers)");
    int n = (depth - 4) / step;
    require(growthRate >= 1, "growthRate", growthRate, "must be at least 1");
    return new DenseNetConfig(
        growthRate,
        List.of(n, n, n),
        bottleneckAndCompression ? 2 * growthRate : 16,
        bottleneckAndCompression ? 4 : 0,
        bottleneckAndCompression ? 0.5 : 1,
        StemType.CIFAR,
        false,
        3,
        10,
        0,
        1e-5,
        0.1,
        Initialisation.KAIMING);
  }

  /**
   * Dive into Deep Learning's network: plain layers, biases, Xavier initialisation; 1 channel, 10
   * classes.
   */
  public static DenseNetConfig d2l() {
    return d2l(1, 10);
  }

  /**
   * Dive into Deep Learning's network for other pictures: 758,226 parameters with 1 channel and 10
   * classes.
   */
  public static DenseNetConfig d2l(int channels, int classes) {
    return new DenseNetConfig(
        32,
        List.of(4, 4, 4, 4),
        64,
        0,
        0.5,
        StemType.D2L,
        true,
        channels,
        classes,
        0,
        1e-5,
        0.1,
        Initialisation.XAVIER);
  }

  /** The names that {@link #named} knows, for messages; the cifar family stands as a pattern. */
  public static List<String> names() {
    return List.of(
        "densenet121",
        "densenet161",
        "densenet169",
        "densenet201",
        "densenet264",
        "densenet264-k48",
        "d2l",
        "cifar-DEPTH-GROWTH",
        "cifar-bc-DEPTH-GROWTH");
  }

  /**
   * The network of a name such as {@code densenet121}, {@code d2l}, {@code cifar-40-12} or {@code
   * cifar-bc-100-12}.
   *
   * @throws IllegalArgumentException if there is no such network; the message lists the names
   */
  public static DenseNetConfig named(String name) {
    Matcher cifar = CIFAR_NAME.matcher(name.toLowerCase(Locale.ROOT));
    if (cifar.matches()) {
      return cifar(
          Integer.parseInt(cifar.group(2)),
          Integer.parseInt(cifar.group(3)),
          cifar.group(1) != null);
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "densenet121" -> densenet121();
      case "densenet161" -> densenet161();
      case "densenet169" -> densenet169();
      case "densenet201" -> densenet201();
      case "densenet264" -> densenet264();
      case "densenet264-k48" -> densenet264k48();
      case "d2l" -> d2l();
      default ->
          throw new IllegalArgumentException(
              "There is no network named '"
                  + name
                  + "'. Known names: "
                  + String.join(", ", names())
                  + ".");
    };
  }

  /**
   * The name under which {@link #named} gives this network, whatever its channels, classes, dropout
   * and statistics; {@code custom} if there is none.
   */
  public String archName() {
    int layers = blocks.getFirst();
    String cifar =
        "cifar-%s%d-%d"
            .formatted(
                hasBottleneck() ? "bc-" : "",
                3L * layers * (hasBottleneck() ? 2 : 1) + 4,
                growthRate);
    for (String name :
        List.of(
            "densenet121",
            "densenet161",
            "densenet169",
            "densenet201",
            "densenet264",
            "densenet264-k48",
            "d2l",
            cifar)) {
      if (isBuiltAs(named(name))) {
        return name;
      }
    }
    return "custom";
  }

  /** Whether two networks consist of the same parts, up to the input's channels and the classes. */
  public boolean isBuiltAs(DenseNetConfig other) {
    return growthRate == other.growthRate
        && blocks.equals(other.blocks)
        && initFeatures == other.initFeatures
        && bottleneck == other.bottleneck
        && stem == other.stem
        && convBias == other.convBias
        && blockInputs().equals(other.blockInputs());
  }

  /**
   * Height and width of the pictures that a network with this stem is usually fed: 224, 32 or 96
   * pixels.
   */
  public int usualSize() {
    return switch (stem) {
      case IMAGENET -> 224;
      case CIFAR -> 32;
      case D2L -> 96;
    };
  }

  /** Whether the layers have a 1x1 bottleneck convolution. */
  public boolean hasBottleneck() {
    return bottleneck > 0;
  }

  /** Whether the stem's convolution has a bias. */
  public boolean stemBias() {
    return convBias || stem == StemType.D2L;
  }

  /** Channels that enter each dense block. */
  public List<Integer> blockInputs() {
    List<Integer> inputs = new ArrayList<>();
    int width = initFeatures;
    for (int b = 0; b < blocks.size(); b++) {
      inputs.add(width);
      width = (int) Math.floor(compression * (width + blocks.get(b) * growthRate));
    }
    return inputs;
  }

  /** Channels of the last block's features: the classifier's inputs. */
  public int features() {
    int last = blocks.size() - 1;
    return blockInputs().get(last) + blocks.get(last) * growthRate;
  }

  /** The side of the first block's maps for a picture's side: behind the stem. */
  public int sideAfterStem(int side) {
    return stem == StemType.CIFAR ? side : halfRoundedUp(halfRoundedUp(side));
  }

  private static int halfRoundedUp(int side) {
    return (side - 1) / 2 + 1;
  }

  /**
   * The smallest height and width of a picture: the last block's maps must keep a pixel. 29 for
   * densenet121.
   */
  public int minimumSize() {
    int side = 1;
    while (sideAfterStem(side) >> (blocks.size() - 1) < 1) {
      side++;
    }
    return side;
  }

  /**
   * Checks a picture's size.
   *
   * @throws IllegalArgumentException if the pictures are too small for the stem and the transitions
   */
  public void requireSize(int height, int width) {
    int minimum = minimumSize();
    if (height < minimum || width < minimum) {
      throw new IllegalArgumentException(
          "Pictures of %d x %d pixels are too small: a %s stem and %d transitions need at least %d x %d."
              .formatted(
                  height,
                  width,
                  stem.name().toLowerCase(Locale.ROOT),
                  blocks.size() - 1,
                  minimum,
                  minimum));
    }
  }

  /** This network with another number of classes. */
  public DenseNetConfig withClasses(int value) {
    return new DenseNetConfig(
        growthRate,
        blocks,
        initFeatures,
        bottleneck,
        compression,
        stem,
        convBias,
        channels,
        value,
        dropRate,
        bnEps,
        bnMomentum,
        initialisation);
  }

  /** This network for pictures with another number of channels. */
  public DenseNetConfig withChannels(int value) {
    return new DenseNetConfig(
        growthRate,
        blocks,
        initFeatures,
        bottleneck,
        compression,
        stem,
        convBias,
        value,
        classes,
        dropRate,
        bnEps,
        bnMomentum,
        initialisation);
  }

  /** This network with another drop rate. */
  public DenseNetConfig withDropRate(double value) {
    return new DenseNetConfig(
        growthRate,
        blocks,
        initFeatures,
        bottleneck,
        compression,
        stem,
        convBias,
        channels,
        classes,
        value,
        bnEps,
        bnMomentum,
        initialisation);
  }
}
