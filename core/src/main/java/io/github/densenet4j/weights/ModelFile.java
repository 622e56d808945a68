package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as one safetensors file with torchvision's key names. Its metadata holds the format's
 * version, the network's description, the class names and the input's normalisation, so that the
 * file is all that is needed.
 */
public final class ModelFile {
  private static final String FORMAT = "densenet4j";
  private static final String VERSION = "1";
  private static final String TRACKED = "num_batches_tracked";

  private ModelFile() {}

  /**
   * Writes a model, all of it or nothing.
   *
   * @throws IOException if it cannot be written
   */
  public static void save(Path file, Model model) throws IOException {
    Weights weights = model.weights();
    List<Tensor> tensors = new ArrayList<>();
    for (Slot slot : weights.layout().slots()) {
      tensors.add(
          Tensor.floats(slot.name(), slot.shape(), weights.store(slot), slot.at(), slot.size()));
      if (slot.name().endsWith("running_var")) {
        tensors.add(
            Tensor.scalar(slot.name().replace("running_var", TRACKED), weights.batchesTracked()));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("format_version", VERSION);
    metadata.put("config", Json.write(describe(model.config())));
    metadata.put("class_names", Json.write(model.classNames()));
    metadata.put("input", Json.write(describe(model.input())));
    SafeTensors.write(file, tensors, metadata);
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
    fields.put("mean", input.mean());
    fields.put("std", input.std());
    return fields;
  }

  /**
   * Reads a model.
   *
   * @param elsewhere the network and its input, for a file that does not say what it is; null if it
   *     must
   * @throws WeightsException if the file is damaged, does not say what it is, or does not fit the
   *     network
   * @throws IOException if it cannot be read
   */
  public static Model load(Path file, Model elsewhere) throws IOException {
    SafeTensors read = SafeTensors.read(file);
    Map<String, String> metadata = read.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      if (elsewhere == null) {
        throw new WeightsException(
            file
                + " does not say what network it holds: name it with --arch, for example --arch"
                + " densenet121.");
      }
      DenseNetConfig config = adapt(elsewhere.config(), read);
      List<String> names =
          config.classes() == elsewhere.classNames().size() ? elsewhere.classNames() : List.of();
      return new Model(config, weights(file, read, config), names, elsewhere.input());
    }
    if (!VERSION.equals(metadata.get("format_version"))) {
      throw new WeightsException(
          "%s is in version %s of the model format, this program knows version %s: use a newer densenet4j."
              .formatted(file, metadata.get("format_version"), VERSION));
    }
    try {
      DenseNetConfig config = config(object(metadata, "config"));
      List<String> names = strings(Json.read(metadata.getOrDefault("class_names", "[]")));
      return new Model(
          config, weights(file, read, config), names, input(object(metadata, "input")));
    } catch (IllegalArgumentException | ClassCastException | NullPointerException e) {
      throw new WeightsException(
          file + ": its description of the network is damaged (" + e.getMessage() + ").", e);
    }
  }

  /** Classes and channels are what the file's tensors say; everything else must agree. */
  private static DenseNetConfig adapt(DenseNetConfig config, SafeTensors read) {
    Tensor classifier = read.tensors().get("classifier.weight");
    Tensor stem = read.tensors().get("features.conv0.weight");
    DenseNetConfig adapted = config;
    if (classifier != null && classifier.shape().size() == 2 && classifier.shape().get(0) >= 1) {
      adapted = adapted.withClasses(Math.toIntExact(classifier.shape().get(0)));
    }
    if (stem != null && stem.shape().size() == 4 && stem.shape().get(1) >= 1) {
      adapted = adapted.withChannels(Math.toIntExact(stem.shape().get(1)));
    }
    return adapted;
  }

  private static Weights weights(Path file, SafeTensors read, DenseNetConfig config)
      throws WeightsException {
    Layout layout = Layout.of(config);
    List<String> wrong = new ArrayList<>();
    for (Slot slot : layout.slots()) {
      Tensor tensor = read.tensors().get(slot.name());
      List<Long> expected = slot.shape().stream().map(Integer::longValue).toList();
      if (tensor == null) {
        wrong.add(slot.name() + " is missing");
      } else if (!tensor.shape().equals(expected)) {
        wrong.add("%s has shape %s, expected %s".formatted(slot.name(), tensor.shape(), expected));
      }
    }
    for (String name : read.tensors().keySet()) {
      if (!layout.has(name) && !name.endsWith(TRACKED)) {
        wrong.add(name + " is unexpected");
      }
    }
    if (!wrong.isEmpty()) {
      throw new WeightsException(
          "%s does not fit the network: %s%s."
              .formatted(
                  file,
                  String.join("; ", wrong.subList(0, Math.min(5, wrong.size()))),
                  wrong.size() > 5 ? "; and " + (wrong.size() - 5) + " more" : ""));
    }
    Weights weights = new Weights(layout);
    for (Slot slot : layout.slots()) {
      System.arraycopy(
          read.tensors().get(slot.name()).toFloats(),
          0,
          weights.store(slot),
          slot.at(),
          slot.size());
    }
    Tensor tracked = read.tensors().get("features.norm5." + TRACKED);
    if (tracked != null && tracked.size() == 1) {
      weights.batchesTracked(tracked.toLongs()[0]);
    }
    return weights;
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
        reals((List<?>) fields.get("mean")),
        reals((List<?>) fields.get("std")));
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
