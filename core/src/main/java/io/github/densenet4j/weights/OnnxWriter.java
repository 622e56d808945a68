package io.github.densenet4j.weights;

import com.google.protobuf.CodedOutputStream;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.StemType;
import io.github.densenet4j.data.ChannelOrder;
import io.github.densenet4j.data.OutputTransform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes a network as an ONNX graph (opset 17) of the paper's own operations, with any batch size:
 * input {@code images} (batch, C, H, W), output {@code logits} or {@code probabilities} (batch,
 * classes).
 */
final class OnnxWriter {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final Model model;
  private final Message graph = new Message();

  private OnnxWriter(Model model) {
    this.model = model;
  }

  /**
   * Writes a model.
   *
   * @param normalise whether the graph takes RGB pixels from 0 to 255 and prepares them itself;
   *     otherwise it takes what {@link io.github.densenet4j.data.InputTransform} gives
   * @param probabilities whether the graph ends with the softmax or sigmoid
   */
  static void write(Path file, Model model, boolean normalise, boolean probabilities)
      throws IOException {
    byte[] bytes = new OnnxWriter(model).model(normalise, probabilities);
    AtomicFile.write(file, out -> out.write(bytes));
  }

  private byte[] model(boolean normalise, boolean probabilities) throws IOException {
    DenseNetConfig config = model.config();
    String x = normalise ? normalised("images") : "images";
    x = stem(config, x);
    for (int b = 0; b < config.blocks().size(); b++) {
      for (int l = 0; l < config.blocks().get(b); l++) {
        x = layer(config, "features.denseblock" + (b + 1) + ".denselayer" + (l + 1), x);
      }
      if (b < config.blocks().size() - 1) {
        x = transition("features.transition" + (b + 1), x);
      }
    }
    x = node("GlobalAveragePool", "pool", normRelu("features.norm5", x));
    x = node("Flatten", "flatten", x);
    String logits = probabilities ? "classifier" : "logits";
    x =
        node(
            "Gemm",
            logits,
            List.of(x, weight("classifier"), bias("classifier")),
            ints("transB", 1));
    if (probabilities) {
      probabilities(x);
    }
    graph.string(2, config.archName());
    graph.message(
        11, value("images", config.channels(), model.input().height(), model.input().width()));
    graph.message(12, value(probabilities ? "probabilities" : "logits", config.classes()));

    Message out = new Message();
    out.varint(1, IR_VERSION);
    out.string(2, "densenet4j");
    out.message(7, graph);
    out.message(8, new Message().varint(2, OPSET));
    for (Map.Entry<String, String> entry : ModelDescription.of(model).entrySet()) {
      out.message(14, new Message().string(1, entry.getKey()).string(2, entry.getValue()));
    }
    return out.toByteArray();
  }

  // ---- the parts of the network

