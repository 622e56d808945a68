package io.github.densenet4j.cli;

import io.github.densenet4j.Classification;
import io.github.densenet4j.Prediction;
import io.github.densenet4j.weights.Model;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes what a network says of picture after picture, each at once. */
final class PredictionWriter {
  /** How it is written. */
  enum Format {
    TEXT,
    JSON,
    CSV
  }

  private final PrintWriter out;
  private final Format format;
  private final Model model;
  private final int top;
  private final boolean logits;
  private boolean header;

  PredictionWriter(PrintWriter out, Format format, Model model, int top, boolean logits) {
    this.out = out;
    this.format = format;
    this.model = model;
    this.top = top;
    this.logits = logits;
  }

  /**
   * One picture.
   *
   * @param index within a file of several
   */
  void write(String file, int index, Classification found) {
    switch (format) {
      case JSON -> json(file, index, found);
      case CSV -> csv(file, index, found);
      case TEXT -> text(file, index, found);
    }
    out.flush();
  }

  private void json(String file, int index, Classification found) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file);
    fields.put("index", index);
    if (logits) {
      fields.put("logits", found.logits());
    } else {
      fields.put("predictions", predictions(found.top(top)));
      if (model.output().isMultiLabel()) {
        fields.put("present", found.present().stream().map(Prediction::label).toList());
      }
    }
    Output.json(out, fields);
  }

  private static List<Map<String, Object>> predictions(List<Prediction> top) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Prediction prediction : top) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("label", prediction.label());
      fields.put("index", prediction.index());
      fields.put("probability", prediction.probability());
      list.add(fields);
    }
    return list;
  }

  /** A line a prediction, or a line a picture with all logits. */
  private void csv(String file, int index, Classification found) {
    if (!header) {
      header = true;
      List<String> columns = new ArrayList<>(List.of("file", "index"));
      if (logits) {
        IntStream.range(0, found.logits().length).forEach(c -> columns.add(model.label(c)));
      } else {
        columns.addAll(List.of("rank", "label", "class", "probability"));
      }
      line(columns);
    }
    if (logits) {
      List<String> cells = new ArrayList<>(List.of(file, Integer.toString(index)));
      for (float logit : found.logits()) {
        cells.add(Float.toString(logit));
      }
      line(cells);
      return;
    }
    int rank = 1;
    for (Prediction p : found.top(top)) {
      line(
          List.of(
              file,
              Integer.toString(index),
              Integer.toString(rank++),
              p.label(),
              Integer.toString(p.index()),
              Double.toString(p.probability())));
    }
  }

  private void line(List<String> cells) {
    out.println(String.join(",", cells.stream().map(PredictionWriter::quoted).toList()));
  }

  /** As RFC 4180 has it. */
  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }

  private void text(String file, int index, Classification found) {
    StringBuilder line = new StringBuilder(file + (index > 0 ? " [" + index + "]" : "") + ":");
    for (Prediction p : found.top(top)) {
      boolean present = model.output().isMultiLabel() && found.present().contains(p);
      line.append(
          "  %s%s %.4f"
              .formatted(
                  p.label(),
                  present ? "*" : "",
                  logits ? found.logits()[p.index()] : p.probability()));
    }
    out.println(line);
  }
}
