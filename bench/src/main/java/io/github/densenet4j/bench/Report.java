package io.github.densenet4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A comparison as a table (Markdown, JSON) and a bar chart (PNG). */
record Report(Map<String, String> facts, List<Row> rows) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Writes PREFIX.md, PREFIX.json and PREFIX.png. */
  void write(Path prefix) throws IOException {
    Path folder = prefix.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    String name = prefix.getFileName().toString();
    Files.writeString(folder.resolve(name + ".md"), markdown());
    Files.writeString(folder.resolve(name + ".json"), json());
    Chart.write(folder.resolve(name + ".png"), rows);
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    facts.forEach(
        (key, value) -> out.append("- ").append(key).append(": ").append(value).append('\n'));
    out.append(
        """

        Medians of runs in turn, a process each work; `ratio` is the median of the ratios of neighbouring runs,
        ours by the peer's, `best` that of the fastest runs, which nothing else on the machine disturbed; a goal
        is a ratio, or with a unit a number of ours; GFLOP/s count the plain sum's operations.

        | work | densenet4j | peer | its | ratio | best | must | aim | reached | GFLOP/s | of the peak | results differ |
        |---|---|---|---|---|---|---|---|---|---|---|---|
        """);
    rows.forEach(row -> out.append(line(row)).append('\n'));
    return out.toString();
  }

  /** A row in one line. */
  static String line(Row row) {
    Goal goal = row.goal();
    boolean number = goal != null && goal.of() == Goal.Of.OURS;
    String unit = number ? " " + row.unit() : "";
    String limit = number ? "%.0f" : "%.2f";
    return "| "
        + String.join(
            " | ",
            row.work(),
            cell("%.1f", row.ours()) + " " + row.unit(),
            row.peer() == null ? "" : row.peer(),
            Double.isNaN(row.theirs()) ? "" : cell("%.1f", row.theirs()) + " " + row.unit(),
            cell("%.2f", row.ratio()),
            cell("%.2f", row.best()),
            goal == null ? "" : cell(limit, goal.must()) + unit,
            goal == null ? "" : cell(limit, goal.aim()) + unit,
            goal == null ? "" : goal.reachedBy(row),
            cell("%.0f", row.gflops()),
            cell("%.2f", row.peak()),
            cell("%.0e", row.difference()))
        + " |";
  }

  private static String cell(String format, double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
  }

  private String json() {
    Map<String, Object> all = new LinkedHashMap<>(facts);
    all.put("results", rows.stream().map(Report::fields).toList());
    return JSON.writeValueAsString(all) + "\n";
  }

  private static Map<String, Object> fields(Row row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", row.table());
    fields.put("work", row.work());
    fields.put("unit", row.unit());
    fields.put("densenet4j", row.ours());
    fields.put("peer", row.peer());
    fields.put("theirs", row.theirs());
    fields.put("ratio", row.ratio());
    fields.put("ratio_of_fastest", row.best());
    if (row.goal() != null) {
      fields.put("goal_of", row.goal().of().name().toLowerCase(Locale.ROOT));
      fields.put("must", row.goal().must());
      fields.put("aim", row.goal().aim());
      fields.put("reached", row.goal().reachedBy(row));
    }
    fields.put("gflops", row.gflops());
    fields.put("peak_fraction", row.peak());
    fields.put("difference", row.difference());
    fields.values().removeIf(value -> value == null || Double.valueOf(Double.NaN).equals(value));
    return fields;
  }
}
