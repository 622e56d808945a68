package io.github.densenet4j.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A run that is watched from another program, by what it leaves in its directory: curves, the
 * confusion matrix of the last validation, timings and recipe.
 *
 * @param directory the run's, which may not be there yet
 */
public record RunInFolder(Path directory) implements LiveView.Source {
  @Override
  public LiveView.State state() {
    try {
      RunFolder run = RunFolder.read(directory);
      int epochs = run.history().map(RunHistory::epochs).orElse(List.of()).size();
      String text =
          epochs == 0
              ? "no epoch has ended yet"
              : epochs + (epochs == 1 ? " epoch has ended" : " epochs have ended");
      int matrix = ConfusionFile.read(directory).map(ConfusionFile.Last::epoch).orElse(0);
      String version = Integer.toHexString(run.hashCode()) + "-" + matrix;
      return new LiveView.State(version, text, false);
    } catch (IOException e) { // the page says so; the next question may find it repaired
      return new LiveView.State("unreadable", e.getMessage(), false);
    }
  }

  @Override
  public Map<String, Object> data() throws IOException {
    RunFolder run = RunFolder.read(directory);
    PageParts parts = new PageParts(run, "as its directory tells now");
    ConfusionFile.read(directory).ifPresent(parts::confusion);
    return parts.recipe(run).data();
  }
}
