package io.github.densenet4j.train;

import io.github.densenet4j.weights.AtomicFile;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a run leaves in its directory, and what it says when that fails: models, history, what the
 * run is made of, checkpoints.
 */
final class RunDirectory {
  private static final String START = "start.safetensors";
  private static final String LAST = "last.safetensors";
  private static final String BEST = "best.safetensors";

  private final Path path;
  private final Checkpoints checkpoints;
  private final Map<String, String> about = new LinkedHashMap<>();
  private final Map<String, AtomicFile.Content> beside = new LinkedHashMap<>();
  private long checkpointNanos = 300_000_000_000L;
  private long saved;

  /** The directory of a run, which need not be there yet. */
  RunDirectory(Path path) {
    this.path = path;
    this.checkpoints = new Checkpoints(path);
  }

  Path path() {
    return path;
  }

  /** Something to keep with the run, in {@code run.txt} and in every checkpoint. */
  void note(String key, String value) {
    about.put(key, value);
  }

  /** A file to write when the run begins. */
  void file(String name, AtomicFile.Content content) {
    beside.put(name, content);
  }

  /** Minutes between checkpoints within an epoch. */
  void checkpointMinutes(double minutes) {
    if (!(minutes >= 0 && minutes < 1e6)) {
      throw new IllegalArgumentException(
          "checkpoint-minutes is " + minutes + ": it must be at least 0.");
    }
    checkpointNanos = (long) (minutes * 60e9);
  }

  /** The model that the run began with. */
  Model start() throws IOException {
    return ModelFile.load(path.resolve(START), LoadOptions.strict());
  }

  /** Refuses a directory with checkpoints. */
  void requireFresh() throws IOException {
    if (!checkpoints.list().isEmpty()) {
      throw new TrainingException(
          "%s holds a run already: go on with --resume %s, or choose another --out."
              .formatted(path, path));
    }
  }

  /**
   * The newest whole checkpoint.
   *
   * @param note told of damaged ones, and of kernels that have other last bits
   * @throws TrainingException if there is none, or it belongs to another recipe or other pictures
   */
  Checkpoints.Saved newest(Consumer<String> note) throws IOException {
    Checkpoints.Saved newest = checkpoints.newest(note);
    for (Map.Entry<String, String> entry : newest.about().entrySet()) {
      String now = about.get(entry.getKey());
      boolean matters = entry.getKey().startsWith("recipe.") || entry.getKey().equals("data");
      if (matters && !entry.getValue().equals(now)) {
        throw new TrainingException(
            "%s was begun with %s = %s, now it is %s: a run goes on only as it began."
                .formatted(path, entry.getKey(), entry.getValue(), now));
      }
      if (entry.getKey().equals("kernels") && !entry.getValue().equals(now)) {
        note.accept(
            "The run was begun with kernels %s, these are %s: it goes on, but not to the same last bit."
                .formatted(entry.getValue(), now));
      }
    }
    return newest;
  }

  /** The first files, so that whether the directory can be written to is said now. */
  void begin(Model model, RunState state, RunState.Parts parts) throws IOException {
    try {
      Files.createDirectories(path);
      ModelFile.save(path.resolve(START), model);
      about();
      for (Map.Entry<String, AtomicFile.Content> file : beside.entrySet()) {
        AtomicFile.write(path.resolve(file.getKey()), file.getValue());
      }
      beside.clear(); // what is written need not stay in memory
      history(List.of());
      save(state, parts);
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be written to (%s): choose another --out.".formatted(path, reason(e)), e);
    }
  }

  /** From now on time counts towards the next checkpoint. */
  void startClock() {
    saved = System.nanoTime();
  }

  /**
   * Within an epoch: a checkpoint if it is time for one. One that cannot be written costs safety,
   * not the run: the next one may succeed.
   */
  void checkpoint(RunState state, RunState.Parts parts, Consumer<String> note) {
    if (System.nanoTime() - saved <= checkpointNanos) {
      return;
    }
    startClock();
    try {
      save(state, parts);
    } catch (IOException e) {
      note.accept(
          "The checkpoint could not be written (%s). Training goes on; make room or repair the disk, the next attempt follows."
              .formatted(reason(e)));
    }
  }

  /**
   * Behind an epoch: everything.
   *
   * @param last with the weights as they are now
   * @param judged by validation: the last, or an average
   */
  void epoch(RunState state, RunState.Parts parts, Model last, Model judged) throws IOException {
    require(
        () -> {
          ModelFile.save(path.resolve(LAST), last);
          if (state.bestEpoch() == state.history.size() - 1) {
            ModelFile.save(path.resolve(BEST), judged);
          }
          history(state.history);
          save(state, parts);
        });
    startClock();
  }

  /** When the run is stopped: what it needs to go on, and the model. */
  void stopped(RunState state, RunState.Parts parts, Model last) throws IOException {
    require(
        () -> {
          save(state, parts);
          ModelFile.save(path.resolve(LAST), last);
        });
  }

  /** Something that may fail. */
  private interface Writing {
    void run() throws IOException;
  }

  /** What a run cannot do without. */
  private void require(Writing what) throws IOException {
    try {
      what.run();
    } catch (IOException e) {
      throw new IOException(
          "%s could not be written to (%s). The run is safe up to its last checkpoint: make room or repair the disk, then go on with --resume %s."
              .formatted(path, reason(e), path),
          e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException ? e.toString() : e.getMessage();
  }

  private void save(RunState state, RunState.Parts parts) throws IOException {
    checkpoints.save(state, parts, about);
  }

  /** Writes the history, all of it. */
  private void history(List<EpochResult> history) throws IOException {
    StringBuilder text = new StringBuilder(EpochResult.HEADER).append('\n');
    history.forEach(result -> text.append(result.csv()).append('\n'));
    text("history.csv", text.toString());
  }

  /** Writes what the run is made of, a line a value. */
  private void about() throws IOException {
    StringBuilder text = new StringBuilder();
    about.forEach(
        (key, value) -> text.append(key).append(" = ").append(value.strip()).append('\n'));
    text("run.txt", text.toString());
  }

  private void text(String name, String text) throws IOException {
    AtomicFile.write(path.resolve(name), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
