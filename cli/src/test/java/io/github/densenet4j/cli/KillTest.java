package io.github.densenet4j.cli;

import static io.github.densenet4j.cli.TrainingProcess.java;
import static io.github.densenet4j.cli.TrainingProcess.start;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes that are killed at random moments. More kills: {@code mvn -pl core,cli -am test
 * -Dtest=KillTest -Dkills=50 -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class KillTest {
  private static final int KILLS = Integer.getInteger("kills", 5);
  private static final int SIGKILLED = 137;
  private static final int EPOCHS = 20;

  @TempDir Path folder;
  private TrainingProcess training;

  @BeforeEach
  void data() throws IOException {
    training = new TrainingProcess(folder);
  }

  @Test
  void aRunThatIsKilledAtRandomMomentsEndsInTheSameBits() throws Exception {
    Path whole = folder.resolve("whole");
    Path log = folder.resolve("log");
    long begin = System.nanoTime();
    Process undisturbed = start(java(training.fresh(whole, EPOCHS)), log);
    assertThat(undisturbed.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(undisturbed.exitValue()).as(Files.readString(log)).isZero();
    long millis = (System.nanoTime() - begin) / 1_000_000;
    long seed = System.nanoTime();
    System.out.println("KillTest: seed " + seed + ", an undisturbed run takes " + millis + " ms");
    Random random = new Random(seed);
    Path killed = folder.resolve("killed");
    List<String> command = java(training.fresh(killed, EPOCHS));
    int kills = 0;
    while (true) {
      Process process = start(command, log);
      long patience = kills < KILLS ? 300 + (long) (random.nextDouble() * millis * 0.7) : 120_000;
      boolean ended = process.waitFor(patience, TimeUnit.MILLISECONDS);
      if (!ended) {
        assertThat(kills).as("it ends at all").isLessThan(KILLS);
        process.destroyForcibly();
        ended = process.waitFor() != SIGKILLED; // of itself, as it was about to be killed
      }
      if (ended) {
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        if (kills >= KILLS) {
          break;
        }
        delete(killed); // it was done before enough kills: once more from the beginning
      } else {
        kills++;
        System.out.println(
            "KillTest: kill %d after %d ms, %s"
                .formatted(kills, patience, Files.exists(killed) ? newest(killed) : "nothing yet"));
      }
      boolean begun = Files.exists(killed) && !newest(killed).isEmpty();
      if (!begun) {
        delete(killed);
      }
      command = begun ? java("--resume", killed.toString()) : java(training.fresh(killed, EPOCHS));
    }
    for (String name : List.of("last.safetensors", "best.safetensors")) {
      assertThat(Files.readAllBytes(killed.resolve(name)))
          .as("%s behind %d kills, seed %d", name, kills, seed)
          .isEqualTo(Files.readAllBytes(whole.resolve(name)));
    }
    System.out.println("KillTest: " + kills + " kills, the same bits as undisturbed");
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
}
