package io.github.densenet4j.weights;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Layout.Slot;
import io.github.densenet4j.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file's tensors against a network, key by key.
 *
 * @param checkpoint the file
 * @param names whose names it uses, for people
 * @param prefix what they all begin with there
 * @param config the network
 * @param rows a row for each tensor of the file and for each that is missing
 */
public record Inspection(
    Checkpoint checkpoint, String names, String prefix, DenseNetConfig config, List<Row> rows) {
  private static final String TRACKED = "num_batches_tracked";

  /** What is to be said of a tensor. */
  public enum Status {
    /** It is there and fits. */
    OK,
    /** It is there, and no weight: a counter or thresholds that may be left out. */
    EXTRA,
    /** The network needs it, the file does not have it. */
    MISSING,
    /** The file has it, the network does not know it. */
    UNEXPECTED,
    /** Its shape is not the network's. */
    WRONG_SHAPE,
    /** It holds no floating point numbers. */
    WRONG_TYPE,
    /** It holds a value that is not finite. */
    NOT_FINITE
  }

  /**
   * A tensor.
   *
   * @param there its name in the file; empty if it is missing
   * @param here its name in the network; empty if it is unexpected
   * @param tensor its values by our name, or null if it is missing
   * @param expected the shape that the network needs; empty if it knows none
   * @param status whether all is well
   */
  public record Row(
      String there, String here, Tensor tensor, List<Integer> expected, Status status) {}

  /**
   * Compares.
   *
   * @param described the network that the file itself or the caller names; null to infer it
   * @param classes of a network whose classifier is missing
   * @throws WeightsException if the names are nobody's or the shapes are no DenseNet's
   */
  static Inspection of(Checkpoint checkpoint, DenseNetConfig described, int classes)
      throws WeightsException {
    Optional<NameMap.Match> match = NameMap.recognise(checkpoint.tensors());
    if (match.isEmpty()) {
      throw new WeightsException(
          "%s (%s) holds %,d tensors, but not under names of a DenseNet that is known here: it has %s."
              .formatted(
                  checkpoint.file(),
                  checkpoint.format(),
                  checkpoint.tensors().size(),
                  checkpoint.tensors().keySet().stream().limit(3).toList()));
    }
    Map<String, String> theirNames = new LinkedHashMap<>(); // by ours
    Map<String, Tensor> known = new LinkedHashMap<>();
    List<String> foreign = new ArrayList<>();
    for (Map.Entry<String, Tensor> entry : checkpoint.tensors().entrySet()) {
      Optional<String> here = match.get().translate(entry.getKey());
      if (here.isPresent() && !known.containsKey(here.get())) {
        theirNames.put(here.get(), entry.getKey());
        known.put(here.get(), entry.getValue());
      } else {
        foreign.add(entry.getKey());
      }
    }
    DenseNetConfig config =
        described != null
            ? described
            : Architecture.infer(
                checkpoint.file(), known, classes, checkpoint.bnEps().orElse(1e-5));
    List<Row> rows = new ArrayList<>();
    Layout layout = Layout.of(config);
    for (Slot slot : layout.slots()) {
      Tensor tensor = known.remove(slot.name());
      String there = tensor == null ? "" : theirNames.get(slot.name());
      rows.add(new Row(there, slot.name(), tensor, slot.shape(), status(slot, tensor)));
    }
    for (Map.Entry<String, Tensor> entry : known.entrySet()) {
      boolean counter = entry.getKey().endsWith("." + TRACKED);
      rows.add(
          new Row(
              theirNames.get(entry.getKey()),
              counter ? entry.getKey() : "",
              entry.getValue(),
              List.of(),
              counter ? Status.EXTRA : Status.UNEXPECTED));
    }
    for (String name : foreign) {
      boolean extra = name.endsWith("op_threshs");
      rows.add(
          new Row(
              name,
              "",
              checkpoint.tensors().get(name),
              List.of(),
              extra ? Status.EXTRA : Status.UNEXPECTED));
    }
    return new Inspection(
        checkpoint, match.get().names().description(), match.get().prefix(), config, rows);
  }

  private static Status status(Slot slot, Tensor tensor) throws WeightsException {
    if (tensor == null) {
      return Status.MISSING;
    }
    if (!tensor.shape().equals(slot.shape().stream().map(Integer::longValue).toList())) {
      return Status.WRONG_SHAPE;
    }
    if (!tensor.isFloat()) {
      return Status.WRONG_TYPE;
    }
    return tensor.isFinite() ? Status.OK : Status.NOT_FINITE;
  }

  /** The rows of a status. */
  public List<Row> with(Status status) {
    return rows.stream().filter(row -> row.status() == status).toList();
  }

  /** Whether every tensor is there, and no other. */
  public boolean fits() {
    return rows.stream().allMatch(row -> row.status() == Status.OK || row.status() == Status.EXTRA);
  }

  /** The values of an extra tensor by the end of its name, e.g. thresholds; null without one. */
  Tensor extra(String end) {
    return with(Status.EXTRA).stream()
        .filter(row -> row.there().endsWith(end))
        .map(Row::tensor)
        .findFirst()
        .orElse(null);
  }

  /**
   * The weights.
   *
   * @param allowMissing names whose missing tensors are drawn anew, e.g. {@code classifier}
   * @throws WeightsException naming what is missing, unexpected, misshapen or not finite
   */
  Weights weights(List<String> allowMissing) throws WeightsException {
    List<String> wrong = new ArrayList<>();
    boolean fresh = false;
    for (Row row : rows) {
      boolean allowed =
          row.status() == Status.MISSING
              && allowMissing.stream()
                  .anyMatch(name -> row.here().equals(name) || row.here().startsWith(name + "."));
      fresh |= allowed;
      if (!allowed) {
        complaint(row).ifPresent(wrong::add);
      }
    }
    if (!wrong.isEmpty()) {
      throw new WeightsException(
          "%s does not fit the network: %s%s. 'densenet inspect' lists every tensor."
              .formatted(
                  checkpoint.file(),
                  String.join("; ", wrong.subList(0, Math.min(5, wrong.size()))),
                  wrong.size() > 5 ? "; and " + (wrong.size() - 5) + " more" : ""));
    }
    Layout layout = Layout.of(config);
    Weights weights = fresh ? Weights.initialise(config, 1) : new Weights(layout);
    for (Row row : with(Status.OK)) {
      Slot slot = layout.slot(row.here());
      row.tensor().toFloats(0, slot.size(), weights.store(slot), slot.at());
    }
    Tensor tracked = extra("." + TRACKED);
    if (tracked != null && tracked.size() == 1 && tracked.dtype().equals("I64")) {
      weights.batchesTracked(tracked.toLongs()[0]);
    }
    return weights;
  }

  private Optional<String> complaint(Row row) {
    String name = row.here().isEmpty() ? row.there() : row.here();
    return switch (row.status()) {
      case OK, EXTRA -> Optional.empty();
      case MISSING -> Optional.of(name + " is missing");
      case UNEXPECTED -> Optional.of(name + " is unexpected");
      case WRONG_SHAPE ->
          Optional.of(
              "%s has shape %s, expected %s".formatted(name, row.tensor().shape(), row.expected()));
      case WRONG_TYPE ->
          Optional.of(
              "%s is of type %s, expected F32, F16, BF16 or F64"
                  .formatted(name, row.tensor().dtype()));
      case NOT_FINITE -> Optional.of(name + " holds values that are not finite");
    };
  }
}
