package io.github.densenet4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Real processes that train a small network on a few pictures of two classes. */
final class TrainingProcess {
  private final Path data;

  /** Writes 96 pictures of 8 x 8 pixels into a folder. */
  TrainingProcess(Path folder) throws IOException {
    this(folder, 96, 8);
  }

  /** Writes square pictures into a folder. */
  TrainingProcess(Path folder, int pictures, int side) throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    write("train", pictures, side * side);
    write("t10k", 20, side * side);
  }

  Path data() {
    return data;
  }

  private void write(String part, int n, int pixels) throws IOException {
    int side = (int) Math.sqrt(pixels);
    ByteBuffer images =
        ByteBuffer.allocate(16 + n * pixels).putInt(0x803).putInt(n).putInt(side).putInt(side);
    ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
    for (int i = 0; i < n; i++) {
      labels.put((byte) (i % 2));
      for (int p = 0; p < pixels; p++) {
        images.put((byte) ((p / (pixels / 2) == i % 2 ? 150 : 60) + (i * 31 + p * 17) % 60));
      }
    }
    Files.write(data.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }

  /** The command of a process that writes checkpoints all the time. */
  static List<String> java(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-XX:ObjectAlignmentInBytes=64",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--checkpoint-minutes",
                "0.0002"));
    command.addAll(List.of(args));
    return command;
  }

  /** What begins a run. */
  String[] fresh(Path out, int epochs) {
    return new String[] {
      "--data",
      data.toString(),
      "--blocks",
      "1,1",
      "--growth-rate",
      "4",
      "--init-features",
      "8",
      "--epochs",
      Integer.toString(epochs),
      "--batch",
      "8",
      "--lr",
      "0.02",
      "--drop-rate",
      "0.1",
      "--ema",
      "0.9",
      "--augment",
      "cifar,mixup",
      "--out",
      out.toString()
    };
  }

  /** Starts a process that adds to a log. */
  static Process start(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }
}
