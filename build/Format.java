import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** Runs google-java-format over all sources: {@code Format.java check|fix DIRECTORY}. */
class Format {
  public static void main(String[] args) throws IOException {
    boolean fix = args[0].equals("fix");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(fix ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
    for (String module : List.of("core", "cli", "bench", "app", "examples", "build")) {
      try (Stream<Path> files = Files.walk(Path.of(args[1], module))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.toString().contains("target"))
            .sorted()
            .forEach(file -> arguments.add(file.toString()));
      }
    }
    ToolProvider formatter = ToolProvider.findFirst("google-java-format").orElseThrow();
    int status = formatter.run(System.out, System.err, arguments.toArray(String[]::new));
    if (status != 0 && !fix) {
      System.err.println(
          "These files are not formatted. Repair them with: mvn -B -Pformat validate");
    }
    System.exit(status);
  }
}
