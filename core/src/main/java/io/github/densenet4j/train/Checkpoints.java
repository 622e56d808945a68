package io.github.densenet4j.train;

import io.github.densenet4j.Weights;
import io.github.densenet4j.weights.SafeTensors;
import io.github.densenet4j.weights.Tensor;
import io.github.densenet4j.weights.WeightsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: safetensors files named by the steps taken, each written as a whole and
 * forced to the disk; the last few and the best epoch's are kept. A digest over all of a file's
 * contents tells whether it is what was written.
 */
final class Checkpoints {
  private static final String FORMAT = "densenet4j-run";
  private static final String VERSION = "1";
  private static final String DIGEST = "sha256";
  private static final int KEPT = 3;

  private final Path folder;

  /** The checkpoints of the run in a directory. */
  Checkpoints(Path run) {
    this.folder = run.resolve("checkpoints");
  }

  /** The checkpoints, newest first. */
  List<Path> list() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("step-\\d+\\.safetensors"))
          .sorted(Comparator.comparing((Path file) -> file.getFileName().toString()).reversed())
          .toList();
    }
  }

  // ---- writing

  /**
   * Writes a checkpoint and removes the oldest ones, but for that of the best epoch.
   *
   * @param about what else belongs to the run, by its name
   */
  void save(RunState state, RunState.Parts parts, Map<String, String> about) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("format_version", VERSION);
    metadata.put("epoch", Integer.toString(state.epoch));
    metadata.put("step", Integer.toString(state.step));
    metadata.put("loss", Double.toString(state.loss));
    metadata.put("hits", Integer.toString(state.hits));
    metadata.put("done", Integer.toString(state.done));
    metadata.put("batches_tracked", Long.toString(parts.weights().batchesTracked()));
    metadata.put("optimiser_steps", Long.toString(parts.optimiser().steps()));
    for (int i = 0; i < state.history.size(); i++) {
      metadata.put("history." + i, state.history.get(i).exact());
    }
    about.forEach((key, value) -> metadata.put("about." + key, value));
    List<Tensor> tensors = new ArrayList<>();
    add(tensors, "weights.parameters", parts.weights().parameters());
    add(tensors, "weights.statistics", parts.weights().statistics());
    for (int i = 0; i < parts.optimiser().state().size(); i++) {
      add(tensors, "optimiser." + i, parts.optimiser().state().get(i));
    }
    if (parts.average() != null && parts.average().begun()) {
      add(tensors, "average.parameters", parts.average().weights().parameters());
      add(tensors, "average.statistics", parts.average().weights().statistics());
    }
    metadata.put(DIGEST, digest(metadata, tensors));
    long steps = parts.optimiser().steps();
    SafeTensors.write(file(steps), tensors, metadata);
    List<Path> all = list();
    Path best = bestEpoch(state, steps);
    for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      if (!old.equals(best)) {
        Files.deleteIfExists(old);
      }
    }
  }

  private Path file(long steps) {
    return folder.resolve("step-%010d.safetensors".formatted(steps));
  }

  /** The checkpoint behind the best epoch so far, or null before the first one's end. */
  private Path bestEpoch(RunState state, long steps) {
    if (state.history.isEmpty()) {
      return null;
    }
    long stepsOfAnEpoch = (steps - state.step) / state.history.size();
    return file(stepsOfAnEpoch * (state.bestEpoch() + 1));
  }

  private static void add(List<Tensor> tensors, String name, float[] values) {
    tensors.add(Tensor.floats(name, List.of(values.length), values, 0, values.length));
  }

  private static String digest(Map<String, String> metadata, Iterable<Tensor> tensors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(metadata)
          .forEach(
              (key, value) -> {
                if (!key.equals(DIGEST)) {
                  digest.update((key + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8));
                }
              });
      for (Tensor tensor : tensors) {
        digest.update(tensor.name().getBytes(StandardCharsets.UTF_8));
        ByteBuffer data = tensor.data().duplicate();
        digest.update(data.clear());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }

  // ---- reading

  /**
   * A checkpoint that was read.
   *
   * @param file it comes from
   * @param metadata its texts
   * @param tensors its arrays, by name
   */
  record Saved(Path file, Map<String, String> metadata, Map<String, float[]> tensors) {
    /** What else belongs to the run. */
    Map<String, String> about() {
      Map<String, String> about = new LinkedHashMap<>();
      metadata.forEach(
          (key, value) -> {
            if (key.startsWith("about.")) {
              about.put(key.substring("about.".length()), value);
            }
          });
      return about;
    }

    /** Puts everything back. */
    RunState restore(RunState.Parts parts) {
      copy("weights.parameters", parts.weights().parameters());
      copy("weights.statistics", parts.weights().statistics());
      parts.weights().batchesTracked(Long.parseLong(metadata.get("batches_tracked")));
      parts.weights().changed();
      for (int i = 0; i < parts.optimiser().state().size(); i++) {
        copy("optimiser." + i, parts.optimiser().state().get(i));
      }
      parts.optimiser().steps(Long.parseLong(metadata.get("optimiser_steps")));
      if (parts.average() != null && tensors.containsKey("average.parameters")) {
        Weights average = parts.average().weights();
        copy("average.parameters", average.parameters());
        copy("average.statistics", average.statistics());
        average.batchesTracked(parts.weights().batchesTracked());
        average.changed();
        parts.average().begun(true);
      }
      RunState state = new RunState();
      state.epoch = Integer.parseInt(metadata.get("epoch"));
      state.step = Integer.parseInt(metadata.get("step"));
      state.loss = Double.parseDouble(metadata.get("loss"));
      state.hits = Integer.parseInt(metadata.get("hits"));
      state.done = Integer.parseInt(metadata.get("done"));
      for (int i = 0; metadata.containsKey("history." + i); i++) {
        state.history.add(EpochResult.ofExact(metadata.get("history." + i)));
      }
      return state;
    }

    private void copy(String name, float[] to) {
      float[] from = tensors.get(name);
      if (from == null || from.length != to.length) {
        throw new TrainingException(
            "%s holds %,d values of %s, expected %,d: it belongs to another network or recipe."
                .formatted(file, from == null ? 0 : from.length, name, to.length));
      }
      System.arraycopy(from, 0, to, 0, to.length);
    }
  }

  /**
   * The newest checkpoint that is whole.
   *
   * @param note told of each newer one that is not
   * @throws TrainingException if there is none
   */
  Saved newest(Consumer<String> note) throws IOException {
    removeUnfinished();
    List<Path> files = list();
    for (Path file : files) {
      try {
        return read(file);
      } catch (WeightsException e) {
        note.accept(
            "%s is damaged (%s): going back to the checkpoint before it."
                .formatted(file, e.getMessage()));
      }
    }
    throw new TrainingException(
        files.isEmpty()
            ? folder + " has no checkpoints: there is no run to resume."
            : folder + " has no checkpoint that is whole: begin a new run.");
  }

  /** What a killed process left half written. */
  private void removeUnfinished() throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".tmp")).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  static Saved read(Path file) throws IOException {
    SafeTensors in = SafeTensors.read(file);
    Map<String, String> metadata = in.metadata();
    if (!FORMAT.equals(metadata.get("format")) || !VERSION.equals(metadata.get("format_version"))) {
      throw new WeightsException("it is no checkpoint of a run that this version knows");
    }
    if (!digest(metadata, in.tensors().values()).equals(metadata.get(DIGEST))) {
      throw new WeightsException("its contents do not have the digest that they were written with");
    }
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (Tensor tensor : in.tensors().values()) {
      tensors.put(tensor.name(), tensor.toFloats());
    }
    return new Saved(file, metadata, tensors);
  }
}
