package io.github.densenet4j.report;

import io.github.densenet4j.data.DataException;
import io.github.densenet4j.train.EpochResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * What a run noted epoch by epoch: any columns of numbers, of {@code history.csv} or of JSON lines.
 *
 * @param epochs the figures of each epoch by their columns' names; a figure that is not there is
 *     missing
 */
public record RunHistory(List<Map<String, Double>> epochs) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Copies the list. */
  public RunHistory {
    epochs = List.copyOf(epochs);
  }

  /** The history in a run's directory: its {@code history.csv}, or {@code history.jsonl}. */
  public static Optional<RunHistory> ofRun(Path directory) throws IOException {
    Path csv = directory.resolve("history.csv");
    if (Files.isRegularFile(csv)) {
      return Optional.of(read(csv));
    }
    Path lines = directory.resolve("history.jsonl");
    return Files.isRegularFile(lines) ? Optional.of(read(lines)) : Optional.empty();
  }

  /**
   * Reads a file whose content says what it is. A last line without its end is still being written,
   * and is left out.
   *
   * @throws DataException naming the line that cannot be read
   */
  public static RunHistory read(Path file) throws IOException {
    String text = Files.readString(file);
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    boolean json = !lines.isEmpty() && lines.getFirst().startsWith("{");
    List<Map<String, Double>> epochs = new ArrayList<>();
    for (int i = json ? 0 : 1; i < lines.size(); i++) {
      try {
        epochs.add(json ? jsonLine(lines.get(i)) : csvLine(lines.getFirst(), lines.get(i)));
      } catch (JacksonException | IllegalArgumentException e) {
        throw new DataException(
            "%s, line %d: %s".formatted(file, i + 1, e.getMessage().lines().findFirst().orElse("")),
            e);
      }
    }
    return new RunHistory(epochs);
  }

  /** The figures of an epoch under the names that {@code history.csv} has for them. */
  static Map<String, Double> row(EpochResult result) {
    return csvLine(EpochResult.HEADER, result.csv());
  }

  private static Map<String, Double> jsonLine(String line) {
    Map<String, Double> out = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : JSON.readTree(line).properties()) {
      if (field.getValue().isNumber()) {
        out.put(field.getKey(), field.getValue().asDouble());
      }
    }
    return out;
  }

  private static Map<String, Double> csvLine(String header, String line) {
    String[] names = header.split(",", -1);
    String[] cells = line.split(",", -1);
    if (names.length != cells.length) {
      throw new IllegalArgumentException(
          "%d values, but the first line names %d columns.".formatted(cells.length, names.length));
    }
    Map<String, Double> out = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (cells[i].matches("[-+]?[0-9.]+([eE][-+]?\\d+)?")) { // not NaN, not words
        out.put(names[i].strip(), Double.parseDouble(cells[i]));
      }
    }
    return out;
  }
}
