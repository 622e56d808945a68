package io.github.densenet4j.report;

import io.github.densenet4j.data.DataException;
import io.github.densenet4j.metrics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Runs beside each other, and which of their differences are more than chance.
 *
 * @param runs in the order given
 * @param differences of each pair, as far as both were evaluated
 */
public record Comparison(List<Run> runs, List<Difference> differences) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One run.
   *
   * @param name the directory's
   * @param history epoch by epoch; empty if there is none
   * @param figures top1, loss, macro_f1 and ece of {@code metrics.json}, without it the last
   *     epoch's validation with NaN for the interval
   * @param predictions of {@code predictions.csv}; empty if there is none
   */
  public record Run(
      String name,
      Optional<RunHistory> history,
      Map<String, Interval> figures,
      Optional<Predictions> predictions) {}

  /**
   * What was said of each picture.
   *
   * @param labels (n)
   * @param ranks (n) place of the right class, from 0
   * @param losses (n)
   */
  public record Predictions(int[] labels, int[] ranks, double[] losses) {}

  /**
   * A difference of two runs.
   *
   * @param figure top1 or loss
   * @param first one run's name
   * @param second the other's
   * @param interval of the first minus the second
   * @param level of confidence of the interval: the more pairs are compared, the higher
   * @param paired whether both were judged on the same pictures, picture by picture; else the
   *     interval comes from those of the two, which are taken as independent
   * @param isReal whether the interval leaves zero out
   */
  public record Difference(
      String figure,
      String first,
      String second,
      Interval interval,
      double level,
      boolean paired,
      boolean isReal) {
    /** In words. */
    public String text() {
      boolean fraction = figure.equals("top1");
      double unit = fraction ? 100 : 1;
      return String.format(
          Locale.ROOT,
          fraction
              ? "top-1 of %s is %+.2f points from %s's (%+.2f to %+.2f with %.4g %%; %s)"
              : "loss of %s is %+.4f from %s's (%+.4f to %+.4f with %.4g %%; %s)",
          first,
          unit * interval.value(),
          second,
          unit * interval.low(),
          unit * interval.high(),
          100 * level,
          paired ? "the same pictures, paired" : "different pictures or none kept, unpaired");
    }
  }

  /**
   * Reads runs' directories.
   *
   * @throws DataException if one is no run, or a file in it is damaged
   */
  public static Comparison of(List<Path> directories) throws IOException {
    List<Run> runs = new ArrayList<>();
    for (Path directory : directories) {
      runs.add(read(directory));
    }
    return new Comparison(runs, new Differences(runs).all());
  }

  /** How verdicts come about, in words; depends on the number of runs. */
  public String method() {
    int pairs = runs.size() * (runs.size() - 1) / 2;
    return pairs == 1
        ? "A difference is real where its 95 % confidence interval leaves zero out."
        : "A difference is real where its confidence interval leaves zero out. The intervals of "
            + pairs
            + " pairs are wider than those of one, so that all verdicts on a figure together are"
            + " wrong with 5 % at most (Holm's method).";
  }

  // ---- reading

  private static Run read(Path directory) throws IOException {
    Optional<RunHistory> history = RunHistory.ofRun(directory);
    Path metrics = directory.resolve(RunReport.METRICS);
    if (history.isEmpty() && !Files.isRegularFile(metrics)) {
      throw new DataException(
          directory
              + " is no run: it has neither history.csv nor history.jsonl nor metrics.json (which"
              + " 'densenet eval --report DIR' writes).");
    }
    Map<String, Interval> figures =
        Files.isRegularFile(metrics) ? figures(metrics) : lastEpoch(history.orElseThrow());
    Path predictions = directory.resolve(RunReport.PREDICTIONS);
    return new Run(
        String.valueOf(directory.toAbsolutePath().normalize().getFileName()),
        history,
        figures,
        Files.isRegularFile(predictions)
            ? Optional.of(predictions(predictions))
            : Optional.empty());
  }

  private static Map<String, Interval> figures(Path file) throws IOException {
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      JsonNode intervals = json.required("confidence_intervals");
      Map<String, Interval> out = new LinkedHashMap<>();
      out.put("top1", interval(json.required("top1"), intervals.required("top1")));
      out.put("loss", interval(json.required("loss"), intervals.required("loss")));
      out.put(
          "macro_f1",
          interval(json.required("macro").required("f1"), intervals.required("macro_f1")));
      out.put(
          "ece", interval(json.required("calibration").required("ece"), intervals.required("ece")));
      return out;
    } catch (JacksonException | IllegalArgumentException e) {
      throw new DataException(
          file + " is not what 'densenet eval --report DIR' writes: " + e.getMessage(), e);
    }
  }

  private static Interval interval(JsonNode value, JsonNode ends) {
    return new Interval(
        value.asDouble(Double.NaN),
        ends.path(0).asDouble(Double.NaN),
        ends.path(1).asDouble(Double.NaN));
  }

  private static Map<String, Interval> lastEpoch(RunHistory history) {
    Map<String, Interval> out = new LinkedHashMap<>();
    if (!history.epochs().isEmpty()) {
      Map<String, Double> last = history.epochs().getLast();
      for (String figure : List.of("top1", "loss")) {
        if (last.containsKey("val_" + figure)) {
          out.put(figure, new Interval(last.get("val_" + figure), Double.NaN, Double.NaN));
        }
      }
    }
    return out;
  }

  private static Predictions predictions(Path file) throws IOException {
    List<Map<String, Double>> rows = RunHistory.read(file).epochs();
    int n = rows.size();
    Predictions out = new Predictions(new int[n], new int[n], new double[n]);
    for (int i = 0; i < n; i++) {
      Map<String, Double> row = rows.get(i);
      if (!row.keySet().containsAll(List.of("label", "rank", "loss"))) {
        throw new DataException(
            "%s, line %d: the columns label, rank and loss must hold numbers."
                .formatted(file, i + 2));
      }
      out.labels[i] = row.get("label").intValue();
      out.ranks[i] = row.get("rank").intValue();
      out.losses[i] = row.get("loss");
    }
    return out;
  }
}
