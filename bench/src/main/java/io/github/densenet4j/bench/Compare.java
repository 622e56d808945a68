package io.github.densenet4j.bench;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Summary;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.PeakMeter;
import io.github.densenet4j.weights.Export;
import io.github.densenet4j.weights.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Inference side by side with ONNX Runtime: the same weights (exported by this library), the same
 * pictures, the same number of threads, one run of each in turn, so that a noisy machine disturbs
 * both alike. Outputs are compared before anything is timed.
 *
 * <p>{@code Compare PREFIX} writes PREFIX.md, PREFIX.json and PREFIX.png.
 */
public final class Compare {
  /** Largest difference of logits, as a part of the largest logit. */
  private static final double AGREEMENT = 1e-3;

  private static final double WARM_UP_SECONDS = 8;

  private Compare() {}

  /** A work to measure. */
  private record Work(String arch, int size, int batch, int threads, int rounds) {}

  /**
   * What was measured.
   *
   * @param ours median milliseconds of a batch
   * @param theirs ONNX Runtime's
   * @param ratio median of the ratios of neighbouring runs, ours by theirs
   * @param gflops ours
   * @param peakFraction of the fused multiply-add peak measured in the same run
   * @param difference largest difference of the logits by the largest logit
   */
  record Result(
      String work,
      double ours,
      double theirs,
      double ratio,
      double gflops,
      double peakFraction,
      double difference) {}

  /** Measures all works and writes the report. */
  public static void main(String[] arguments) throws Exception {
    Path prefix = Path.of(arguments.length > 0 ? arguments[0] : "compare");
    int processors = Runtime.getRuntime().availableProcessors();
    List<Work> works =
        List.of(
            new Work("densenet121", 224, 1, processors, 60),
            new Work("densenet121", 224, 1, 1, 40),
            new Work("densenet121", 224, 16, processors, 12),
            new Work("densenet161", 224, 1, processors, 30),
            new Work("densenet201", 224, 1, processors, 40),
            new Work("cifar-bc-100-12", 32, 16, processors, 40),
            new Work("d2l", 96, 16, processors, 40));
    List<Result> results = new ArrayList<>();
    for (Work work : works) {
      Result result = measure(work);
      results.add(result);
      System.out.printf(
          "%-46s %8.2f ms, ONNX Runtime %8.2f ms, ratio %.2f, %.0f GFLOP/s, %.2f of the peak%n",
          result.work(),
          result.ours(),
          result.theirs(),
          result.ratio(),
          result.gflops(),
          result.peakFraction());
    }
    Report.write(prefix, results);
  }

  private static Model model(Work work) {
    DenseNetConfig config = DenseNetConfig.named(work.arch());
    Weights weights = Weights.initialise(config, 1);
    float[] statistics = weights.statistics();
    for (int i = 0; i < statistics.length; i++) {
      statistics[i] += 0.5f * Randomness.uniform(2, i);
    }
    InputTransform input = InputTransform.plain(config.channels(), work.size(), work.size());
    return new Model(config, weights, List.of(), input);
  }

  private static Result measure(Work work) throws Exception {
    Model model = model(work);
    DenseNetConfig config = model.config();
    float[] images = new float[work.batch() * config.channels() * work.size() * work.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Randomness.gaussian(3, i);
    }
    float[] logits = new float[work.batch() * config.classes()];
    Path file = Files.createTempFile("compare", ".onnx");
    try (Engine.Resources engine = Engine.open(work.threads())) {
      Export.toOnnx(file, model, false, false);
      DenseNet net = new DenseNet(model, engine.engine());
      long[] shape = {work.batch(), config.channels(), work.size(), work.size()};
      try (OnnxPeer peer = new OnnxPeer(file, images, shape, work.threads())) {
        Runnable ours = () -> net.logits(images, work.batch(), work.size(), work.size(), logits);
        ours.run();
        double difference = difference(logits, peer.run());
        double[][] times = alternate(work.rounds(), ours, peer::run);
        double median = median(times[0]);
        double flops = 2.0 * work.batch() * Summary.of(config, work.size(), work.size()).macs();
        double gflops = flops / (median * 1e6);
        return new Result(
            "%s @%d, batch %d, %d thread%s"
                .formatted(
                    work.arch(),
                    work.size(),
                    work.batch(),
                    work.threads(),
                    work.threads() == 1 ? "" : "s"),
            median,
            median(times[1]),
            median(times[2]),
            gflops,
            gflops / PeakMeter.gflops(engine.engine()),
            difference);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static double difference(float[] ours, float[] theirs) throws IOException {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    if (!(difference <= AGREEMENT * largest)) {
      throw new IOException(
          "The logits differ by %g where the largest is %g: nothing is compared."
              .formatted(difference, largest));
    }
    return difference / largest;
  }

  /** Milliseconds of both, run by run in turn, and their ratios. */
  private static double[][] alternate(int rounds, Runnable ours, Runnable theirs) {
    long start = System.nanoTime();
    while ((System.nanoTime() - start) * 1e-9 < WARM_UP_SECONDS) {
      ours.run();
      theirs.run();
    }
    double[][] times = new double[3][rounds];
    for (int i = 0; i < rounds; i++) {
      times[0][i] = milliseconds(ours);
      times[1][i] = milliseconds(theirs);
      times[2][i] = times[0][i] / times[1][i];
    }
    return times;
  }

  private static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) * 1e-6;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
