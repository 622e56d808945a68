package io.github.densenet4j.kernel;

import java.util.Objects;

/**
 * What computes: the kernels and the threads, chosen once and passed on.
 *
 * @param kernels the arithmetic
 * @param team the threads
 */
public record Engine(Kernels kernels, Team team) {
  /** Checks both. */
  public Engine {
    Objects.requireNonNull(kernels, "kernels");
    Objects.requireNonNull(team, "team");
  }

  /** The best kernels of this machine on all its processors. */
  public static Engine create() {
    return create(0);
  }

  /**
   * The best kernels of this machine on some threads.
   *
   * @param threads 1 to 1024, or 0 for all processors
   */
  public static Engine create(int threads) {
    return new Engine(Kernels.best(), new Team(threads));
  }

  /**
   * As {@link #create(int)}, for a try statement at whose end the threads end too.
   *
   * @param threads 1 to 1024, or 0 for all processors
   */
  public static Resources open(int threads) {
    return new Resources(create(threads));
  }

  /**
   * As {@link #open(int)}, with kernels of the caller's choice.
   *
   * @param threads 1 to 1024, or 0 for all processors
   */
  public static Resources open(Kernels kernels, int threads) {
    return new Resources(new Engine(kernels, new Team(threads)));
  }

  /**
   * An engine that is closed.
   *
   * @param engine until then
   */
  public record Resources(Engine engine) implements AutoCloseable {
    @Override
    public void close() {
      engine.team().close();
    }
  }
}
