package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that end without warning: killed at random moments, or at a full disk. More kills:
 * {@code mvn -pl core,cli -am test -Dtest=KillTest -Dkills=50
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("kills", 5);
  private static final int SIGKILLED = 137;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void data() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    write("train", 96);
    write("t10k", 20);
  }

  private void write(String part, int n) throws IOException {
    ByteBuffer images =
        ByteBuffer.allocate(16 + n * 64).putInt(0x803).putInt(n).putInt(8).putInt(8);
    ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
    for (int i = 0; i < n; i++) {
      labels.put((byte) (i % 2));
      for (int p = 0; p < 64; p++) {
        images.put((byte) ((p / 32 == i % 2 ? 150 : 60) + (i * 31 + p * 17) % 60));
      }
    }
    Files.write(data.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(data.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }

  private List<String> java(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:+UseSerialGC",
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

  private String[] fresh(Path out) {
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
      "20",
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

  private Process start(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  @Test
  void aRunThatIsKilledAtRandomMomentsEndsInTheSameBits() throws Exception {
    Path whole = folder.resolve("whole");
    Path log = folder.resolve("log");
    long begin = System.nanoTime();
    Process undisturbed = start(java(fresh(whole)), log);
    assertThat(undisturbed.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(undisturbed.exitValue()).as(Files.readString(log)).isZero();
    long millis = (System.nanoTime() - begin) / 1_000_000;
    long seed = System.nanoTime();
    System.out.println("KillTest: seed " + seed + ", an undisturbed run takes " + millis + " ms");
    Random random = new Random(seed);
    Path killed = folder.resolve("killed");
    List<String> command = java(fresh(killed));
    int kills = 0;
    while (true) {
      Process process = start(command, log);
      long patience = kills < KILLS ? 300 + (long) (random.nextDouble() * millis * 0.7) : 120_000;
      boolean ended = process.waitFor(patience, TimeUnit.MILLISECONDS);
      if (ended) {
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        if (kills >= KILLS) {
          break;
        }
        delete(killed); // it was done before enough kills: once more from the beginning
      } else {
        assertThat(kills).as("it ends at all").isLessThan(KILLS);
        process.destroyForcibly();
        assertThat(process.waitFor()).isEqualTo(SIGKILLED);
        kills++;
        System.out.println(
            "KillTest: kill %d after %d ms, %s"
                .formatted(kills, patience, Files.exists(killed) ? newest(killed) : "nothing yet"));
      }
      boolean begun = Files.exists(killed) && !newest(killed).isEmpty();
      if (!begun) {
        delete(killed);
      }
      command = begun ? java("--resume", killed.toString()) : java(fresh(killed));
    }
    for (String name : List.of("last.safetensors", "best.safetensors")) {
      assertThat(Files.readAllBytes(killed.resolve(name)))
          .as("%s behind %d kills, seed %d", name, kills, seed)
          .isEqualTo(Files.readAllBytes(whole.resolve(name)));
    }
  }

  private static String newest(Path run) throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return "";
    }
    try (var files = Files.list(checkpoints)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("step-"))
          .sorted()
          .reduce("", (first, second) -> second);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (var files = Files.walk(tree)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** A limit on the size of files refuses bytes as a full disk does. */
  @Test
  void aFullDiskIsSaidBeforeTraining() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "SKIPPED: there is no /bin/bash here");
    Path out = folder.resolve("full");
    Path log = folder.resolve("full.log");
    List<String> limited = new ArrayList<>(List.of("/bin/bash", "-c", "ulimit -f 12; exec \"$@\""));
    limited.add("densenet");
    limited.addAll(java(fresh(out)));
    Process full = start(limited, log);
    assertThat(full.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(full.exitValue()).isEqualTo(1);
    assertThat(Files.readString(log))
        .contains("cannot be written to")
        .contains("--out")
        .doesNotContain("\tat ");
  }
}
