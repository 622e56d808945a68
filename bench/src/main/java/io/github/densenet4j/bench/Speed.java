package io.github.densenet4j.bench;

import io.github.densenet4j.kernel.PeakMeter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The time of a task, beside the peers.
 *
 * @param name on the command line
 * @param task what is computed
 * @param opponents the peers, each with a goal or null
 */
record Speed(String name, Task task, List<Opponent> opponents) implements Work {
  /** Largest difference of results, as a part of the largest one. */
  private static final double AGREEMENT = 1e-3;

  private static final double SECONDS = 30;

  /** Who else. */
  enum Kind {
    /** In this process. */
    ONNX_RUNTIME,
    /** Channels-last float32. */
    TORCH,
    /** Channels-last with autocast to bfloat16, whose results are not those of float32. */
    TORCH_BF16
  }

  /** A peer and what is to be reached beside it. */
  record Opponent(Kind kind, Goal goal) {}

  @Override
  public String about() {
    return task.title();
  }

  @Override
  public List<Row> measure(Setting setting) throws Exception {
    List<Opponent> present = new ArrayList<>();
    List<Peer> peers = new ArrayList<>();
    OurPeer us = new OurPeer(task, OurPeer.Keep.ALL);
    peers.add(us);
    try {
      for (Opponent opponent : opponents) {
        if (opponent.kind() == Kind.ONNX_RUNTIME || setting.python().isPresent()) {
          present.add(opponent);
          peers.add(open(opponent.kind(), setting));
        }
      }
      return rows(us, present, peers, setting);
    } finally {
      for (Peer peer : peers) {
        peer.close();
      }
    }
  }

  private Peer open(Kind kind, Setting setting) throws Exception {
    return switch (kind) {
      case ONNX_RUNTIME -> new OnnxPeer(task, setting.folder());
      case TORCH -> new TorchPeer(task, setting, List.of());
      case TORCH_BF16 -> new TorchPeer(task, setting, List.of("--bf16"));
    };
  }

  private List<Row> rows(OurPeer us, List<Opponent> present, List<Peer> peers, Setting setting)
      throws Exception {
    float[] ours = us.result();
    double[] differences = new double[peers.size()];
    for (int i = 1; i < differences.length; i++) {
      differences[i] = difference(ours, peers.get(i).result());
      boolean sameNumbers = present.get(i - 1).kind() != Kind.TORCH_BF16;
      if (sameNumbers && !(differences[i] <= AGREEMENT)) {
        throw new IOException(
            "%s: the results of %s differ from ours by %.1e of the largest, at most %.0e is"
                + " expected: nothing is compared."
                    .formatted(task.title(), peers.get(i).name(), differences[i], AGREEMENT));
      }
    }
    Alternation times = Alternation.of(peers, setting.warmUp(), SECONDS);
    double gflops = task.gflop() * 1e3 / times.median(0);
    double peak = gflops / PeakMeter.gflops(us.engine());
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < peers.size(); i++) {
      Opponent opponent = present.get(i - 1);
      rows.add(
          Row.timed(name, task.title(), times, i, peers.get(i).name(), opponent.goal())
              .at(gflops, peak, differences[i]));
    }
    if (rows.isEmpty()) {
      rows.add(
          Row.alone(name, task.title(), "ms", times.median(0), null).at(gflops, peak, Double.NaN));
    }
    return rows;
  }

  private static double difference(float[] ours, float[] theirs) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    return ours.length == theirs.length ? difference / largest : Double.NaN;
  }
}
