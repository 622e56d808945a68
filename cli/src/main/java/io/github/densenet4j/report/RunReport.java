package io.github.densenet4j.report;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Summary;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.metrics.Outputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes what there is to know about a model: a page for people, files for programs. */
public final class RunReport {
  /** The page. */
  public static final String PAGE = "report.html";

  /** The figures, as {@code eval --json} gives them. */
  public static final String METRICS = "metrics.json";

  /** What was said of every picture. */
  public static final String PREDICTIONS = "predictions.csv";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private RunReport() {}

  /**
   * Writes report.html, metrics.json and predictions.csv.
   *
   * @param title of the page
   * @param history of the run that the model comes from, if it is known
   * @param engine on which it was judged
   */
  public static void write(
      Path directory,
      String title,
      Evaluated evaluated,
      Optional<RunHistory> history,
      Engine engine)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(METRICS), JSON.writeValueAsString(EvaluationJson.of(evaluated)) + "\n");
    Files.writeString(directory.resolve(PREDICTIONS), predictions(evaluated.outputs()));
    Files.writeString(
        directory.resolve(PAGE), Page.html(title, data(title, evaluated, history, engine)));
  }

  private static Map<String, Object> data(
      String title, Evaluated evaluated, Optional<RunHistory> history, Engine engine)
      throws IOException {
    DenseNetConfig config = evaluated.model().config();
    InputTransform input = evaluated.model().input();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("title", title);
    data.put("subtitle", networkName(config) + " on " + evaluated.data().name());
    data.put("classes", evaluated.classNames());
    data.put("evaluation", EvaluationJson.of(evaluated));
    history.ifPresent(h -> data.put("history", h.epochs()));
    new Shown(evaluated).addTo(data);
    int height = evaluated.data().height(); // 0: of several sizes
    data.put("smallPictures", height > 0 && Thumbnail.isTiny(height, evaluated.data().width()));
    NetworkDrawing drawing = new NetworkDrawing(config, input.height(), input.width());
    data.put(
        "drawings",
        List.of(drawing.svg(networkName(config)), drawing.blockSvg(networkName(config), 1)));
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("Network", network(config, input));
    facts.put("Environment", environment(evaluated, engine));
    data.put("facts", facts);
    return data;
  }

  private static String networkName(DenseNetConfig config) {
    return config.archName().equals("custom") ? "DenseNet" : config.archName();
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

  private static Map<String, Object> environment(Evaluated evaluated, Engine engine) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("evaluation", "%.0f pictures a second".formatted(evaluated.imagesPerSecond()));
    out.put("kernels", engine.kernels().description());
    out.put("threads", engine.team().threads());
    out.put("Java", Runtime.version());
    out.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    out.put("processors", Runtime.getRuntime().availableProcessors());
    out.put("heap", "%,d MiB".formatted(Runtime.getRuntime().maxMemory() >> 20));
    out.replaceAll((_, value) -> value.toString());
    return out;
  }

  private static String predictions(Outputs outputs) {
    StringBuilder out = new StringBuilder("picture,label,predicted,confidence,rank,loss\n");
    for (int i = 0; i < outputs.size(); i++) {
      int predicted = outputs.predicted(i);
      double normaliser = outputs.logNormaliser(i);
      out.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%d,%.6f,%d,%.6f\n",
              i,
              outputs.labels()[i],
              predicted,
              Math.exp(outputs.logit(i, predicted) - normaliser),
              outputs.rank(i),
              normaliser - outputs.logit(i, outputs.labels()[i])));
    }
    return out.toString();
  }
}
