package io.github.densenet4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Peers measured run by run in turn, in an order that changes, so that a noisy machine disturbs all
 * alike.
 *
 * @param times milliseconds (peers, rounds); the first peer is us
 */
record Alternation(double[][] times) {
  private static final int LEAST_WARM_UP_RUNS = 2;

  /**
   * Between runs of different peers, so that the threads of the one before have stopped spinning. A
   * short run may then wait for its second processor, which has fallen asleep.
   */
  private static final long REST_MILLIS = 60;

  private static final int FEWEST_ROUNDS = 5;

  /**
   * Measures.
   *
   * @param warmUp seconds of our own runs before; the others, compiled long ago, take a quarter
   * @param seconds of all timed runs, more if fewer than five rounds fit
   */
  static Alternation of(List<? extends Peer> peers, double warmUp, double seconds)
      throws Exception {
    double round = 0;
    for (Peer peer : peers) {
      round += warmUp(peer, peer instanceof OurPeer ? warmUp : warmUp / 4);
    }
    int rounds = (int) Math.clamp(seconds * 1e3 / round, FEWEST_ROUNDS, 100);
    double[][] times = new double[peers.size()][rounds];
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < times.length; i++) {
      order.add(i);
    }
    Random random = new Random(1);
    for (int r = 0; r < rounds; r++) {
      Collections.shuffle(order, random); // nobody always follows who leaves least behind
      for (int i : order) {
        if (times.length > 1) {
          Thread.sleep(REST_MILLIS);
        }
        times[i][r] = peers.get(i).step();
      }
    }
    return new Alternation(times);
  }

  /** Runs for some seconds; returns the milliseconds of the last run. */
  private static double warmUp(Peer peer, double seconds) throws Exception {
    long start = System.nanoTime();
    double last = 0;
    for (int i = 0; i < LEAST_WARM_UP_RUNS || (System.nanoTime() - start) * 1e-9 < seconds; i++) {
      last = peer.step();
    }
    return last;
  }

  /** A peer's median milliseconds. */
  double median(int peer) {
    return median(times[peer]);
  }

  /** The median of the ratios of neighbouring runs, ours by a peer's. */
  double ratio(int peer) {
    double[] ratios = new double[times[0].length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = times[0][r] / times[peer][r];
    }
    return median(ratios);
  }

  /** The fastest run of ours by the fastest of a peer's. */
  double ratioOfFastest(int peer) {
    return Arrays.stream(times[0]).min().orElseThrow()
        / Arrays.stream(times[peer]).min().orElseThrow();
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
