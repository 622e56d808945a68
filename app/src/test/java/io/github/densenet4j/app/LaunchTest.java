package io.github.densenet4j.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar in real processes. */
class LaunchTest {
  private static final Path JAR = Path.of(System.getProperty("densenet.jar"));
  private static final Path ROOT = Path.of(System.getProperty("densenet.root"));

  @TempDir private Path folder;

  private record Result(int code, String out, String err) {}

  private Process start(String java, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(java, "-jar", JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectOutput(folder.resolve("out").toFile());
    builder.redirectError(folder.resolve("err").toFile());
    return builder.start();
  }

  private Result run(String java, String... arguments) throws Exception {
    Process process = start(java, arguments);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return new Result(
        process.exitValue(),
        Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Test
  void itStartsItselfAgainWithTheModule() throws Exception {
    Result summary = run(java(), "summary", "--arch", "densenet121", "--json");
    assertThat(summary.code()).as(summary.err()).isZero();
    assertThat(summary.out()).startsWith("{").contains("\"parameters\":7978856");
    Result bench =
        run(java(), "bench", "--arch", "cifar-bc-22-12", "--warmup", "0", "--runs", "1", "--json");
    assertThat(bench.err()).doesNotContain("without '--add-modules");
    assertThat(bench.code()).isZero();
  }

  @Test
  void itsExitCodeAndItsPluginsAreThere() throws Exception {
    assertThat(run(java(), "summary", "--arch", "nobody").code()).isEqualTo(2);
    Path broken = Files.writeString(folder.resolve("x.webp"), "RIFF broken");
    Result predict = run(java(), "predict", "demo", "--top", "1");
    assertThat(predict.code()).as(predict.err()).isZero();
    assertThat(predict.out()).contains("demo/frog.png:  frog");
    assertThat(run(java(), "inspect", broken.toString()).code()).isEqualTo(1);
  }

  @Test
  void whoeverEndsItEndsTheOther() throws Exception {
    Path runs = folder.resolve("run");
    Process process = start(java(), "train", "--epochs", "50", "--out", runs.toString());
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!Files.readString(folder.resolve("out")).contains("memory:")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(100);
    }
    Thread.sleep(1500);
    List<ProcessHandle> children = process.descendants().toList();
    assertThat(children).hasSize(1);
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(143);
    assertThat(children.getFirst().isAlive()).isFalse();
    assertThat(runs.resolve("last.safetensors")).exists();
  }

  @Test
  void anOlderJavaIsToldSo() throws Exception {
    Path old = Path.of("/usr/bin/java");
    Assumptions.assumeTrue(Files.isExecutable(old), "SKIPPED: there is no /usr/bin/java");
    Process version =
        new ProcessBuilder(old.toString(), "-version").redirectErrorStream(true).start();
    String text = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Assumptions.assumeTrue(
        text.matches("(?s).*version \"(1[1-9]|2[0-4]).*"), "SKIPPED: /usr/bin/java is " + text);
    Result result = run(old.toString(), "summary");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("Java 25 or newer is needed").doesNotContain("Exception");
  }

  @Test
  void allLaunchersPassTheSameFlags() throws IOException {
    String source =
        Files.readString(ROOT.resolve("app/src/main/java/io/github/densenet4j/app/Launch.java"));
    String shell = Files.readString(ROOT.resolve("densenet"));
    String windows = Files.readString(ROOT.resolve("densenet.cmd"));
    for (String flag :
        List.of(
            "jdk.incubator.vector",
            "-XX:+UseSerialGC",
            "-Xmn64m",
            "-XX:ObjectAlignmentInBytes=64",
            "-XX:MaxRAMPercentage=75",
            "--enable-native-access=ALL-UNNAMED",
            "DENSENET_JAVA_OPTS",
            "io.github.densenet4j.cli.Main")) {
      assertThat(source).contains(flag);
      assertThat(shell).contains(flag);
      assertThat(windows).contains(flag);
    }
    assertThat(source).contains("-XX:+UseTransparentHugePages");
    assertThat(shell).contains("-XX:+UseTransparentHugePages");
  }
}
