package io.github.densenet4j.train;

/** How the learning rate changes over a run. */
public enum Schedule {
  /** Divided by 10 at 50 % and again at 75 % of the epochs (paper, section 4.2). */
  STEP {
    @Override
    double factor(double progress) {
      return progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01;
    }
  },
  /** Half a cosine from the full rate to zero, step by step (Loshchilov and Hutter, 2017). */
  COSINE {
    @Override
    double factor(double progress) {
      return 0.5 * (1 + Math.cos(Math.PI * progress));
    }
  },
  /** Always the same. */
  CONSTANT {
    @Override
    double factor(double progress) {
      return 1;
    }
  };

  /** The factor at a part of the run in [0, 1). */
  abstract double factor(double progress);

  /**
   * The factor of the learning rate.
   *
   * @param epoch from 0
   * @param step of the epoch, from 0
   * @param steps of an epoch
   * @param epochs of the run
   */
  public double factor(int epoch, int step, int steps, int epochs) {
    return this == STEP
        ? factor((double) epoch / epochs)
        : factor((epoch + (double) step / steps) / epochs);
  }
}
