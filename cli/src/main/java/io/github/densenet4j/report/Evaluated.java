package io.github.densenet4j.report;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.metrics.Assessment;
import io.github.densenet4j.metrics.Bootstrap;
import io.github.densenet4j.metrics.Collect;
import io.github.densenet4j.metrics.MultiLabelAssessment;
import io.github.densenet4j.metrics.Outputs;
import io.github.densenet4j.metrics.Recalibration;
import io.github.densenet4j.metrics.Thresholds;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model judged on a data set: everything that JSON and the page show.
 *
 * @param model what was judged, with the thresholds that were used
 * @param data on what
 * @param outputs what the network said
 * @param assessment how good that is, one class a picture
 * @param several how good it is, of a network for several classes at once
 * @param recalibration what temperature scaling would bring; empty for a single picture and for
 *     several classes at once
 * @param bootstrap how the intervals were drawn
 * @param imagesPerSecond with reading and resizing
 */
public record Evaluated(
    Model model,
    Dataset data,
    Outputs outputs,
    Assessment assessment,
    Optional<MultiLabelAssessment> several,
    Optional<Recalibration> recalibration,
    Bootstrap bootstrap,
    double imagesPerSecond) {

  /** How pictures are shown to the network. */
  public enum Views {
    /** Once. */
    ONE,
    /** Ten cuts of each, whose logits are averaged. */
    TEN_CROP
  }

  /**
   * Pictures and what a network said of them.
   *
   * @param data the pictures, with their classes
   * @param outputs of each
   */
  private record Asked(Dataset data, Outputs outputs) {
    boolean[] present() {
      boolean[] present = new boolean[Math.multiplyExact(data.size(), outputs.classes())];
      for (int i = 0; i < data.size(); i++) {
        for (int label : data.labels(i)) {
          present[i * outputs.classes() + label] = true;
        }
      }
      return present;
    }

    double[] probabilities(Model model) {
      return IntStream.range(0, outputs.size())
          .mapToObj(i -> model.output().probabilities(outputs.logitsOf(i)))
          .flatMapToDouble(Arrays::stream)
          .toArray();
    }
  }

  /**
   * Asks a network, and judges it.
   *
   * @param validation on which temperature or thresholds are chosen; without it the temperature is
   *     fitted on one half of the pictures and judged on the other, and thresholds stay
   */
  public static Evaluated of(DenseNet net, Dataset data, Views views, Optional<Dataset> validation)
      throws IOException {
    long start = System.nanoTime();
    Asked asked = new Asked(data, collect(net, data, views));
    double seconds = (System.nanoTime() - start) * 1e-9;
    Optional<Asked> held = Optional.empty();
    if (validation.isPresent()) {
      held = Optional.of(new Asked(validation.get(), collect(net, validation.get(), views)));
    }
    return of(net.model(), asked, held, data.size() / seconds);
  }

  /**
   * Judges what a network said already.
   *
   * @param outputs of each picture of the data
   * @param imagesPerSecond how fast it said so
   */
  static Evaluated of(Model model, Dataset data, Outputs outputs, double imagesPerSecond) {
    return of(model, new Asked(data, outputs), Optional.empty(), imagesPerSecond);
  }

  private static Evaluated of(
      Model model, Asked asked, Optional<Asked> held, double imagesPerSecond) {
    Bootstrap bootstrap = Bootstrap.usual();
    Outputs outputs = asked.outputs;
    Model judged = model;
    Optional<MultiLabelAssessment> several = Optional.empty();
    Optional<Recalibration> recalibration = Optional.empty();
    if (model.output().isMultiLabel()) {
      double[] thresholds =
          held.map(v -> Thresholds.bestF1(v.probabilities(model), v.present(), outputs.classes()))
              .orElseGet(() -> thresholds(model));
      several =
          Optional.of(
              MultiLabelAssessment.of(
                  asked.probabilities(model), asked.present(), thresholds, bootstrap));
      judged = Recalibrated.withThresholds(model, thresholds);
    } else if (held.isPresent()) {
      recalibration = Optional.of(Recalibration.of(outputs, held.get().outputs));
    } else if (outputs.size() > 1) {
      recalibration = Optional.of(Recalibration.crossFitted(outputs));
    }
    return new Evaluated(
        judged,
        asked.data,
        outputs,
        Assessment.of(outputs, bootstrap),
        several,
        recalibration,
        bootstrap,
        imagesPerSecond);
  }

  private static Outputs collect(DenseNet net, Dataset data, Views views) throws IOException {
    return switch (views) {
      case ONE -> Collect.outputs(net, data);
      case TEN_CROP -> Collect.tenCrop(net, data);
    };
  }

  /** What the model's file says, or one half. */
  private static double[] thresholds(Model model) {
    double[] out = new double[model.config().classes()];
    boolean own = model.output().kind() == OutputTransform.Kind.SIGMOID;
    List<Double> given = own ? model.output().thresholds() : List.of();
    Arrays.setAll(out, c -> given.isEmpty() ? 0.5 : given.get(c));
    return out;
  }

  /** The names of the classes. */
  public List<String> classNames() {
    return IntStream.range(0, outputs.classes())
        .mapToObj(
            c ->
                model.classNames().isEmpty() && c < data.classNames().size()
                    ? data.classNames().get(c)
                    : model.label(c))
        .toList();
  }
}
