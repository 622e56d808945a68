package io.github.densenet4j.bench;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The largest resident memory of training densenet121, each in a process of its own, and the time
 * that recomputing the bottlenecks costs.
 */
final class ResidentMemory implements Work {
  private static final Task TASK = new Task(Mode.TRAIN, "densenet121", 224, 16, 2);
  private static final double SECONDS = 20;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String about() {
    return "resident memory of " + TASK.title() + ", with and without recomputation";
  }

  @Override
  public List<Row> measure(Setting setting) throws Exception {
    List<Row> rows = new ArrayList<>();
    rows.add(
        row(setting, TASK.title(), Goal.ours(1000, 700), List.of("--channels-last"), List.of()));
    rows.add(
        row(
            setting,
            TASK.title() + ", bottlenecks recomputed",
            Goal.ours(600, 400),
            List.of("--channels-last", "--memory-efficient"),
            List.of("--memory-efficient")));
    rows.add(timeOfRecomputing(setting));
    return rows;
  }

  private Row row(Setting setting, String title, Goal goal, List<String> torch, List<String> ours)
      throws Exception {
    double mine = megabytesOfOurs(setting, ours);
    if (setting.python().isEmpty()) {
      return Row.alone(name(), title, "MB", mine, goal);
    }
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(arguments());
    arguments.addAll(List.of("--runs", "3"));
    arguments.addAll(torch);
    JsonNode peer =
        Child.json(setting.python().get().script(setting.root(), "torch_densenet.py", arguments));
    double theirs = peer.get("peak_rss_mib").asDouble() * (1 << 20) * 1e-6;
    String name = peer.get("peer").asString().replace("torch ", "PyTorch ");
    return Row.of(name(), title, "MB", mine, name, theirs, goal);
  }

  private static double megabytesOfOurs(Setting setting, List<String> options) throws Exception {
    List<String> command = Child.densenet(setting, "bench", "--mode", "train", "--json");
    command.addAll(arguments());
    command.addAll(List.of("--warmup", "5", "--runs", "3"));
    command.addAll(options);
    return Child.json(command).get("peak_bytes").asDouble() * 1e-6;
  }

  private static List<String> arguments() {
    String text =
        "--arch %s --size %d --batch %d --threads %d"
            .formatted(TASK.arch(), TASK.size(), TASK.batch(), TASK.threads());
    return List.of(text.split(" "));
  }

  private Row timeOfRecomputing(Setting setting) throws Exception {
    try (OurPeer less = new OurPeer(TASK, OurPeer.Keep.LITTLE);
        OurPeer all = new OurPeer(TASK, OurPeer.Keep.ALL)) {
      Alternation times = Alternation.of(List.of(less, all), setting.warmUp(), SECONDS);
      String title = TASK.title() + ", time of recomputing";
      String kept = "densenet4j, everything kept";
      return Row.timed(name(), title, times, 1, kept, Goal.ratio(1.2, 1.15));
    }
  }
}
