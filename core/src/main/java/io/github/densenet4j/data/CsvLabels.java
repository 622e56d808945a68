package io.github.densenet4j.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Pictures named in a CSV file (RFC 4180): {@code file,label} or {@code file,label1|label2}, paths
 * relative to the file's folder, with a header or without. An empty label means that no class is
 * there.
 */
final class CsvLabels {
  private CsvLabels() {}

  /** One line of a file. */
  private record Row(int line, String file, String label) {}

  /** All pictures of one file. */
  static LabelledData read(Path csv) throws IOException {
    List<Row> rows = rows(csv);
    return LabelledData.undivided(dataset(csv, rows, List.of(), several(rows)));
  }

  /** Pictures of a file to learn from, and of others to validate with and to be tested by. */
  static LabelledData read(Path train, Optional<Path> validation, Optional<Path> test)
      throws IOException {
    List<Row> learn = rows(train);
    List<Row> validate = validation.isPresent() ? rows(validation.get()) : List.of();
    List<Row> judge = test.isPresent() ? rows(test.get()) : List.of();
    boolean several = several(learn) || several(validate) || several(judge);
    Dataset first = dataset(train, learn, List.of(), several);
    return new LabelledData(
        first,
        validation.isPresent()
            ? Optional.of(dataset(validation.get(), validate, first.classNames(), several))
            : Optional.empty(),
        test.isPresent()
            ? Optional.of(dataset(test.get(), judge, first.classNames(), several))
            : Optional.empty());
  }

  private static List<Row> rows(Path csv) throws IOException {
    List<Row> rows = new ArrayList<>();
    Map<String, String> labels = new HashMap<>();
    try (BufferedReader reader = Files.newBufferedReader(csv)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line;
        if (text.isBlank()) {
          continue;
        }
        List<String> fields = fields(csv, number, text);
        boolean header = number == 1 && fields.get(0).strip().equalsIgnoreCase("file");
        if (fields.size() != 2) {
          throw new DataException(
              "%s, line %d has %d fields, expected 2: file,label (several labels: a|b)."
                  .formatted(csv, number, fields.size()));
        }
        if (fields.get(0).indexOf('\0') >= 0) {
          throw new DataException(
              "%s, line %d has a character of code 0 where a path should be: is it another encoding than UTF-8?"
                  .formatted(csv, number));
        }
        if (!header) {
          String label = labels.computeIfAbsent(fields.get(1).strip(), kind -> kind);
          rows.add(new Row(number, fields.get(0).strip(), label));
        }
      }
    } catch (MalformedInputException e) {
      throw new DataException(csv + " is not text in UTF-8.", e);
    }
    if (rows.isEmpty()) {
      throw new DataException(csv + " names no pictures.");
    }
    return rows;
  }

  /** The fields of a line; quotes may enclose a field, and stand twice for one in it. */
  private static List<String> fields(Path csv, int number, String line) throws DataException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append(line.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    if (quoted) {
      throw new DataException(csv + ", line " + number + " has a quote that does not end.");
    }
    fields.add(field.toString());
    return fields;
  }

  private static boolean several(List<Row> rows) {
    return rows.stream().anyMatch(row -> row.label.contains("|") || row.label.isEmpty());
  }

  private static FileDataset dataset(Path csv, List<Row> rows, List<String> known, boolean several)
      throws DataException {
    TreeSet<String> found = new TreeSet<>();
    rows.forEach(row -> found.addAll(labels(row)));
    List<String> names = known.isEmpty() ? List.copyOf(found) : known;
    PathList.Builder files = new PathList.Builder();
    int[][] classes = new int[rows.size()][];
    Map<String, int[]> shared = new HashMap<>(); // there are few kinds and many rows
    for (int i = 0; i < classes.length; i++) {
      Row row = rows.get(i);
      files.add(row.file);
      int[] before = shared.get(row.label);
      if (before != null) {
        classes[i] = before;
        continue;
      }
      List<String> labels = labels(row);
      for (String label : labels) {
        if (!names.contains(label)) {
          throw new DataException(
              "%s, line %d has the label '%s', which the training pictures do not have."
                  .formatted(csv, row.line, label));
        }
      }
      classes[i] = labels.stream().mapToInt(names::indexOf).toArray();
      shared.put(row.label, classes[i]);
    }
    Path folder = csv.toAbsolutePath().getParent();
    return new FileDataset(
        String.valueOf(csv.getFileName()), folder, files.build(), classes, names, several, 3, 0);
  }

  private static List<String> labels(Row row) {
    return Arrays.stream(row.label.split("\\|"))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .distinct()
        .toList();
  }
}
