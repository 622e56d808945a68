package io.github.densenet4j.kernel;

import java.util.concurrent.atomic.AtomicBoolean;

/** The warning that a flag is missing: said once in a process, however many engines it makes. */
final class ScalarWarning {
  private static final AtomicBoolean SAID = new AtomicBoolean();

  private ScalarWarning() {}

  static void once(System.Logger log) {
    if (SAID.compareAndSet(false, true)) {
      log.log(
          System.Logger.Level.WARNING,
          "The JVM was started without '--add-modules jdk.incubator.vector': densenet4j computes"
              + " with its scalar kernels, many times slower. Add the flag.");
    }
  }
}
