package io.github.densenet4j.weights;

import io.github.densenet4j.weights.OnnxGraph.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The weights of a DenseNet that PyTorch exported to ONNX. An exporter renames and merges tensors,
 * so it is the order of the operations that tells what each one is: a normalisation and a 3x3
 * convolution are a plain layer, with a 1x1 convolution between them a bottleneck layer, a 1x1
 * convolution before an average pool is a transition.
 *
 * <p>A normalisation that the exporter merged into the convolution before it comes back as one that
 * only adds the merged bias.
 */
final class OnnxReader {
  private static final float DEFAULT_EPS = 1e-5f;

  private final Path file;
  private final OnnxGraph graph;
  private final Map<String, Tensor> values;
  private final Map<String, Tensor> out = new LinkedHashMap<>();
  private final List<Node> steps = new ArrayList<>();
  private boolean biases;
  private double eps = DEFAULT_EPS;
  private int at;

  private OnnxReader(Path file, OnnxGraph graph) {
    this.file = file;
    this.graph = graph;
    this.values = new HashMap<>(graph.initialisers());
  }

  static Checkpoint read(Path file, ByteBuffer bytes) throws IOException {
    OnnxReader reader = new OnnxReader(file, OnnxGraph.read(file, bytes));
    reader.network();
    return new Checkpoint(
        file,
        "ONNX",
        "",
        reader.out,
        reader.graph.metadata(),
        List.of(),
        OptionalDouble.of(reader.eps));
  }

  private void network() throws WeightsException {
    for (Node node : graph.nodes()) {
      switch (node.type()) {
        case "Conv", "BatchNormalization", "MaxPool", "AveragePool", "Gemm", "MatMul" ->
            steps.add(node);
        case "Identity" -> alias(node);
        case "Constant" -> constant(node);
        default -> {}
      }
    }
    biases =
        steps.stream()
            .filter(node -> kernel(node) == 3)
            .skip(1) // the first may be the stem
            .anyMatch(node -> node.inputs().size() > 2);
    stem();
    int block = 1;
    int layer = 1;
    while (is("BatchNormalization")) {
      Node norm = next();
      if (kernel(peek(0)) == 3) {
        String name = layer(block, layer++);
        norm(name + ".norm1", norm);
        convolution(name + ".conv1", next(), biases);
      } else if (kernel(peek(0)) == 1 && kernel(peek(isNorm(1) ? 2 : 1)) == 3) {
        String name = layer(block, layer++);
        norm(name + ".norm1", norm);
        convolutionAndNorm(name + ".conv1", name + ".norm2");
        convolution(name + ".conv2", next(), biases);
      } else if (kernel(peek(0)) == 1) {
        String name = "features.transition" + block++;
        layer = 1;
        norm(name + ".norm", norm);
        convolution(name + ".conv", next(), biases);
        if (is("AveragePool")) {
          next();
        }
      } else {
        norm("features.norm5", norm);
        break;
      }
    }
    classifier();
  }

  private static String layer(int block, int layer) {
    return "features.denseblock" + block + ".denselayer" + layer;
  }

  private void stem() throws WeightsException {
    if (!is("Conv")) {
      throw unlike("it does not begin with a convolution");
    }
    if (kernel(peek(0)) == 3) {
      convolution("features.conv0", next(), biases);
      return;
    }
    convolutionAndNorm("features.conv0", "features.norm0");
    if (!is("MaxPool")) {
      throw unlike("the stem's convolution is not followed by a maximum pool");
    }
    next();
  }

  /** A convolution and the normalisation behind it, which may be merged into it. */
  private void convolutionAndNorm(String conv, String norm) throws WeightsException {
    Node node = next();
    if (is("BatchNormalization")) {
      convolution(conv, node, node.inputs().size() > 2);
      norm(norm, next());
      return;
    }
    Tensor weight = value(node, 1);
    out.put(conv + ".weight", weight);
    int channels = Math.toIntExact(weight.shape().isEmpty() ? 0 : weight.shape().getFirst());
    if (biases) {
      out.put(conv + ".bias", filled(channels, 0));
    }
    out.put(norm + ".weight", filled(channels, 1));
    out.put(norm + ".bias", node.inputs().size() > 2 ? value(node, 2) : filled(channels, 0));
    out.put(norm + ".running_mean", filled(channels, 0));
    out.put(norm + ".running_var", filled(channels, (float) (1 - eps)));
  }

