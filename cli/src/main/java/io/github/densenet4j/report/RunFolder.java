package io.github.densenet4j.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a run left in its directory, as far as it is there.
 *
 * @param name the directory's
 * @param history epoch by epoch
 * @param notes the values of {@code run.txt}: those of the recipe behind {@code recipe.}, where the
 *     pictures came from, and what else was noted; empty if the directory is no run's
 */
public record RunFolder(String name, Optional<RunHistory> history, Map<String, String> notes) {
  private static final String RECIPE = "recipe.";

  /** Reads a directory, which may hold none of it. */
  public static RunFolder read(Path directory) throws IOException {
    Map<String, String> notes = new LinkedHashMap<>();
    Path file = directory.resolve("run.txt");
    if (Files.isRegularFile(file)) {
      for (String line : Files.readAllLines(file)) {
        int border = line.indexOf(" = ");
        if (border > 0) {
          notes.put(line.substring(0, border), line.substring(border + 3));
        }
      }
    }
    return new RunFolder(
        String.valueOf(directory.toAbsolutePath().normalize().getFileName()),
        RunHistory.ofRun(directory),
        notes);
  }

  /** Every value of the recipe, by its option's name. */
  public Map<String, String> recipe() {
    Map<String, String> out = new LinkedHashMap<>();
    notes.forEach(
        (key, value) -> {
          if (key.startsWith(RECIPE)) {
            out.put(key.substring(RECIPE.length()), value);
          }
        });
    return out;
  }

  /** The other notes that say something. */
  Map<String, String> others() {
    Map<String, String> out = new LinkedHashMap<>(notes);
    out.keySet().removeIf(key -> key.startsWith(RECIPE));
    out.values().removeIf(String::isBlank);
    return out;
  }
}
