package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script in real processes, with scripts in place of JDKs. */
class LauncherTest {
  @TempDir Path folder;
  private Path script;

  record Result(int code, String output) {}

  @BeforeEach
  void copyOfAnInstalledTree() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "SKIPPED: there is no /bin/sh here");
    Path original = Path.of("..").resolve("densenet");
    script =
        Files.copy(original, Files.createDirectories(folder.resolve("home")).resolve("densenet"));
    script.toFile().setExecutable(true);
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name).resolve("bin")).getParent();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    Path java =
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\necho ARGS \"$@\"\nexit 7\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private Result run(Path command, Path directory, Map<String, String> environment, String... args)
      throws Exception {
    String[] all = new String[args.length + 1];
    all[0] = command.toString();
    System.arraycopy(args, 0, all, 1, args.length);
    ProcessBuilder builder =
        new ProcessBuilder(all).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("DENSENET_JAVA_HOME");
    builder.environment().remove("DENSENET_JAVA_OPTS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), output);
  }

  @Test
  void itRunsFromAnywhereThroughALinkAndEndsAsJavaEnded() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("home/densenet"));
    Path elsewhere = Files.createDirectories(folder.resolve("else where"));
    Result result =
        run(
            link,
            elsewhere,
            Map.of(
                "DENSENET_JAVA_HOME",
                jdk("jdk25", "25.0.1").toString(),
                "DENSENET_JAVA_OPTS",
                "-Xmx3g -Da=b"),
            "predict",
            "a file.png");
    assertThat(result.code()).as(result.output()).isEqualTo(7);
    assertThat(result.output())
        .contains("--add-modules jdk.incubator.vector")
        .contains("-Xmx3g -Da=b")
        .contains(script.getParent().toRealPath() + "/cli/target/")
        .endsWith("predict a file.png\n");
  }

  @Test
  void javaHomeComesBeforeThePath() throws Exception {
    Result result =
        run(
            script,
            folder,
            Map.of("JAVA_HOME", jdk("jdk26", "26").toString(), "PATH", "/usr/bin:/bin"),
            "summary");
    assertThat(result.code()).isEqualTo(7);
    assertThat(result.output()).contains("summary");
  }

  @Test
  void aTooOldJdkThatWasNamedIsAnError() throws Exception {
    Path old = jdk("jdk17", "17.0.2");
    Result result = run(script, folder, Map.of("DENSENET_JAVA_HOME", old.toString()));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.output())
        .contains("DENSENET_JAVA_HOME")
        .contains(old.toString())
        .contains("version 17");
  }

  @Test
  void aTooOldJavaHomeIsPassedOverForANewerOne() throws Exception {
    Path newer = jdk("jdk25", "25");
    Result result =
        run(
            script,
            folder,
            Map.of(
                "JAVA_HOME",
                jdk("jdk21", "21.0.4").toString(),
                "PATH",
                newer.resolve("bin") + ":/usr/bin:/bin"),
            "eval");
    assertThat(result.code()).as(result.output()).isEqualTo(7);
  }
}
