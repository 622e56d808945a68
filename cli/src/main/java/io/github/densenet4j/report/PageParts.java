package io.github.densenet4j.report;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The parts of a run's page, under the names that {@code page.js} knows. */
final class PageParts {
  private final Map<String, Object> data = new LinkedHashMap<>();
  private final Map<String, Map<String, ?>> facts = new LinkedHashMap<>();

  PageParts(RunFolder run, String subtitle) {
    data.put("title", run.name());
    data.put("subtitle", subtitle);
    run.history().ifPresent(h -> data.put("history", h.epochs()));
  }

  static String networkName(DenseNetConfig config) {
    return config.archName().equals("custom") ? "DenseNet" : config.archName();
  }

  /**
   * Figures, confusion matrix and pictures.
   *
   * @param remark on the pictures that the model was judged by, or empty
   */
  PageParts evaluation(Evaluated evaluated, Shown shown, String remark) {
    data.put("classes", evaluated.classNames());
    data.put("evaluation", EvaluationJson.of(evaluated));
    data.put("remark", remark);
    shown.addTo(data);
    int height = evaluated.data().height(); // 0: of several sizes
    data.put("smallPictures", height > 0 && Thumbnail.isTiny(height, evaluated.data().width()));
    return this;
  }

  /** The confusion matrix alone. */
  PageParts confusion(ConfusionFile.Last last) {
    data.put("classes", last.classes());
    data.put("confusion", last.confusion());
    data.put(
        "remark",
        "Of the validation behind epoch "
            + last.epoch()
            + ". Its pictures are on the page of train --watch, and in the report in the end.");
    return this;
  }

  /** The network as a picture, and the inside of its first block. */
  PageParts drawings(Model model) throws IOException {
    String name = networkName(model.config());
    NetworkDrawing drawing =
        new NetworkDrawing(model.config(), model.input().height(), model.input().width());
    data.put("drawings", List.of(drawing.svg(name), drawing.blockSvg(name, 1)));
    return this;
  }

  /** What the run wrote down when it began. */
  PageParts recipe(RunFolder run) {
    facts.put("Recipe", run.recipe());
    facts.put("Run", run.others());
    return this;
  }

  /** The same, with the network and its surroundings. */
  PageParts facts(RunFolder run, Model model, Engine engine) {
    recipe(run);
    facts.put("Network", network(model.config(), model.input()));
    facts.put("Environment", environment(engine));
    return this;
  }

  /** All of them. */
  Map<String, Object> data() {
    facts.values().removeIf(Map::isEmpty);
    data.put("facts", facts);
    return data;
  }

  private static Map<String, Object> network(DenseNetConfig config, InputTransform input) {
    Summary summary = Summary.of(config, input.height(), input.width());
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("layers of each block", config.blocks().toString());
    out.put("growth rate", config.growthRate());
    out.put("channels behind the stem", config.initFeatures());
    out.put("bottleneck", config.hasBottleneck() ? config.bottleneck() + " × growth rate" : "none");
    out.put("compression", config.compression());
    out.put("stem", config.stem().name().toLowerCase(Locale.ROOT));
    out.put("dropout", config.dropRate());
    out.put("parameters", "%,d".formatted(summary.parameters()));
    out.put("multiply-adds a picture", "%,d".formatted(summary.macs()));
    out.put("input", input.channels() + " × " + input.height() + " × " + input.width());
    return out;
  }

  private static Map<String, Object> environment(Engine engine) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("kernels", engine.kernels().description());
    out.put("threads", engine.team().threads());
    out.put("Java", Runtime.version().toString());
    out.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    out.put("processors", Runtime.getRuntime().availableProcessors());
    out.put("heap", "%,d MiB".formatted(Runtime.getRuntime().maxMemory() >> 20));
    return out;
  }
}
