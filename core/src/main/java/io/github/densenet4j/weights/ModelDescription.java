package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import io.github.densenet4j.data.ChannelOrder;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Interpolation;
import io.github.densenet4j.data.OutputTransform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file of this library says about its weights, as text by key: the format's version, the
 * network, the class names, how pictures are prepared and logits read. It travels in the metadata
 * of safetensors and ONNX and beside the pickle of PyTorch's files.
 *
 * <p>Version 1 knew softmax, bilinear and red first only; version 2 has {@code output}, {@code
 * interpolation} and {@code channel_order}.
 *
 * @param config the network
 * @param classNames a name for each class, or empty
 * @param input how a picture becomes the network's input
 * @param output how logits become probabilities
 */
record ModelDescription(
    DenseNetConfig config, List<String> classNames, InputTransform input, OutputTransform output) {
  private static final String FORMAT = "densenet4j";
  private static final int VERSION = 2;

  /** Whether metadata is that of this library. */
  static boolean isIn(Map<String, String> metadata) {
    return FORMAT.equals(metadata.get("format"));
  }

  // ---- writing

  static Map<String, String> of(Model model) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("format_version", Integer.toString(VERSION));
    metadata.put("config", Json.write(describe(model.config())));
    metadata.put("class_names", Json.write(model.classNames()));
    metadata.put("input", Json.write(describe(model.input())));
    metadata.put("output", Json.write(describe(model.output())));
    return metadata;
  }

  private static Map<String, Object> describe(DenseNetConfig config) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("growth_rate", config.growthRate());
    fields.put("blocks", config.blocks());
    fields.put("init_features", config.initFeatures());
    fields.put("bottleneck", config.bottleneck());
    fields.put("compression", config.compression());
    fields.put("stem", config.stem().name());
    fields.put("conv_bias", config.convBias());
    fields.put("channels", config.channels());
    fields.put("classes", config.classes());
    fields.put("drop_rate", config.dropRate());
    fields.put("bn_eps", config.bnEps());
    fields.put("bn_momentum", config.bnMomentum());
    fields.put("initialisation", config.initialisation().name());
    return fields;
  }

  private static Map<String, Object> describe(InputTransform input) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("height", input.height());
    fields.put("width", input.width());
    fields.put("resize_short_side", input.shortSide());
    fields.put("interpolation", input.interpolation().name());
    fields.put("channel_order", input.order().name());
    fields.put("mean", input.mean());
    fields.put("std", input.std());
    return fields;
  }

  private static Map<String, Object> describe(OutputTransform output) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", output.kind().name());
    List<Object> thresholds = new ArrayList<>();
    output.thresholds().forEach(t -> thresholds.add(Double.isNaN(t) ? null : t));
    fields.put("thresholds", thresholds);
    return fields;
  }

  // ---- reading

  /**
   * Reads metadata of this library.
   *
   * @throws WeightsException if it is damaged or of a newer version
   */
  static ModelDescription read(Path file, Map<String, String> metadata) throws WeightsException {
    String version = metadata.getOrDefault("format_version", "");
    if (!version.matches("[1-9]\\d{0,5}") || Integer.parseInt(version) > VERSION) {
      throw new WeightsException(
          "%s is in version %s of the model format, this program knows versions 1 to %d: use a newer densenet4j."
              .formatted(file, version, VERSION));
    }
    try {
      return new ModelDescription(
          config(object(metadata, "config")),
          strings(Json.read(metadata.getOrDefault("class_names", "[]"))),
          input(object(metadata, "input")),
          version.equals("1") ? OutputTransform.softmax() : output(object(metadata, "output")));
    } catch (IllegalArgumentException
        | ClassCastException
        | NullPointerException
        | ArithmeticException e) {
      throw new WeightsException(
          file + ": its description of the network is damaged (" + e.getMessage() + ").", e);
    }
  }

  private static DenseNetConfig config(Map<?, ?> fields) {
    List<Integer> blocks = new ArrayList<>();
    for (Object layers : (List<?>) fields.get("blocks")) {
      blocks.add(Math.toIntExact((Long) layers));
    }
    return new DenseNetConfig(
        whole(fields, "growth_rate"),
        blocks,
        whole(fields, "init_features"),
        whole(fields, "bottleneck"),
        real(fields, "compression"),
        StemType.valueOf((String) fields.get("stem")),
        (Boolean) fields.get("conv_bias"),
        whole(fields, "channels"),
        whole(fields, "classes"),
        real(fields, "drop_rate"),
        real(fields, "bn_eps"),
        real(fields, "bn_momentum"),
        Initialisation.valueOf((String) fields.get("initialisation")));
  }

  private static InputTransform input(Map<?, ?> fields) {
    return new InputTransform(
        whole(fields, "height"),
        whole(fields, "width"),
        whole(fields, "resize_short_side"),
        Interpolation.valueOf(text(fields, "interpolation", "BILINEAR")),
        ChannelOrder.valueOf(text(fields, "channel_order", "RGB")),
        reals((List<?>) fields.get("mean")),
        reals((List<?>) fields.get("std")));
  }

  private static OutputTransform output(Map<?, ?> fields) {
    List<Double> thresholds = new ArrayList<>();
    for (Object value : (List<?>) fields.get("thresholds")) {
      thresholds.add(value == null ? Double.NaN : ((Number) value).doubleValue());
    }
    return new OutputTransform(
        OutputTransform.Kind.valueOf((String) fields.get("kind")), thresholds);
  }

  /** A field that version 1 did not have. */
  private static String text(Map<?, ?> fields, String key, String otherwise) {
    return fields.containsKey(key) ? (String) fields.get(key) : otherwise;
  }

  private static Map<?, ?> object(Map<String, String> metadata, String key) {
    if (Json.read(metadata.getOrDefault(key, "")) instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException(key + " is not a JSON object");
  }

  private static int whole(Map<?, ?> fields, String key) {
    if (fields.get(key) instanceof Long value) {
      return Math.toIntExact(value);
    }
    throw new IllegalArgumentException(
        key + " is " + fields.get(key) + ", expected a whole number");
  }

  private static double real(Map<?, ?> fields, String key) {
    if (fields.get(key) instanceof Number value) {
      return value.doubleValue();
    }
    throw new IllegalArgumentException(key + " is " + fields.get(key) + ", expected a number");
  }

  private static List<Double> reals(List<?> values) {
    return values.stream().map(value -> ((Number) value).doubleValue()).toList();
  }

  private static List<String> strings(Object values) {
    return ((List<?>) values).stream().map(String.class::cast).toList();
  }
}
