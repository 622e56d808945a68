package io.github.densenet4j.weights;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How others name the tensors of a DenseNet, and what torchvision, and so this library, calls them.
 * A table a family: the first pattern that a name fits says what becomes of it. {@code <1>} is the
 * first group, {@code <2+1>} the second one counted from 1 instead of 0.
 */
enum NameMap {
  /** torchvision before 0.3, and its published files: norm.1 for norm1. */
  TORCHVISION_OLD(
      "torchvision (old names)",
      "features\\.denseblock1\\.denselayer1\\.norm\\.1\\.weight",
      "(features\\.denseblock\\d+\\.denselayer\\d+)\\.(norm|conv)\\.([12]\\..+)",
      "<1>.<2><3>",
      "(features\\.(?:conv0|norm0|norm5|transition\\d+\\.norm|transition\\d+\\.conv)\\..+)",
      "<1>",
      "classifier(?:\\.0)?\\.(weight|bias)",
      "classifier.<1>"),

  /** MONAI's DenseNet in two dimensions. */
  MONAI(
      "MONAI",
      "features\\.denseblock1\\.denselayer1\\.layers\\.norm1\\.weight",
      "(features\\.denseblock\\d+\\.denselayer\\d+)\\.layers\\.((?:norm|conv)[12]\\..+)",
      "<1>.<2>",
      "(features\\.(?:conv0|norm0|norm5|transition\\d+\\.norm|transition\\d+\\.conv)\\..+)",
      "<1>",
      "class_layers\\.out\\.(weight|bias)",
      "classifier.<1>"),

  /** efficient_densenet_pytorch of G. Pleiss. */
  GPLEISS(
      "efficient_densenet_pytorch (gpleiss)",
      "features\\.norm_final\\.weight",
      "(features\\.denseblock\\d+\\.denselayer\\d+\\.(?:norm|conv)[12]\\..+)",
      "<1>",
      "features\\.norm_final\\.(.+)",
      "features.norm5.<1>",
      "(features\\.(?:conv0|norm0|transition\\d+\\.norm|transition\\d+\\.conv)\\..+)",
      "<1>",
      "classifier\\.(weight|bias)",
      "classifier.<1>"),

  /** torchvision, timm, TorchXRayVision, CheXNet's copies, and this library. */
  TORCHVISION(
      "torchvision, timm",
      "features\\.denseblock1\\.denselayer1\\.norm1\\.weight",
      "(features\\.denseblock\\d+\\.denselayer\\d+\\.(?:norm|conv)[12]\\..+)",
      "<1>",
      "(features\\.(?:conv0|norm0|norm5|transition\\d+\\.norm|transition\\d+\\.conv)\\..+)",
      "<1>",
      "classifier(?:\\.0)?\\.(weight|bias)",
      "classifier.<1>"),

  /** The CIFAR code of A. Veit and its many copies; layers are counted from 0. */
  CIFAR(
      "densenet-pytorch for CIFAR (Veit)",
      "block1\\.layer\\.0\\.bn1\\.weight",
      "block(\\d{1,4})\\.layer\\.(\\d{1,4})\\.bn([12])\\.(.+)",
      "features.denseblock<1>.denselayer<2+1>.norm<3>.<4>",
      "block(\\d{1,4})\\.layer\\.(\\d{1,4})\\.conv([12])\\.(.+)",
      "features.denseblock<1>.denselayer<2+1>.conv<3>.<4>",
      "trans(\\d{1,4})\\.bn1\\.(.+)",
      "features.transition<1>.norm.<2>",
      "trans(\\d{1,4})\\.conv1\\.(.+)",
      "features.transition<1>.conv.<2>",
      "conv1\\.(.+)",
      "features.conv0.<1>",
      "bn1\\.(.+)",
      "features.norm5.<1>",
      "fc\\.(weight|bias)",
      "classifier.<1>"),

