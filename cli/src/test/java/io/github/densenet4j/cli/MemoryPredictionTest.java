package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory that train prints, against what a real process has left after collections. */
class MemoryPredictionTest {
  private static final Pattern PREDICTED = Pattern.compile("memory: ([\\d,]+) MiB for training");
  private static final Pattern MEASURED = Pattern.compile("peak live heap: ([\\d.]+) MiB");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--batch 64 --memory fast --optimiser adamw --ema 0.9 --lr 0.001",
        "--batch 128 --memory low"
      })
  void itIsWithinATenthOfThePeak(String options) throws Exception {
    TrainingProcess training = new TrainingProcess(folder, 256, 28);
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:+UseSerialGC",
                "-XX:ObjectAlignmentInBytes=64",
                "-Xmx2g",
                "-Dpause=50",
                "-cp",
                System.getProperty("java.class.path"),
                PeakHeap.class.getName(),
                "train",
                "--epochs",
                "1",
                "--data",
                training.data().toString(),
                "--out",
                folder.resolve("run").toString()));
    command.addAll(List.of(options.split(" ")));
    Path log = folder.resolve("log");
    Process process = TrainingProcess.start(command, log);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    String text = Files.readString(log);
    assertThat(process.exitValue()).as(text).isZero();
    double predicted = number(PREDICTED, text);
    double measured = number(MEASURED, text);
    assertThat(predicted / measured)
        .as("%s: %.0f MiB predicted, %.1f measured", options, predicted, measured)
        .isBetween(0.9, 1.1);
  }

  private static double number(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    assertThat(matcher.find()).as(text).isTrue();
    return Double.parseDouble(matcher.group(1).replace(",", ""));
  }
}
