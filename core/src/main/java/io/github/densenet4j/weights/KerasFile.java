package io.github.densenet4j.weights;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Weights of keras.applications.densenet: {@code .h5} of weights or of a whole model, Keras 3's
 * {@code .weights.h5}, and the one inside a {@code .keras} file. Convolution kernels lie there as
 * (h, w, in, out), the classifier's as (in, out): they are turned around here.
 */
final class KerasFile {
  /** Keras's DenseNet adds this to the variance. */
  private static final double EPS = 1.001e-5;

  private static final long MAXIMUM_FILE = Integer.MAX_VALUE - 64;
  private static final int MAXIMUM_NODES = 100_000;
  private static final int DEPTH = 12;

  /**
   * A layer's name and its part, at the end of a path such as {@code
   * conv1/conv/conv1/conv/kernel:0}.
   */
  private static final Pattern NAMED =
      Pattern.compile(
          "(?:.*/)?(conv1[_/](?:conv|bn)|conv\\d{1,4}_block\\d{1,4}_(?:0_bn|[12]_conv|1_bn)"
              + "|pool\\d{1,4}_(?:bn|conv)|(?<!conv1/)bn|predictions|fc1000)"
              + "/(kernel|bias|gamma|beta|moving_mean|moving_variance)(?::0)?");

  /** Keras 3: the n-th layer of a kind, and the n-th of its arrays. */
  private static final Pattern NUMBERED =
      Pattern.compile(
          "(?:.*/)?layers/(conv2d|batch_normalization|dense)(?:_(\\d{1,5}))?/vars/(\\d)");

  private static final Map<String, List<String>> PARTS =
      Map.of(
          "conv2d", List.of("kernel", "bias"),
          "dense", List.of("kernel", "bias"),
          "batch_normalization", List.of("gamma", "beta", "moving_mean", "moving_variance"));

  private final Path file;
  private final Map<String, Dataset> found = new LinkedHashMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();
  private int nodes;
  private long budget;

  private KerasFile(Path file, long size) {
    this.file = file;
    budget = (64L << 20) + 4 * size;
  }

  static Checkpoint read(Path file, ByteBuffer bytes) throws WeightsException {
    return new KerasFile(file, bytes.capacity()).read(bytes, "Keras (.h5)");
  }

  /** The weights inside a {@code .keras} file. */
  static Checkpoint readArchive(Path file, ByteBuffer weights) throws WeightsException {
    return new KerasFile(file, weights.capacity()).read(weights, "Keras (.keras)");
  }

  private Checkpoint read(ByteBuffer bytes, String format) throws WeightsException {
    try (HdfFile hdf = HdfFile.fromByteBuffer(bytes)) {
      collect("", hdf, 0);
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      Map<String, Dataset> numbered = new LinkedHashMap<>();
      for (Map.Entry<String, Dataset> entry : found.entrySet()) {
        Matcher named = NAMED.matcher(entry.getKey());
        if (named.matches()) {
          put(tensors, named.group(1) + "/" + named.group(2), entry.getValue());
        } else {
          numbered.put(entry.getKey(), entry.getValue());
        }
      }
      if (tensors.isEmpty()) {
        readNumbered(numbered, tensors);
      }
      if (tensors.isEmpty()) {
        throw new WeightsException(
            file
                + " is an HDF5 file without the layers of keras.applications.densenet (conv1_conv,"
                + " conv2_block1_0_bn, ...).");
      }
      return new Checkpoint(file, format, "", tensors, Map.of(), List.of(), OptionalDouble.of(EPS));
    } catch (RuntimeException | StackOverflowError e) { // the library's answer to a damaged file
      throw new WeightsException(
          "%s is a damaged or unusual HDF5 file: %s.".formatted(file, e.getMessage()), e);
    }
  }

  private void collect(String path, Group group, int depth) throws WeightsException {
    if (depth > DEPTH || ++nodes > MAXIMUM_NODES) {
      throw new WeightsException(file + ": its HDF5 groups are nested too deeply, or too many.");
    }
    for (Map.Entry<String, Node> child : group.getChildren().entrySet()) {
      String name = path.isEmpty() ? child.getKey() : path + "/" + child.getKey();
      switch (child.getValue()) {
        case Dataset dataset -> {
          if (++nodes > MAXIMUM_NODES) {
            throw new WeightsException(file + " has more than 100,000 HDF5 objects.");
          }
          found.put(name, dataset);
        }
        case Group inner -> {
          if (child.getKey().equals("vars")) {
            Attribute layer = inner.getAttribute("name");
            if (layer != null && layer.getData() instanceof String text) {
              names.put(name, text);
            }
          }
          if (!child.getKey().startsWith("optimizer")) {
            collect(name, inner, depth + 1);
          }
        }
        default -> {}
      }
    }
  }

