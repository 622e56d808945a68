package io.github.densenet4j.bench;

import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.ObjectMapper;

/** Rows on their way from the JVM that measured them to the one that reports them. */
final class Rows {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Rows() {}

  static void write(Path file, List<Row> rows) {
    JSON.writeValue(file.toFile(), rows);
  }

  static List<Row> read(Path file) {
    return List.of(JSON.readValue(file.toFile(), Row[].class));
  }
}
