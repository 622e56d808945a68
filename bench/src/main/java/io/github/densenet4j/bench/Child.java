package io.github.densenet4j.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Programs run as a user runs them: a process each, from its start to its end. */
final class Child {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Child() {}

  /**
   * Runs a command.
   *
   * @return milliseconds of the whole process
   * @throws IOException if it fails
   */
  static double milliseconds(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process = quietly(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    requireSuccess(command, process);
    return (System.nanoTime() - start) * 1e-6;
  }

  /** Runs a command that prints one JSON object. */
  static JsonNode json(List<String> command) throws IOException, InterruptedException {
    Process process = quietly(command).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    requireSuccess(command, process);
    return JSON.readTree(out);
  }

  /** Runs a command that says what it does where this process does. */
  static void run(List<String> command) throws IOException, InterruptedException {
    requireSuccess(command, new ProcessBuilder(command).inheritIO().start());
  }

  /** A main class in a JVM like this one: the same Java, class path and flags. */
  static List<String> java(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The launcher of this source tree with arguments. */
  static List<String> densenet(Setting setting, String... arguments) {
    List<String> command = new ArrayList<>(List.of(setting.root().resolve("densenet").toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The JVM says something about incubator modules each time; it is wanted only if one fails. */
  private static ProcessBuilder quietly(List<String> command) {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
  }

  private static void requireSuccess(List<String> command, Process process)
      throws IOException, InterruptedException {
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(
          "'%s' ended with code %d: run it by itself to see why."
              .formatted(String.join(" ", command), code));
    }
  }
}