  /** (x / 255 - mean) / std, as one product and one sum a channel. */
  private String normalised(String x) throws IOException {
    int channels = model.config().channels();
    float[] factor = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      factor[c] = (float) (1 / (255 * model.input().std().get(c)));
      shift[c] = (float) (-model.input().mean().get(c) / model.input().std().get(c));
    }
    List<Long> shape = List.of(1L, (long) channels, 1L, 1L);
    String ordered = model.input().order() == ChannelOrder.BGR ? reversed(x, channels) : x;
    String scaled = node("Mul", "scaled", ordered, floats("input.factor", shape, factor));
    return node("Add", "normalised", scaled, floats("input.shift", shape, shift));
  }

  /** Blue first. */
  private String reversed(String x, int channels) throws IOException {
    Message indices = new Message().varint(1, channels).varint(2, INT64);
    for (int c = channels - 1; c >= 0; c--) {
      indices.varint(7, c);
    }
    graph.message(5, indices.string(8, "input.order"));
    return node("Gather", "ordered", List.of(x, "input.order"), ints("axis", 1));
  }

  private String stem(DenseNetConfig config, String x) throws IOException {
    if (config.stem() == StemType.CIFAR) {
      return convolution("features.conv0", x, 1, 1);
    }
    String y = convolution("features.conv0", x, 2, 3);
    return pool("MaxPool", "features.pool0", normRelu("features.norm0", y), 3, 1);
  }

  private String layer(DenseNetConfig config, String name, String x) throws IOException {
    String y = normRelu(name + ".norm1", x);
    if (config.hasBottleneck()) {
      y = normRelu(name + ".norm2", convolution(name + ".conv1", y, 1, 0));
      y = convolution(name + ".conv2", y, 1, 1);
    } else {
      y = convolution(name + ".conv1", y, 1, 1);
    }
    return node("Concat", name, List.of(x, y), ints("axis", 1));
  }

  private String transition(String name, String x) throws IOException {
    String y = convolution(name + ".conv", normRelu(name + ".norm", x), 1, 0);
    return pool("AveragePool", name + ".pool", y, 2, 0);
  }

  private void probabilities(String logits) throws IOException {
    OutputTransform output = model.output();
    if (output.kind() == OutputTransform.Kind.CALIBRATED) {
      throw new WeightsException(
          "A calibrated sigmoid cannot be written into an ONNX graph: export the logits.");
    }
    boolean softmax = output.kind() == OutputTransform.Kind.SOFTMAX;
    node(
        softmax ? "Softmax" : "Sigmoid",
        "probabilities",
        List.of(logits),
        softmax ? new Message[] {ints("axis", 1)} : new Message[0]);
  }

  private String normRelu(String name, String x) throws IOException {
    Message eps = new Message().string(1, "epsilon").fixed32(2, (float) model.config().bnEps());
    eps.varint(20, 1);
    String y =
        node(
            "BatchNormalization",
            name,
            List.of(
                x,
                weight(name),
                bias(name),
                tensor(name + ".running_mean"),
                tensor(name + ".running_var")),
            eps);
    return node("Relu", name + ".relu", y);
  }

  private String convolution(String name, String x, int stride, int pad) throws IOException {
    Slot weight = model.weights().layout().slot(name + ".weight");
    int kernel = weight.shape().get(2);
    List<String> inputs = new ArrayList<>(List.of(x, weight(name)));
    if (model.weights().layout().has(name + ".bias")) {
      inputs.add(bias(name));
    }
    return node(
        "Conv",
        name,
        inputs,
        ints("kernel_shape", kernel, kernel),
        ints("strides", stride, stride),
        ints("pads", pad, pad, pad, pad));
  }

  private String pool(String type, String name, String x, int kernel, int pad) throws IOException {
    return node(
        type,
        name,
        List.of(x),
        ints("kernel_shape", kernel, kernel),
        ints("strides", 2, 2),
        ints("pads", pad, pad, pad, pad));
  }

  // ---- onnx.proto

  private String weight(String name) throws IOException {
    return tensor(name + ".weight");
  }

  private String bias(String name) throws IOException {
    return tensor(name + ".bias");
  }

  /** Adds one of the network's tensors; its name is torchvision's. */
  private String tensor(String name) throws IOException {
    Layout.Slot slot = model.weights().layout().slot(name);
    float[] store = model.weights().store(slot);
    return floats(
        name,
        slot.shape().stream().map(Integer::longValue).toList(),
        Arrays.copyOfRange(store, slot.at(), slot.at() + slot.size()));
  }

  private String floats(String name, List<Long> shape, float[] values) throws IOException {
    Message tensor = new Message();
    for (long side : shape) {
      tensor.varint(1, side);
    }
    tensor.varint(2, FLOAT).string(8, name);
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.message(5, tensor.bytes(9, bytes.array()));
    return name;
  }

  private String node(String type, String output, String... inputs) throws IOException {
    return node(type, output, List.of(inputs));
  }

  /** Adds an operation; returns the name of what it makes. */
  private String node(String type, String output, List<String> inputs, Message... attributes)
      throws IOException {
    Message node = new Message();
    String result = output + (output.startsWith("features") ? ".out" : "");
    for (String input : inputs) {
      node.string(1, input);
    }
    node.string(2, result).string(3, output).string(4, type);
    for (Message attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, node);
    return result;
  }

  private static Message ints(String name, long... values) throws IOException {
    Message attribute = new Message().string(1, name);
    if (values.length == 1) {
      return attribute.varint(3, values[0]).varint(20, 2);
    }
    for (long value : values) {
      attribute.varint(8, value);
    }
    return attribute.varint(20, INT64);
  }

  /** A float input or output: any batch size, then these sides. */
  private static Message value(String name, int... sides) throws IOException {
    Message shape = new Message().message(1, new Message().string(2, "batch"));
    for (int side : sides) {
      shape.message(1, new Message().varint(1, side));
    }
    Message type = new Message().varint(1, FLOAT).message(2, shape);
    return new Message().string(1, name).message(2, new Message().message(1, type));
  }

  /** A protobuf message that grows field by field. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    Message varint(int field, long value) throws IOException {
      out.writeInt64(field, value);
      return this;
    }

    Message fixed32(int field, float value) throws IOException {
      out.writeFloat(field, value);
      return this;
    }

    Message string(int field, String value) throws IOException {
      out.writeString(field, value);
      return this;
    }

    Message bytes(int field, byte[] value) throws IOException {
      out.writeByteArray(field, value);
      return this;
    }

    Message message(int field, Message value) throws IOException {
      return bytes(field, value.toByteArray());
    }

    byte[] toByteArray() throws IOException {
      out.flush();
      return bytes.toByteArray();
    }
  }
}