  /** Keras's applications; blocks are counted from 2, the pools belong to the block before. */
  KERAS(
      "Keras applications",
      "conv2_block1_0_bn/gamma",
      "conv1[_/]conv/(.+)",
      "features.conv0.<1>",
      "conv1[_/]bn/(.+)",
      "features.norm0.<1>",
      "conv(\\d{1,4})_block(\\d{1,4})_0_bn/(.+)",
      "features.denseblock<1-1>.denselayer<2>.norm1.<3>",
      "conv(\\d{1,4})_block(\\d{1,4})_1_bn/(.+)",
      "features.denseblock<1-1>.denselayer<2>.norm2.<3>",
      "conv(\\d{1,4})_block(\\d{1,4})_([12])_conv/(.+)",
      "features.denseblock<1-1>.denselayer<2>.conv<3>.<4>",
      "pool(\\d{1,4})_bn/(.+)",
      "features.transition<1-1>.norm.<2>",
      "pool(\\d{1,4})_conv/(.+)",
      "features.transition<1-1>.conv.<2>",
      "bn/(.+)",
      "features.norm5.<1>",
      "(?:predictions|fc1000)/(.+)",
      "classifier.<1>");

  /** What Keras calls the parts of a layer. */
  private static final Map<String, String> LEAVES =
      Map.of(
          "kernel", "weight",
          "gamma", "weight",
          "beta", "bias",
          "moving_mean", "running_mean",
          "moving_variance", "running_var");

  private static final Pattern REFERENCE = Pattern.compile("<(\\d)([+-]1)?>");

  private final String description;
  private final Pattern sign;
  private final List<Rule> rules;

  /** A pattern and what becomes of a name that fits it. */
  private record Rule(Pattern pattern, String result) {}

  NameMap(String description, String sign, String... table) {
    this.description = description;
    this.sign = Pattern.compile("(.*?)" + sign);
    this.rules =
        java.util.stream.IntStream.range(0, table.length / 2)
            .mapToObj(i -> new Rule(Pattern.compile(table[2 * i]), table[2 * i + 1]))
            .toList();
  }

  /**
   * A family and what its names begin with in a file.
   *
   * @param names whose names they are
   * @param prefix what comes before each of them, e.g. {@code module.densenet121.}; often empty
   */
  record Match(NameMap names, String prefix) {
    /** Our name for a file's name, or empty if it belongs to no tensor of a DenseNet. */
    Optional<String> translate(String name) {
      String plain = withoutWrappers(name);
      return plain.startsWith(prefix)
          ? names.translate(plain.substring(prefix.length()))
          : Optional.empty();
    }
  }

  /** The family that a file's names belong to. */
  static Optional<Match> recognise(Map<String, Tensor> tensors) {
    for (NameMap names : values()) {
      for (String name : tensors.keySet()) {
        Matcher matcher = names.sign.matcher(withoutWrappers(name));
        if (matcher.matches()) {
          return Optional.of(new Match(names, matcher.group(1)));
        }
      }
    }
    return Optional.empty();
  }

  /** DataParallel and torch.compile may wrap any part of a network. */
  private static String withoutWrappers(String name) {
    return name.contains("module.") || name.contains("_orig_mod.")
        ? name.replaceAll("(^|\\.)(?:(?:module|_orig_mod)\\.)+", "$1")
        : name;
  }

  private Optional<String> translate(String name) {
    for (Rule rule : rules) {
      Matcher matcher = rule.pattern.matcher(name);
      if (matcher.matches()) {
        return Optional.of(fill(rule.result, matcher));
      }
    }
    return Optional.empty();
  }

  private static String fill(String result, Matcher groups) {
    return REFERENCE
        .matcher(result)
        .replaceAll(
            reference -> {
              String group = groups.group(Integer.parseInt(reference.group(1)));
              group = LEAVES.getOrDefault(group, group);
              String shift = reference.group(2);
              return Matcher.quoteReplacement(
                  shift == null
                      ? group
                      : Long.toString(Long.parseLong(group) + Integer.parseInt(shift)));
            });
  }

  /** Whose names they are, for people. */
  String description() {
    return description;
  }
}
