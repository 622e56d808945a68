package io.github.densenet4j.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A Python, by its command. */
record Python(String command) {
  /** Whether it starts and has a module. */
  boolean has(String module) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command, "-c", "import " + module)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // there is no such command
    }
  }

  /** A script of {@code bench/}, with arguments. */
  List<String> script(Path root, String name, List<String> arguments) {
    List<String> all = new java.util.ArrayList<>(List.of(command));
    all.add(root.resolve("bench").resolve(name).toString());
    all.addAll(arguments);
    return all;
  }
}
