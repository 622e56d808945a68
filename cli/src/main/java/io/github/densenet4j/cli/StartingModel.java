package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * What training begins with: a new network, or one with trained weights and a new head.
 *
 * @param network what the user says of it
 * @param weights a file or a name, or null for new ones
 * @param data that it has to fit
 * @param seed of new weights
 * @param engine that will compute
 */
record StartingModel(
    NetworkOptions network, String weights, DataSplit data, long seed, Engine engine) {
  /** A network that learns the sample well in a minute on two cores. */
  private static final DenseNetConfig SMALL =
      new DenseNetConfig(
          12,
          List.of(4, 4, 4),
          24,
          4,
          0.5,
          StemType.CIFAR,
          false,
          1,
          10,
          0,
          1e-5,
          0.1,
          Initialisation.KAIMING);

  Model model(PrintWriter log) throws IOException {
    Model model = weights == null ? fresh() : trained(log);
    int[] size = {model.input().height(), model.input().width()};
    NetworkOptions.requireSize(model.config(), size);
    return model;
  }

  private Model fresh() {
    List<String> names = data.train().classNames();
    DenseNetConfig base =
        network.config(SMALL.withChannels(data.train().channels()).withClasses(names.size()));
    DenseNetConfig config = network.arch == null ? base : fitted(base);
    requireClasses(config, names);
    boolean asTheyAre = network.arch == null && data.train().height() > 0;
    int usual = config.usualSize();
    int[] size =
        network.size(
            asTheyAre ? data.train().height() : usual, asTheyAre ? data.train().width() : usual);
    NetworkOptions.requireSize(config, size);
    InputTransform input = InputTransform.plain(config.channels(), size[0], size[1]);
    return new Model(config, Weights.initialise(config, seed), names, input);
  }

  /** A named network takes the data's channels and classes, unless the user said otherwise. */
  private DenseNetConfig fitted(DenseNetConfig config) {
    DenseNetConfig fitted =
        network.channels == null ? config.withChannels(data.train().channels()) : config;
    return network.classes == null ? fitted.withClasses(data.train().classNames().size()) : fitted;
  }

  private void requireClasses(DenseNetConfig config, List<String> names) {
    if (config.classes() != names.size()) {
      throw new UsageException(
          "The network has %d classes, %s has %d: leave --classes out."
              .formatted(config.classes(), data.train().name(), names.size()));
    }
  }

  private Model trained(PrintWriter log) throws IOException {
    List<String> names = data.train().classNames();
    if (network.isDescribed()) {
      throw new UsageException(
          "--weights bring their network along: leave --growth-rate, --blocks, --init-features,"
              + " --bottleneck, --compression, --stem, --conv-bias and --classes out.");
    }
    Path file = ModelOptions.fetch(weights, network.arch, log);
    int channels = network.channels == null ? 0 : network.channels;
    LoadOptions options =
        LoadOptions.strict()
            .withArch(network.arch)
            .withClasses(names.size())
            .withChannels(channels);
    Model loaded = ModelFile.load(file, options);
    DenseNetConfig config =
        network.dropRate == null ? loaded.config() : loaded.config().withDropRate(network.dropRate);
    if (!loaded.classNames().equals(names)) {
      renewHead(config, loaded.weights());
    }
    int[] size = network.size(loaded.input().height(), loaded.input().width());
    return new Model(config, loaded.weights(), names, loaded.input().withSize(size[0], size[1]));
  }

  private void renewHead(DenseNetConfig config, Weights old) {
    Weights drawn = Weights.initialise(config, seed);
    for (Slot slot : old.layout().slots()) {
      if (slot.name().startsWith("classifier.")) {
        System.arraycopy(drawn.store(slot), slot.at(), old.store(slot), slot.at(), slot.size());
      }
    }
    old.changed();
  }
}
