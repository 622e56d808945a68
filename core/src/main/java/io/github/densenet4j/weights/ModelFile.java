package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Models as files. Ours is one safetensors file with torchvision's key names, whose metadata holds
 * a {@link ModelDescription}, so that the file is all that is needed. Everyone else's are read too,
 * see {@link Checkpoint}.
 */
public final class ModelFile {
  private static final String TRACKED = "num_batches_tracked";
  private static final int IMAGENET_CLASSES = 1000;

  private ModelFile() {}

  /**
   * Writes a model, all of it or nothing.
   *
   * @throws IOException if it cannot be written
   */
  public static void save(Path file, Model model) throws IOException {
    SafeTensors.write(file, tensors(model.weights()), ModelDescription.of(model));
  }

  /** All tensors under torchvision's names and in its order, counters included. */
  static List<Tensor> tensors(Weights weights) {
    List<Tensor> tensors = new ArrayList<>();
    for (Slot slot : weights.layout().slots()) {
      tensors.add(
          Tensor.floats(slot.name(), slot.shape(), weights.store(slot), slot.at(), slot.size()));
      if (slot.name().endsWith("running_var")) {
        tensors.add(
            Tensor.scalar(slot.name().replace("running_var", TRACKED), weights.batchesTracked()));
      }
    }
    return tensors;
  }

  /**
   * What a file holds, key by key, without asking that it fits.
   *
   * @throws WeightsException if it is damaged or no DenseNet's
   * @throws IOException if it cannot be read
   */
  public static Inspection inspect(Path file, LoadOptions options) throws IOException {
    return inspect(Checkpoint.read(file), options);
  }

  private static Inspection inspect(Checkpoint checkpoint, LoadOptions options)
      throws WeightsException {
    Path file = checkpoint.file();
    DenseNetConfig described =
        ModelDescription.isIn(checkpoint.metadata())
            ? ModelDescription.read(file, checkpoint.metadata()).config()
            : null;
    int classes = options.classes() == 0 ? IMAGENET_CLASSES : options.classes();
    Inspection inspection = Inspection.of(checkpoint, described, classes);
    if (options.arch() != null) {
      requireAgreement(file, options.arch(), inspection.config());
    }
    return inspection;
  }

  /**
   * Reads a model of any known kind of file.
   *
   * @throws WeightsException if the file is damaged or does not fit, naming what is wrong
   * @throws IllegalArgumentException if the options name an unknown network
   * @throws IOException if it cannot be read
   */
  public static Model load(Path file, LoadOptions options) throws IOException {
    return load(Checkpoint.read(file), options);
  }

  static Model load(Checkpoint checkpoint, LoadOptions options) throws WeightsException {
    Inspection inspection = inspect(checkpoint, options);
    Weights weights = inspection.weights(options.allowMissing());
    return Adaptation.to(options, model(inspection, weights));
  }

  private static void requireAgreement(Path file, String arch, DenseNetConfig found)
      throws WeightsException {
    DenseNetConfig named = DenseNetConfig.named(arch);
    if (!named.isBuiltAs(found)) {
      throw new WeightsException(
          "%s does not hold %s (k=%d, blocks %s, %d initial features), but %s (k=%d, blocks %s, %d initial features): leave the name out or correct it."
              .formatted(
                  file,
                  arch,
                  named.growthRate(),
                  named.blocks(),
                  named.initFeatures(),
                  found.archName(),
                  found.growthRate(),
                  found.blocks(),
                  found.initFeatures()));
    }
  }

  private static Model model(Inspection inspection, Weights weights) throws WeightsException {
    Checkpoint checkpoint = inspection.checkpoint();
    DenseNetConfig config = inspection.config();
    if (ModelDescription.isIn(checkpoint.metadata())) {
      ModelDescription description =
          ModelDescription.read(checkpoint.file(), checkpoint.metadata());
      try {
        return new Model(
            config, weights, description.classNames(), description.input(), description.output());
      } catch (IllegalArgumentException e) {
        throw new WeightsException(
            checkpoint.file() + ": its description of the network is damaged: " + e.getMessage(),
            e);
      }
    }
    Tensor thresholds = inspection.extra("op_threshs");
    boolean xray =
        thresholds != null
            && thresholds.isFloat()
            && config.channels() == 1
            && thresholds.size() == config.classes();
    List<String> labels = checkpoint.labels();
    if (labels.size() != config.classes()) {
      labels =
          config.classes() == IMAGENET_CLASSES && config.stem() == StemType.IMAGENET
              ? ClassNames.imageNet()
              : List.of();
    }
    return new Model(
        config,
        weights,
        labels,
        usualInput(config, xray),
        xray ? calibrated(thresholds) : OutputTransform.softmax());
  }

  private static OutputTransform calibrated(Tensor thresholds) throws WeightsException {
    List<Double> values = new ArrayList<>();
    for (float value : thresholds.toFloats()) {
      values.add(value > 0 && value < 1 ? value : Double.NaN);
    }
    return new OutputTransform(OutputTransform.Kind.CALIBRATED, values);
  }

  /** How pictures are usually prepared for a network that does not say it. */
  private static InputTransform usualInput(DenseNetConfig config, boolean xray) {
    int side = config.usualSize();
    String name =
        switch (config.stem()) {
          case IMAGENET -> xray ? "xray" : "imagenet";
          case CIFAR -> config.channels() == 3 ? "cifar10" : "none";
          case D2L -> "none";
        };
    return InputTransform.named(name, config.channels(), side, side);
  }
}
