package io.github.densenet4j.bench;

/**
 * A line of the result: a work of ours beside one peer's. What does not apply is NaN or null.
 *
 * @param table the name of the work, under which rows are printed together
 * @param work what was done
 * @param unit of both numbers: {@code ms} of a whole batch or process, {@code MB} of 10^6 bytes
 * @param ours our median
 * @param peer who else did it, with a version
 * @param theirs the peer's median
 * @param ratio median of the ratios of neighbouring runs, ours by theirs
 * @param best the ratio of the fastest runs, those that nothing else disturbed
 * @param goal for the ratio or our number
 * @param gflops ours, in billions of the plain sum's operations a second
 * @param peak share of the fused multiply-add peak that was measured in the same run
 * @param difference of the results: the largest one by the largest result
 */
record Row(
    String table,
    String work,
    String unit,
    double ours,
    String peer,
    double theirs,
    double ratio,
    double best,
    Goal goal,
    double gflops,
    double peak,
    double difference) {
  private static final double NONE = Double.NaN;

  /** Two numbers, each measured once. */
  static Row of(
      String table, String work, String unit, double ours, String peer, double theirs, Goal goal) {
    double ratio = ours / theirs;
    return new Row(table, work, unit, ours, peer, theirs, ratio, NONE, goal, NONE, NONE, NONE);
  }

  /** Our time beside that of a peer, which is the i-th in an alternation. */
  static Row timed(String table, String work, Alternation times, int i, String peer, Goal goal) {
    return new Row(
        table,
        work,
        "ms",
        times.median(0),
        peer,
        times.median(i),
        times.ratio(i),
        times.ratioOfFastest(i),
        goal,
        NONE,
        NONE,
        NONE);
  }

  /** Our number alone. */
  static Row alone(String table, String work, String unit, double ours, Goal goal) {
    return new Row(table, work, unit, ours, null, NONE, NONE, NONE, goal, NONE, NONE, NONE);
  }

  /** The same with the speed of its arithmetic. */
  Row at(double gflops, double peak, double difference) {
    return new Row(
        table, work, unit, ours, peer, theirs, ratio, best, goal, gflops, peak, difference);
  }
}
