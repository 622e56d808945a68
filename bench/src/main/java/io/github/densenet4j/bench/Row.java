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
    Goal goal,
    double gflops,
    double peak,
    double difference) {

  /** A row without arithmetic to count or results to compare. */
  static Row of(
      String table,
      String work,
      String unit,
      double ours,
      String peer,
      double theirs,
      double ratio,
      Goal goal) {
    return new Row(
        table, work, unit, ours, peer, theirs, ratio, goal, Double.NaN, Double.NaN, Double.NaN);
  }

  /** Our number alone. */
  static Row alone(String table, String work, String unit, double ours, Goal goal) {
    return of(table, work, unit, ours, null, Double.NaN, Double.NaN, goal);
  }
}
