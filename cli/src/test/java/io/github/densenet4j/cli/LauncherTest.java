package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
            "eval",
            "a file.png");
    assertThat(result.code()).as(result.output()).isEqualTo(7);
    assertThat(result.output())
        .contains("--add-modules jdk.incubator.vector")
        .contains("-Xmx3g -Da=b")
        .contains(script.getParent().toRealPath() + "/cli/target/")
        .endsWith("eval a file.png\n");
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

  @Test
  void aFewPicturesAreClassifiedWithoutTheVectorModule() throws Exception {
    Files.writeString(folder.resolve("m.safetensors"), "weights");
    for (int i = 1; i <= 5; i++) {
      Files.writeString(folder.resolve(i + ".png"), "a picture");
    }
    Files.writeString(folder.resolve("array.npy"), "pictures");
    Files.createDirectories(folder.resolve("pictures"));
    Map<String, String> environment =
        Map.of("DENSENET_JAVA_HOME", jdk("jdk25", "25.0.1").toString());
    String few = "predict --model m.safetensors 1.png 2.png 3.png 4.png";
    for (String command :
        List.of("predict demo", "predict --model m.safetensors 1.png", few, "predict 1.png gone")) {
      assertThat(run(script, folder, environment, command.split(" ")).output())
          .as(command)
          .doesNotContain("jdk.incubator.vector")
          .endsWith(command + "\n");
    }
    for (String command :
        List.of(
            few + " 5.png",
            few + " pictures",
            "predict pictures",
            "predict --model m.safetensors array.npy",
            "predict --size=448 1.png",
            "eval --model m.safetensors",
            "train",
            "--version")) {
      assertThat(run(script, folder, environment, command.split(" ")).output())
          .as(command)
          .contains("--add-modules jdk.incubator.vector")
          .endsWith(command + "\n");
    }
  }

  /** A JDK whose java notes each call, and makes the cache that it is asked for, or fails to. */
  private Path learningJdk(String name, int rehearsalEndsWith) throws IOException {
    Path home = jdk(name, "25.0.1");
    Files.writeString(
        home.resolve("bin/java"),
        """
        #!/bin/sh
        echo "$@" >>"%s/calls"
        for a in "$@"; do
          case $a in
            -XX:AOTCacheOutput=*) echo learned >"${a#*=}"; exit %d ;;
          esac
        done
        echo ARGS "$@"
        exit 7
        """
            .formatted(home, rehearsalEndsWith));
    return home;
  }

  private Path target() throws IOException {
    Path target = Files.createDirectories(script.getParent().resolve("cli/target"));
    Files.writeString(target.resolve("densenet4j-cli.jar"), "a jar");
    return target;
  }

  private List<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(script.getParent().resolve("cli/target"))) {
      return files.filter(file -> !file.toString().endsWith(".jar")).toList();
    }
  }

  @Test
  void theFirstStartRehearsesAndLaterOnesUseWhatWasLearned() throws Exception {
    target();
    Path home = learningJdk("jdk25", 0);
    Map<String, String> environment = Map.of("DENSENET_JAVA_HOME", home.toString());
    Result first = run(script, folder, environment, "predict", "a.png");
    assertThat(first.code()).as(first.output()).isEqualTo(7);
    assertThat(caches()).hasSize(1);
    assertThat(first.output()).contains("-XX:AOTCache=" + caches().getFirst().toRealPath());
    Result second = run(script, folder, environment, "predict", "a.png");
    assertThat(second.output())
        .startsWith("ARGS ")
        .contains("-XX:AOTCache=" + caches().getFirst().toRealPath());
    assertThat(Files.readAllLines(home.resolve("calls")))
        .filteredOn(call -> call.contains("AOTCacheOutput"))
        .hasSize(1);
  }

  @Test
  void startsWithAndWithoutTheVectorModuleHaveTheirOwnRehearsals() throws Exception {
    target();
    Path home = learningJdk("jdk25", 0);
    Map<String, String> environment = Map.of("DENSENET_JAVA_HOME", home.toString());
    for (String verb : List.of("predict", "eval", "predict", "eval")) {
      run(script, folder, environment, verb, "a.png");
    }
    assertThat(caches()).hasSize(2);
    assertThat(Files.readAllLines(home.resolve("calls")))
        .filteredOn(call -> call.contains("AOTCacheOutput"))
        .hasSize(2);
  }

  @Test
  void anotherJdkOrAnotherBuildRehearsesAgainAndTheOldFileGoes() throws Exception {
    Path target = target();
    Map<String, String> one = Map.of("DENSENET_JAVA_HOME", learningJdk("jdk25", 0).toString());
    run(script, folder, one, "summary");
    Path before = caches().getFirst();
    Files.writeString(target.resolve("densenet4j-cli.jar"), "another jar");
    run(script, folder, one, "summary");
    assertThat(caches()).hasSize(1).doesNotContain(before);
    Path between = caches().getFirst();
    run(
        script,
        folder,
        Map.of("DENSENET_JAVA_HOME", learningJdk("jdk26", 0).toString()),
        "summary");
    assertThat(caches()).hasSize(1).doesNotContain(between);
  }

  @Test
  void aRehearsalThatFailsBreaksNothingAndIsNotTriedAgain() throws Exception {
    target();
    Path home = learningJdk("jdk25", 1);
    Map<String, String> environment = Map.of("DENSENET_JAVA_HOME", home.toString());
    for (int i = 0; i < 2; i++) {
      Result result = run(script, folder, environment, "eval");
      assertThat(result.code()).as(result.output()).isEqualTo(7);
      assertThat(result.output()).doesNotContain("AOTCache").endsWith("eval\n");
    }
    assertThat(Files.readAllLines(home.resolve("calls")))
        .filteredOn(call -> call.contains("AOTCacheOutput"))
        .hasSize(1);
  }

  @Test
  void aFolderThatCannotBeWrittenBreaksNothing() throws Exception {
    Path target = target();
    assumeTrue(target.toFile().setWritable(false), "SKIPPED: folders are always writable here");
    try {
      assumeTrue(!Files.isWritable(target), "SKIPPED: this user may write everywhere");
      Path home = learningJdk("jdk25", 0);
      Result result = run(script, folder, Map.of("DENSENET_JAVA_HOME", home.toString()), "summary");
      assertThat(result.code()).as(result.output()).isEqualTo(7);
      assertThat(result.output()).startsWith("ARGS ").doesNotContain("AOTCache");
    } finally {
      target.toFile().setWritable(true);
    }
  }

  @Test
  void startsAtTheSameTimeDoNotDisturbEachOther() throws Exception {
    target();
    Map<String, String> environment =
        Map.of("DENSENET_JAVA_HOME", learningJdk("jdk25", 0).toString());
    List<CompletableFuture<Result>> all =
        IntStream.range(0, 6)
            .mapToObj(
                _ ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            return run(script, folder, environment, "summary");
                          } catch (Exception e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .toList();
    for (CompletableFuture<Result> one : all) {
      assertThat(one.get().code()).as(one.get().output()).isEqualTo(7);
    }
    assertThat(caches()).hasSize(1);
  }
}
