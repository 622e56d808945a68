package io.github.densenet4j.report;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.metrics.Outputs;
import io.github.densenet4j.weights.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
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
   * Writes report.html, metrics.json and predictions.csv, each as a whole or not at all.
   *
   * @param run that the model comes from, as far as it is known
   * @param engine on which it was judged
   * @param remark on the pictures that it was judged by, or empty
   */
  public static void write(
      Path directory, RunFolder run, Evaluated evaluated, Engine engine, String remark)
      throws IOException {
    Map<String, Object> figures = EvaluationJson.of(evaluated);
    write(directory.resolve(METRICS), JSON.writeValueAsString(figures) + "\n");
    write(directory.resolve(PREDICTIONS), predictions(evaluated.outputs()));
    String subtitle =
        PageParts.networkName(evaluated.model().config()) + " on " + evaluated.data().name();
    Map<String, Object> data =
        new PageParts(run, subtitle)
            .evaluation(evaluated, new Shown(evaluated), remark)
            .drawings(evaluated.model())
            .facts(run, evaluated.model(), engine)
            .data();
    write(directory.resolve(PAGE), Page.html(run.name(), data));
  }

  private static void write(Path file, String text) throws IOException {
    AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
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
