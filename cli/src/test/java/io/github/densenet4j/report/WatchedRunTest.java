package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --watch} as a process of its own, with a browser that comes and goes. */
class WatchedRunTest {
  private static final Pattern ADDRESS = Pattern.compile("watch: (http://\\S+)");

  @TempDir Path folder;
  private Process process;

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Two classes that differ a little, so that some pictures are named wrongly. */
  private void write(String part, int n) throws IOException {
    ByteBuffer images =
        ByteBuffer.allocate(16 + n * 64).putInt(0x803).putInt(n).putInt(8).putInt(8);
    ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
    for (int i = 0; i < n; i++) {
      labels.put((byte) (i % 2));
      for (int p = 0; p < 64; p++) {
        images.put((byte) ((p / 32 == i % 2 ? 64 : 60) + (i * 31 + p * 17 + i * p) % 60));
      }
    }
    Files.write(folder.resolve(part + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(part + "-labels-idx1-ubyte"), labels.array());
  }

  private Path train() throws IOException {
    write("train", 2000);
    write("t10k", 60);
    Path log = folder.resolve("log");
    process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.densenet4j.cli.Main",
                "train",
                "--data",
                folder.toString(),
                "--blocks",
                "1,1",
                "--growth-rate",
                "4",
                "--init-features",
                "8",
                "--epochs",
                "100000",
                "--batch",
                "4",
                "--lr",
                "0.0001",
                "--out",
                folder.resolve("run").toString(),
                "--watch")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return log;
  }

  private static void waitFor(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return "";
    }
  }

  private static int rows(Browser browser) {
    return browser.all("#timings tbody tr").size();
  }

  @Test
  void thePageFollowsTheRunWhichDoesNotCareWhoLooks() throws Exception {
    try (Browser browser = Browser.start()) {
      Path log = train();
      waitFor(() -> ADDRESS.matcher(text(log)).find());
      Matcher address = ADDRESS.matcher(text(log));
      assertThat(address.find()).isTrue();
      browser.size(1200, 900).open(address.group(1));
      waitFor(() -> browser.all(".matrix td[data-n]").size() > 1);
      assertThat(browser.all("section h2").stream().map(e -> e.getText()))
          .contains("Learning curves", "Confusion matrix", "Calibration", "Network")
          .contains("Most confident mistakes", "Timings", "Configuration and environment");
      assertThat(browser.one("#live").getText()).contains("of 2,000 pictures");
      assertThat(browser.one("#facts").getText()).contains("0.0001");
      browser.one(".matrix td[data-r='0'][data-n]").click();
      assertThat(browser.all("#cell-pictures img")).isNotEmpty();
      int before = rows(browser);
      waitFor(() -> rows(browser) > before + 1);
      assertThat(browser.all("#cell-pictures img")).as("what was open stays open").isNotEmpty();
      browser.requireQuiet(address.group(1));
    }
    int epochs = text(folder.resolve("run/history.csv")).lines().toList().size();
    waitFor(() -> text(folder.resolve("run/history.csv")).lines().toList().size() > epochs + 2);
    assertThat(process.isAlive()).as("the browser is gone, the run is not").isTrue();
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(text(folder.resolve("log"))).contains("stopped: the last model is saved");
    assertThat(process.exitValue()).isEqualTo(143);
  }
}
