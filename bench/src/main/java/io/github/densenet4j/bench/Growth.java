package io.github.densenet4j.bench;

import io.github.densenet4j.kernel.PeakMeter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** How time grows with batch, size and threads, and memory with depth: without cliffs. */
final class Growth implements Work {
  private static final List<Integer> BATCHES = List.of(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64);
  private static final List<Integer> SIZES =
      List.of(96, 112, 128, 160, 192, 224, 256, 288, 320, 384, 448, 512);
  private static final List<Integer> DEPTHS = List.of(40, 64, 100, 160, 250);

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String about() {
    return "densenet121 inference by batch, size and threads; training memory by depth";
  }

  @Override
  public List<Row> measure(Setting setting) throws Exception {
    List<Row> rows = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      int t = threads;
      series(
          rows,
          setting,
          "growth: batch, " + t + " thread" + (t > 1 ? "s" : ""),
          BATCHES,
          n -> new Task(Mode.INFER, "densenet121", 224, n, t));
      series(
          rows,
          setting,
          "growth: size, " + t + " thread" + (t > 1 ? "s" : ""),
          SIZES,
          s -> new Task(Mode.INFER, "densenet121", s, 1, t));
    }
    for (int depth : DEPTHS) {
      rows.add(memory(setting, depth));
    }
    return rows;
  }

  /** Times by an image, which fall or stay as batches grow; GFLOP/s show a cliff at once. */
  private static void series(
      List<Row> rows, Setting setting, String table, List<Integer> values, IntFunction<Task> task)
      throws Exception {
    for (int value : values) {
      Task one = task.apply(value);
      try (OurPeer us = new OurPeer(one, OurPeer.Keep.ALL)) {
        Alternation times = Alternation.of(List.of(us), setting.warmUp() / 4, 2);
        double gflops = one.gflop() * 1e3 / times.median(0);
        double mine = times.median(0) / one.batch();
        rows.add(
            Row.alone(table, one.title(), "ms/image", mine, null)
                .at(gflops, gflops / PeakMeter.gflops(us.engine()), Double.NaN));
      }
    }
  }

  private static Row memory(Setting setting, int depth) throws Exception {
    String arch = "cifar-bc-" + depth + "-12";
    String arguments = "bench --arch " + arch + " --mode train --batch 64 --warmup 0 --runs 1";
    List<String> command = Child.densenet(setting, (arguments + " --json").split(" "));
    double megabytes = Child.json(command).get("peak_bytes").asDouble() * 1e-6;
    String work = arch + " @32 training, batch 64";
    return Row.alone("growth: depth", work, "MB", megabytes, null);
  }
}
