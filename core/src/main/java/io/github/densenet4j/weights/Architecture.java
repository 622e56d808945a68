package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The network that tensors belong to, from their shapes alone. */
final class Architecture {
  private static final String STEM = "features.conv0";
  private static final int MAXIMUM_LAYERS = 10_000;

  private final Path file;
  private final Map<String, Tensor> tensors;

  private Architecture(Path file, Map<String, Tensor> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Infers a network. What shapes do not show is as in PyTorch: dropout 0, a momentum of 0.1.
   *
   * @param tensors by torchvision's names
   * @param classes of a network whose classifier is missing
   * @param eps of the normalisations
   * @throws WeightsException naming the tensor that does not fit any DenseNet
   */
  static DenseNetConfig infer(Path file, Map<String, Tensor> tensors, int classes, double eps)
      throws WeightsException {
    return new Architecture(file, tensors).infer(classes, eps);
  }

  private DenseNetConfig infer(int classes, double eps) throws WeightsException {
    List<Long> stem = shape(STEM, 4);
    boolean bottleneck = tensors.containsKey(layer(0, 0) + ".conv2.weight");
    long growth = shape(layer(0, 0) + (bottleneck ? ".conv2" : ".conv1"), 4).getFirst();
    long width = bottleneck ? shape(layer(0, 0) + ".conv1", 4).getFirst() : 0;
    if (growth == 0 || width % growth != 0) {
      throw new WeightsException(
          "%s: %s.conv1 has %,d outputs, which is no multiple of the growth rate %,d: no DenseNet has that."
              .formatted(file, layer(0, 0), width, growth));
    }
    boolean bias = tensors.containsKey(layer(0, 0) + ".conv1.bias");
    boolean classifier = tensors.containsKey("classifier.weight");
    try {
      return new DenseNetConfig(
          Math.toIntExact(growth),
          blocks(),
          Math.toIntExact(stem.get(0)),
          Math.toIntExact(width / growth),
          compression(),
          stemType(stem),
          bias,
          Math.toIntExact(stem.get(1)),
          classifier ? Math.toIntExact(shape("classifier", 2).getFirst()) : classes,
          0,
          eps,
          0.1,
          bias ? Initialisation.XAVIER : Initialisation.KAIMING);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(
          file + ": its tensors' shapes give no DenseNet: " + e.getMessage(), e);
    }
  }

  private static String layer(int block, int layer) {
    return "features.denseblock" + (block + 1) + ".denselayer" + (layer + 1);
  }

  private StemType stemType(List<Long> stem) throws WeightsException {
    boolean norm = tensors.containsKey("features.norm0.weight");
    if (norm && stem.get(2) == 7) {
      return tensors.containsKey(STEM + ".bias") ? StemType.D2L : StemType.IMAGENET;
    }
    if (!norm && stem.get(2) == 3) {
      return StemType.CIFAR;
    }
    throw new WeightsException(
        "%s: its stem is a %dx%d convolution %s a normalisation; known are 7x7 with one (ImageNet, d2l) and 3x3 without (CIFAR)."
            .formatted(file, stem.get(2), stem.get(3), norm ? "with" : "without"));
  }

  private List<Integer> blocks() throws WeightsException {
    List<Integer> blocks = new ArrayList<>();
    int layers = 0;
    while (layers < MAXIMUM_LAYERS) {
      if (tensors.containsKey(layer(blocks.size(), layers) + ".conv1.weight")) {
        layers++;
      } else if (layers > 0) {
        blocks.add(layers);
        layers = 0;
      } else {
        return blocks;
      }
    }
    throw new WeightsException(file + " has more than 10,000 layers in a block.");
  }

  /** What all transitions have in common: 1, a half, or whatever else gives their widths. */
  private double compression() throws WeightsException {
    double least = 0;
    double most = 1;
    boolean half = true;
    boolean all = true;
    for (int t = 1; tensors.containsKey("features.transition" + t + ".conv.weight"); t++) {
      List<Long> shape = shape("features.transition" + t + ".conv", 4);
      long out = shape.get(0);
      long in = Math.max(1, shape.get(1));
      half &= out == in / 2;
      all &= out == in;
      least = Math.max(least, (double) out / in);
      most = Math.min(most, (out + 1.0) / in);
    }
    if (least > 0 && all) {
      return 1;
    }
    return half || least >= most ? 0.5 : (least + most) / 2;
  }

  private List<Long> shape(String name, int sides) throws WeightsException {
    Tensor weight = tensors.get(name + ".weight");
    if (weight == null) {
      throw new WeightsException(
          "%s: %s.weight is missing, so the network cannot be inferred.".formatted(file, name));
    }
    if (weight.shape().size() != sides) {
      throw new WeightsException(
          "%s: %s.weight has shape %s, expected %d sides%s."
              .formatted(
                  file,
                  name,
                  weight.shape(),
                  sides,
                  weight.shape().size() == 5
                      ? " (networks in 3 dimensions are not known here)"
                      : ""));
    }
    return weight.shape();
  }
}
