package io.github.densenet4j;

import io.github.densenet4j.kernel.Engine;

/**
 * The first parts of a network, which keep their values: with running statistics, without dropout
 * and without a way back, so that a picture's features are a function of the picture alone and may
 * be kept. They enter a {@link Pass} that was made with {@link PassOptions#behind}.
 *
 * <p>The weights must not change behind its back. Not safe for use by several threads.
 */
public final class FrozenParts {
  private static final Captures NOTHING = new Captures();

  private final Plan plan;
  private final Chain chain;
  private final int together;
  private final Maps last;
  private final int rows;

  private FrozenParts(
      DenseNetConfig config, Weights weights, Engine engine, int count, int h, int w) {
    config.requireSize(h, w);
    // a quarter of what inference alone takes: memory is for the parts that learn
    this.together = Math.ceilDiv(DenseNet.chunk(h, w), 4);
    this.plan = new Plan(config, Layout.of(config), weights, engine, together, false, true);
    this.chain = new Chain(plan, PassOptions.inference(together, h, w), 0, count);
    this.last = chain.features((count - 1) / 2);
    this.rows = chain.rowsBehind(count);
  }

  /**
   * The first parts of a network, for pictures of a size; allocates its memory.
   *
   * @param count how many of {@link Pass#parts(DenseNetConfig)}; at least 1, and not all
   */
  public static FrozenParts of(DenseNet net, int count, int h, int w) {
    FrozenParts parts =
        new FrozenParts(net.config(), net.weights().frozen(), net.engine(), count, h, w);
    parts.plan.memory.allocate();
    return parts;
  }

  /** The bytes that they would take. */
  public static long bytes(DenseNetConfig config, int count, int h, int w, Engine engine) {
    return new FrozenParts(config, null, engine, count, h, w).plan.memory.bytes();
  }

  /** Values of one picture's features behind so many parts, without making them. */
  public static int floats(DenseNetConfig config, int count, int h, int w, Engine engine) {
    return new FrozenParts(config, null, engine, count, h, w).floats();
  }

  /** Values of one picture's features. */
  public int floats() {
    return Math.multiplyExact(rows, last.area());
  }

  /**
   * From pictures to features.
   *
   * @param images (n, C, H, W), normalised
   * @param n at least 0
   * @param features takes (n, C', H', W')
   */
  public void forward(float[] images, int n, float[] features) {
    int in = chain.entry().floats();
    for (int at = 0; at < n; at += together) {
      int count = Math.min(together, n - at);
      chain.forward(images, at * in, count, NOTHING);
      last.copyTo(rows, features, at * floats());
    }
  }
}