  private void convolution(String name, Node node, boolean bias) throws WeightsException {
    out.put(name + ".weight", value(node, 1));
    if (node.inputs().size() > 2) {
      out.put(name + ".bias", value(node, 2));
    } else if (bias) {
      throw unlike(name + " has no bias, other convolutions have one");
    }
  }

  private void norm(String name, Node node) throws WeightsException {
    out.put(name + ".weight", value(node, 1));
    out.put(name + ".bias", value(node, 2));
    out.put(name + ".running_mean", value(node, 3));
    out.put(name + ".running_var", value(node, 4));
    if (node.attributes().get("epsilon") instanceof Float epsilon) {
      eps = Double.parseDouble(epsilon.toString()); // 1.0E-5f is 1e-5, not 9.99999974e-6
    }
  }

  private void classifier() throws WeightsException {
    if (is("Gemm")) {
      Node gemm = next();
      boolean transposed = Long.valueOf(1).equals(gemm.attributes().get("transB"));
      Tensor weight = value(gemm, 1);
      out.put("classifier.weight", transposed ? weight : transpose(weight));
      if (gemm.inputs().size() > 2) {
        out.put("classifier.bias", value(gemm, 2));
      }
    } else if (is("MatMul")) {
      Node product = next();
      out.put("classifier.weight", transpose(value(product, 1)));
      for (Node node : graph.nodes()) {
        if (node.type().equals("Add") && node.inputs().contains(product.outputs().getFirst())) {
          node.inputs().stream()
              .filter(values::containsKey)
              .forEach(input -> out.put("classifier.bias", values.get(input)));
        }
      }
    }
  }

  private Tensor transpose(Tensor matrix) throws WeightsException {
    if (matrix.shape().size() != 2) {
      throw unlike("the classifier's weights have the shape " + matrix.shape());
    }
    int rows = Math.toIntExact(matrix.shape().get(0));
    int columns = Math.toIntExact(matrix.shape().get(1));
    float[] from = matrix.toFloats();
    float[] to = new float[from.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        to[j * rows + i] = from[i * columns + j];
      }
    }
    return Tensor.floats(matrix.name(), List.of(columns, rows), to, 0, to.length);
  }

  private static Tensor filled(int channels, float value) {
    float[] values = new float[channels];
    Arrays.fill(values, value);
    return Tensor.floats("(merged)", List.of(channels), values, 0, channels);
  }

  private void alias(Node node) {
    if (node.inputs().size() == 1 && !node.outputs().isEmpty()) {
      Tensor value = values.get(node.inputs().getFirst());
      if (value != null) {
        values.put(node.outputs().getFirst(), value);
      }
    }
  }

  private void constant(Node node) {
    if (node.attributes().get("value") instanceof Tensor value && !node.outputs().isEmpty()) {
      values.put(node.outputs().getFirst(), value);
    }
  }

  private Tensor value(Node node, int input) throws WeightsException {
    Tensor value = node.inputs().size() > input ? values.get(node.inputs().get(input)) : null;
    if (value == null || !value.isFloat()) {
      throw unlike("input " + input + " of a " + node.type() + " is not an initialiser of floats");
    }
    return value;
  }

  /** Height of a convolution's kernel; 0 if it is something else. */
  private int kernel(Node node) {
    if (node == null || !node.type().equals("Conv") || node.inputs().size() < 2) {
      return 0;
    }
    Tensor weight = values.get(node.inputs().get(1));
    return weight == null || weight.shape().size() != 4 ? 0 : weight.shape().get(2).intValue();
  }

  private Node peek(int ahead) {
    return at + ahead < steps.size() ? steps.get(at + ahead) : null;
  }

  private boolean is(String type) {
    return at < steps.size() && steps.get(at).type().equals(type);
  }

  private boolean isNorm(int ahead) {
    return peek(ahead) != null && peek(ahead).type().equals("BatchNormalization");
  }

  private Node next() throws WeightsException {
    if (at >= steps.size()) {
      throw unlike("it ends in the middle of a layer");
    }
    return steps.get(at++);
  }

  private WeightsException unlike(String what) {
    return new WeightsException(
        file + " is an ONNX model, but its graph is not that of a DenseNet: " + what + ".");
  }
}
