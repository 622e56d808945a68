package io.github.densenet4j.bench;

/**
 * What is to be reached.
 *
 * @param must at most this
 * @param aim wanted: at most this
 * @param of what is compared with it
 */
record Goal(double must, double aim, Of of) {
  /** What is compared with a goal. */
  enum Of {
    /** Our number by the peer's. */
    RATIO,
    /** Our number alone. */
    OURS
  }

  static Goal ratio(double must, double aim) {
    return new Goal(must, aim, Of.RATIO);
  }

  static Goal ours(double must, double aim) {
    return new Goal(must, aim, Of.OURS);
  }

  /** {@code aim}, {@code must} or {@code missed}. */
  String reachedBy(Row row) {
    double value = of == Of.RATIO ? row.ratio() : row.ours();
    return value <= aim ? "aim" : value <= must ? "must" : "missed";
  }
}
