package io.github.densenet4j.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the works are measured with.
 *
 * @param root of the source tree: the launcher and the peers' scripts lie there
 * @param python that has torch, if there is one
 * @param warmUp seconds of our own work before anything is timed: the JVM's compiler needs them
 * @param folder for files that the peers read; emptied at the end
 * @param log says what goes on
 */
record Setting(Path root, Optional<Python> python, double warmUp, Path folder, PrintWriter log) {}
