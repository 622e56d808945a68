package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.FrozenParts;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Randomness.Purpose;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;
import java.util.List;

/** The steps of a run: forward, loss and backward a micro-batch, then clip, update, average. */
final class TrainingStep {
  private final DenseNet net;
  private final Dataset data;
  private final Recipe recipe;
  private final Loss measure;
  private final Pass pass;
  private FrozenParts frozen; // null if the first part learns, or the loader brings features
  private float[] features; // what they make of a batch
  private final List<ParameterGroup> groups;
  private final RunState.Parts parts;
  private final Sampler sampler;
  private final float[] dlogits;
  private final float[] targets;
  private final long[] keys; // null without dropout
  private int[] order;

  TrainingStep(DenseNet net, Dataset data, Recipe recipe, Loss measure, PassOptions options) {
    this.net = net;
    this.data = data;
    this.recipe = recipe;
    this.measure = measure;
    List<String> names = Pass.parts(net.config());
    recipe.freeze().requireIn(names);
    recipe.rates().keySet().forEach(range -> range.requireIn(names));
    this.groups =
        ParameterGroup.of(net.weights().layout(), recipe::rate, recipe.decayVectors() ? 1 : 0);
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("freeze is " + recipe.freeze() + ": nothing would learn.");
    }
    this.pass = net.pass(options);
    InputTransform input = net.model().input();
    this.frozen =
        options.first() == 0
            ? null
            : FrozenParts.of(net, options.first(), input.height(), input.width());
    this.features =
        frozen == null ? null : new float[Math.multiplyExact(options.images(), frozen.floats())];
    for (String part : pass.parts()) {
      boolean frozen = recipe.freeze().contains(part);
      pass.freeze(part, frozen);
      pass.useBatchStatistics(part, !frozen && !recipe.freezeStatistics());
    }
    this.parts =
        new RunState.Parts(
            net.weights(),
            optimiser(),
            recipe.ema() > 0 ? new Average(net.weights(), recipe.ema()) : null);
    this.sampler = new Sampler(data, recipe);
    int classes = net.config().classes();
    this.dlogits = new float[options.images() * classes];
    this.targets = new float[classes];
    this.keys = net.config().dropRate() > 0 ? new long[options.images()] : null;
  }

  private Optimiser optimiser() {
    return switch (recipe.optimiser()) {
      case SGD ->
          new Sgd(
              net.weights(),
              net.engine().team(),
              recipe.momentum(),
              recipe.weightDecay(),
              recipe.nesterov(),
              groups);
      case ADAMW ->
          new AdamW(
              net.weights(),
              net.engine().team(),
              recipe.momentum(),
              recipe.beta2(),
              recipe.weightDecay(),
              groups);
    };
  }

  RunState.Parts parts() {
    return parts;
  }

  /** The loss that validation is judged by: without smoothing and weights. */
  Loss plainMeasure() {
    return Loss.usual(measure instanceof BinaryLoss);
  }

  /** How pictures are prepared. */
  InputTransform input() {
    return net.model().input();
  }

  private int batch() {
    return Math.min(recipe.batch(), data.size());
  }

  private int together() {
    return Math.min(recipe.together(), data.size());
  }

  /** Steps of an epoch. */
  int steps() {
    return (data.size() + batch() - 1) / batch();
  }

  /** The way through an epoch's pictures from one of its steps on. */
  Loader.Walk walk(int epoch, int step) {
    order = sampler.order(epoch);
    int first = (int) ((long) step * batch() / together());
    return new Loader.Walk(
        order,
        i -> Randomness.key(recipe.seed(), epoch, i, Purpose.AUGMENTATION),
        together(),
        first,
        recipe
            .augment()
            .change(Randomness.key(recipe.seed(), epoch, 0, Purpose.MIXTURE), net.model().input()));
  }

  /** One step, which moves the state on. */
  void run(RunState state, Loader loader) throws IOException {
    int classes = net.config().classes();
    int first = state.step * batch();
    int n = Math.min(batch(), data.size() - first);
    double total = weight(first, n);
    double rate = rate(state, state.step);
    pass.beginStep();
    double loss = 0;
    for (int seen = 0; seen < n; ) {
      Batch b = loader.next();
      dropoutKeys(state.epoch, b);
      float[] logits = pass.forward(entering(b), b.n, keys);
      loss += measure.sum(logits, b.targets, b.n, classes, total, dlogits);
      requireFinite(loss, state, rate);
      pass.backward(dlogits);
      state.hits += b.hits(logits, 1);
      seen += b.n;
    }
    pass.endStep();
    if (recipe.clip() > 0) {
      GradientClip.apply(pass.gradients(), groups, recipe.clip());
    }
    parts.optimiser().step(pass.gradients(), rate);
    if (parts.average() != null) {
      parts.average().follow(net.weights());
    }
    state.loss += loss / total * n;
    state.done += n;
    state.step++;
  }

  private float[] entering(Batch b) {
    if (frozen == null) {
      return b.images;
    }
    frozen.forward(b.images, b.n, features);
    return features;
  }

  /** The first parts, if they keep their values, else null. */
  FrozenParts frozen() {
    return frozen;
  }

  /** From now on batches bring what the frozen parts made of pictures. */
  void featuresCome() {
    frozen = null;
    features = null;
  }

  private void dropoutKeys(int epoch, Batch b) {
    for (int i = 0; keys != null && i < b.n; i++) {
      keys[i] = Randomness.key(recipe.seed(), epoch, order[b.first + i], Purpose.DROPOUT);
    }
  }

  /** What a step's mean is taken over; mixing within a batch does not change it. */
  private double weight(int first, int n) {
    double total = 0;
    for (int i = first; i < first + n; i++) {
      java.util.Arrays.fill(targets, 0);
      for (int label : data.labels(order[i])) {
        targets[label] = 1;
      }
      total += measure.weight(targets, 1, targets.length);
    }
    return total;
  }

  /** The learning rate of a step of the present epoch. */
  double rate(RunState state, int step) {
    return recipe.learningRate() * recipe.factor(state.epoch, step, steps(), state.losses());
  }

  private static void requireFinite(double loss, RunState state, double rate) {
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "The loss is %s in epoch %d, step %d, at learning rate %s: training diverged. Try a smaller --lr, or look for broken pictures."
              .formatted(loss, state.epoch + 1, state.step + 1, rate));
    }
  }
}