  /** Keras 3's layout: the layer's name is an attribute; before 3.4 only the order tells. */
  private void readNumbered(Map<String, Dataset> numbered, Map<String, Tensor> tensors)
      throws WeightsException {
    Map<String, String> layers = names.isEmpty() ? layersByOrder(numbered) : names;
    for (Map.Entry<String, Dataset> entry : numbered.entrySet()) {
      Matcher matcher = NUMBERED.matcher(entry.getKey());
      if (!matcher.matches()) {
        continue;
      }
      List<String> parts = PARTS.get(matcher.group(1));
      int part = Integer.parseInt(matcher.group(3));
      String layer = layers.get(entry.getKey().substring(0, matcher.start(3) - 1));
      if (layer != null && part < parts.size()) {
        put(tensors, layer + "/" + parts.get(part), entry.getValue());
      }
    }
  }

  /** The layers' names by the order of their convolutions: a 3x3 one ends a dense layer. */
  private static Map<String, String> layersByOrder(Map<String, Dataset> numbered) {
    Map<String, Map<Integer, String>> byKind = new LinkedHashMap<>();
    Map<String, int[]> kernels = new LinkedHashMap<>();
    for (Map.Entry<String, Dataset> entry : numbered.entrySet()) {
      Matcher matcher = NUMBERED.matcher(entry.getKey());
      if (matcher.matches() && matcher.group(3).equals("0")) {
        String path = entry.getKey().substring(0, matcher.start(3) - 1);
        int index = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        byKind.computeIfAbsent(matcher.group(1), _ -> new LinkedHashMap<>()).put(index, path);
        kernels.put(path, entry.getValue().getDimensions());
      }
    }
    List<String> convs = inOrder(byKind.get("conv2d"));
    List<String> norms = inOrder(byKind.get("batch_normalization"));
    List<String> order = new ArrayList<>(); // of the normalisations
    Map<String, String> layers = new LinkedHashMap<>();
    int block = 2;
    int layer = 1;
    for (int i = 0; i < convs.size(); i++) {
      if (i == 0) {
        layers.put(convs.get(i), "conv1_conv");
        order.add("conv1_bn");
      } else if (i + 1 < convs.size() && kernels.get(convs.get(i + 1))[0] == 3) {
        String name = "conv" + block + "_block" + layer++;
        layers.put(convs.get(i), name + "_1_conv");
        layers.put(convs.get(++i), name + "_2_conv");
        order.add(name + "_0_bn");
        order.add(name + "_1_bn");
      } else {
        layers.put(convs.get(i), "pool" + block + "_conv");
        order.add("pool" + block++ + "_bn");
        layer = 1;
      }
    }
    order.add("bn");
    for (int i = 0; i < Math.min(order.size(), norms.size()); i++) {
      layers.put(norms.get(i), order.get(i));
    }
    inOrder(byKind.get("dense")).forEach(path -> layers.put(path, "predictions"));
    return layers;
  }

  private static List<String> inOrder(Map<Integer, String> byIndex) {
    return byIndex == null
        ? List.of()
        : byIndex.entrySet().stream()
            .sorted(Comparator.comparingInt(Map.Entry::getKey))
            .map(Map.Entry::getValue)
            .toList();
  }

  private void put(Map<String, Tensor> tensors, String name, Dataset dataset)
      throws WeightsException {
    int[] shape = dataset.getDimensions();
    long size = 1;
    for (int side : shape) {
      size = side < 0 || size > MAXIMUM_FILE ? Long.MAX_VALUE / 4 : size * side;
    }
    budget -= 4 * size;
    if (shape.length > 4 || budget < 0) {
      throw new WeightsException(
          "%s: the array %s of shape %s does not belong to a DenseNet, or is larger than the file."
              .formatted(file, dataset.getPath(), java.util.Arrays.toString(shape)));
    }
    float[] values =
        switch (dataset.getDataFlat()) {
          case float[] floats -> floats;
          case double[] doubles -> narrow(doubles);
          default ->
              throw new WeightsException(
                  "%s: the array %s is of type %s, expected 32 or 64 bit floats."
                      .formatted(file, dataset.getPath(), dataset.getDataType()));
        };
    if (values.length != size) {
      throw new WeightsException(
          "%s: the array %s has %,d values, its shape says %,d."
              .formatted(file, dataset.getPath(), values.length, size));
    }
    tensors.put(name, turned(name, shape, values));
  }

  private static float[] narrow(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  /** (h, w, in, out) becomes (out, in, h, w), and (in, out) becomes (out, in). */
  private static Tensor turned(String name, int[] shape, float[] values) {
    int sides = shape.length;
    if (sides != 4 && sides != 2) {
      return tensor(name, shape, values);
    }
    int out = shape[sides - 1];
    int in = shape[sides - 2];
    int area = sides == 4 ? shape[0] * shape[1] : 1;
    float[] turned = new float[values.length];
    for (int p = 0, from = 0; p < area; p++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          turned[(o * in + i) * area + p] = values[from++];
        }
      }
    }
    int[] newShape = sides == 4 ? new int[] {out, in, shape[0], shape[1]} : new int[] {out, in};
    return tensor(name, newShape, turned);
  }

  private static Tensor tensor(String name, int[] shape, float[] values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(
        name, "F32", java.util.Arrays.stream(shape).asLongStream().boxed().toList(), data);
  }
}
