package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Pass;
import io.github.densenet4j.PassOptions;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Summary;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.PeakMeter;
import io.github.densenet4j.train.CrossEntropy;
import io.github.densenet4j.train.Sgd;
import io.github.densenet4j.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code densenet bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure how fast a network runs here, with random weights and pictures.",
      "A training step is forward, loss, backward and a Nesterov update with weight decay."
    },
    footer = {
      "",
      "Example:",
      "  densenet bench --arch densenet121 --mode infer --batch 1 --threads 2 --json"
    })
final class BenchCommand implements Callable<Integer> {
  enum Mode {
    INFER,
    TRAIN
  }

  @Spec private CommandSpec spec;
  @Mixin private NetworkOptions network;

  @Option(
      names = "--mode",
      defaultValue = "infer",
      description = "infer or train. Default: ${DEFAULT-VALUE}.")
  private Mode mode;

  @Option(
      names = "--batch",
      defaultValue = "1",
      description = "Pictures at once. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--threads",
      defaultValue = "0",
      description = "0: all processors. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--runs",
      defaultValue = "0",
      description = "Timed runs. Default: 30 for infer, 8 for train.")
  private int runs;

  @Option(
      names = "--warmup",
      paramLabel = "SECONDS",
      defaultValue = "8",
      description = "The compiler needs some seconds of work first. Default: ${DEFAULT-VALUE}.")
  private double warmup;

  @Option(
      names = "--json",
      description =
          "Print JSON: median_ms, best_ms (of a whole batch), images_per_s, gflops, peak_fraction,"
              + " peak_bytes.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    DenseNetConfig config = network.config(DenseNetConfig.densenet121());
    int[] size = network.size(config.usualSize(), config.usualSize());
    NetworkOptions.requireSize(config, size);
    if (batch < 1 || runs < 0 || !(warmup >= 0)) {
      throw new UsageException("--batch must be at least 1, --runs and --warmup at least 0.");
    }
    int timed = runs > 0 ? runs : mode == Mode.INFER ? 30 : 8;
    try (Engine.Resources engine = Engine.open(threads)) {
      if (mode == Mode.TRAIN) {
        Trainer.requireMemory(
            Trainer.bytes(
                config,
                InputTransform.plain(config.channels(), size[0], size[1]),
                batch,
                network.memoryEfficient,
                engine.engine()));
      }
      DenseNet net = new DenseNet(config, Weights.initialise(config, 1), engine.engine());
      Runnable step = mode == Mode.INFER ? inference(net, size) : training(net, size);
      double[] milliseconds = measure(step, timed);
      double peak = PeakMeter.gflops(engine.engine());
      report(config, size, milliseconds, peak, engine.engine());
    }
    return 0;
  }

  private float[] pictures(DenseNetConfig config, int[] size) {
    long floats = (long) batch * config.channels() * size[0] * size[1];
    if (floats > Integer.MAX_VALUE - 64) {
      throw new UsageException(
          "A batch of "
              + batch
              + " pictures of this size is too large for one array: use a smaller --batch.");
    }
    float[] images = new float[(int) floats];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) Randomness.gaussian(1, i);
    }
    return images;
  }

  private Runnable inference(DenseNet net, int[] size) {
    float[] images = pictures(net.config(), size);
    float[] logits = new float[batch * net.config().classes()];
    return () -> net.logits(images, batch, size[0], size[1], logits);
  }

  private Runnable training(DenseNet net, int[] size) {
    float[] images = pictures(net.config(), size);
    int classes = net.config().classes();
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = (int) Long.remainderUnsigned(Randomness.bits(2, i), classes);
    }
    float[] dlogits = new float[batch * classes];
    PassOptions options = PassOptions.training(batch, size[0], size[1]);
    Pass pass =
        net.pass(
            network.memoryEfficient ? Pass.sparing(net.config(), options, net.engine()) : options);
    Sgd optimiser = new Sgd(net.weights(), net.engine().team(), 0.9, 1e-4, true);
    return () -> {
      pass.beginStep();
      float[] logits = pass.forward(images, batch, null);
      CrossEntropy.loss(logits, labels, batch, classes, batch, dlogits);
      pass.backward(dlogits);
      pass.endStep();
      optimiser.step(pass.gradients(), 0.01);
    };
  }

  private double[] measure(Runnable step, int timed) {
    long start = System.nanoTime();
    int warm = 0;
    while (warm < 3 || (System.nanoTime() - start) * 1e-9 < warmup) {
      step.run();
      warm++;
    }
    double[] milliseconds = new double[timed];
    for (int i = 0; i < timed; i++) {
      long before = System.nanoTime();
      step.run();
      milliseconds[i] = (System.nanoTime() - before) * 1e-6;
    }
    Arrays.sort(milliseconds);
    return milliseconds;
  }

  private void report(
      DenseNetConfig config, int[] size, double[] milliseconds, double peak, Engine engine)
      throws IOException {
    double median = milliseconds[milliseconds.length / 2];
    double macs =
        (double) Summary.of(config, size[0], size[1]).macs() * batch * (mode == Mode.TRAIN ? 3 : 1);
    double gflops = 2 * macs / (median * 1e6);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("arch", network.arch == null && !network.given() ? "densenet121" : network.name());
    fields.put("mode", mode.name().toLowerCase(java.util.Locale.ROOT));
    fields.put("batch", batch);
    fields.put("threads", engine.team().threads());
    fields.put("kernels", engine.kernels().description());
    fields.put("median_ms", Output.round(median, 3));
    fields.put("best_ms", Output.round(milliseconds[0], 3));
    fields.put("images_per_s", Output.round(1e3 * batch / median, 2));
    fields.put("gflops", Output.round(gflops, 1));
    fields.put("peak_fraction", Output.round(gflops / peak, 3));
    fields.put("peak_bytes", peakBytes());
    if (json) {
      Output.json(spec.commandLine().getOut(), fields);
    } else {
      fields.forEach(
          (name, value) -> spec.commandLine().getOut().printf("%-14s %s%n", name, value));
    }
  }

  /** The process's largest resident memory; where the system does not say, what the JVM holds. */
  private static long peakBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    }
    return Runtime.getRuntime().totalMemory();
  }
}
