package io.github.densenet4j.cli;

import static io.github.densenet4j.cli.TrainingProcess.java;
import static io.github.densenet4j.cli.TrainingProcess.start;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes whose disk has no room, from the beginning or in the middle of a run. */
class FullDiskTest {
  @TempDir Path folder;
  private TrainingProcess training;

  @BeforeEach
  void data() throws IOException {
    training = new TrainingProcess(folder);
  }

  /** A limit on the size of files refuses bytes as a full disk does. */
  @Test
  void aFullDiskIsSaidBeforeTraining() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "SKIPPED: there is no /bin/bash here");
    Path out = folder.resolve("full");
    Path log = folder.resolve("full.log");
    List<String> limited = new ArrayList<>(List.of("/bin/bash", "-c", "ulimit -f 12; exec \"$@\""));
    limited.add("densenet");
    limited.addAll(java(training.fresh(out, 20)));
    Process full = start(limited, log);
    assertThat(full.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(full.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log))
        .contains("cannot be written to")
        .contains("--out")
        .doesNotContain("\tat ");
  }

  /** A file system in memory of 3 MiB, which somebody else fills while the run writes to it. */
  @Test
  void aDiskThatFillsUpCostsNothingBehindTheLastCheckpoint() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()),
        "SKIPPED: this user may not mount a file system");
    try {
      Path whole = folder.resolve("whole");
      Path log = folder.resolve("log");
      assertThat(start(java(training.fresh(whole, 12)), log).waitFor()).isZero();
      Path out = disk.resolve("run");
      Process process = start(java(training.fresh(out, 12)), log);
      while (checkpoints(out) < 3) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        Thread.sleep(5);
      }
      Path filler = disk.resolve("filler");
      fill(filler);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(1);
      assertThat(Files.readString(log))
          .contains("No space left on device")
          .contains("The run is safe up to its last checkpoint")
          .contains("--resume")
          .doesNotContain("\tat ");
      assertThat(checkpoints(out)).isPositive();
      Files.delete(filler);
      Process resumed = start(java("--resume", out.toString()), log);
      assertThat(resumed.waitFor()).as(Files.readString(log)).isZero();
      assertThat(Files.readString(log)).doesNotContain("is damaged");
      assertThat(Files.readAllBytes(out.resolve("last.safetensors")))
          .isEqualTo(Files.readAllBytes(whole.resolve("last.safetensors")));
    } finally {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException _) {
      return false; // there is no such command here
    }
  }

  private static long checkpoints(Path run) throws IOException {
    Path folder = run.resolve("checkpoints");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("step-")).count();
    }
  }

  /** Takes every byte that is free, and what becomes free a moment later. */
  private static void fill(Path filler) throws InterruptedException {
    for (int size : new int[] {1 << 16, 1 << 12, 1 << 12, 1 << 12}) {
      try (OutputStream out =
          Files.newOutputStream(
              filler,
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND)) {
        while (true) {
          out.write(new byte[size]);
        }
      } catch (IOException _) {
        Thread.sleep(20); // full, for now: old checkpoints are removed meanwhile
      }
    }
  }
}
