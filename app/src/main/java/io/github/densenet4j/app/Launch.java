package io.github.densenet4j.app;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@code java -jar} starts. A jar's manifest cannot add modules, so it starts Java again with
 * the flags that the kernels need, and ends as that ends. Compiled for Java 11, so that an older
 * Java than the program's can still say what is wrong.
 */
public final class Launch {
  private static final int REQUIRED = 25;
  private static final String MAIN = "io.github.densenet4j.cli.Main";
  private static final String MODULE = "jdk.incubator.vector";

  /** As the launcher scripts have them; huge pages on Linux only. */
  private static final List<String> FLAGS =
      Arrays.asList(
          "--add-modules",
          MODULE,
          "-XX:+UseSerialGC",
          "-Xmn64m",
          "-XX:ObjectAlignmentInBytes=64", // see Kernels.ALIGNED
          "-XX:MaxRAMPercentage=75",
          "--enable-native-access=ALL-UNNAMED");

  private Launch() {}

  /** Runs the command line in this Java if it has the module, else in another one. */
  public static void main(String[] arguments) throws Exception {
    int version = Runtime.version().feature();
    if (version < REQUIRED) {
      System.err.println(
          "densenet: this is Java "
              + version
              + " ("
              + System.getProperty("java.home")
              + "), Java "
              + REQUIRED
              + " or newer is needed. Start the jar with one: /path/to/jdk-25/bin/java -jar ...");
      System.exit(1);
    }
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      call(arguments);
    } else {
      System.exit(startAgain(arguments));
    }
  }

  private static void call(String[] arguments) throws Exception {
    try {
      Class.forName(MAIN).getMethod("main", String[].class).invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof Exception ? (Exception) e.getCause() : e;
    }
  }

  private static int startAgain(String[] arguments)
      throws IOException, InterruptedException, URISyntaxException {
    Process child = new ProcessBuilder(command(arguments)).inheritIO().start();
    // whoever ends this process means the other one, and waits until it has saved its work
    Thread end =
        new Thread(
            () -> {
              child.destroy();
              try {
                child.waitFor();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(end);
    int code = child.waitFor();
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      end.join(); // on the way down already
    }
    return code;
  }

  private static List<String> command(String[] arguments) throws URISyntaxException {
    File jar = new File(Launch.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    boolean windows = File.separatorChar == '\\';
    List<String> command = new ArrayList<>();
    command.add(
        System.getProperty("java.home")
            + File.separator
            + "bin"
            + File.separator
            + (windows ? "java.exe" : "java"));
    command.addAll(FLAGS);
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      command.add("-XX:+UseTransparentHugePages");
    }
    String more = System.getenv("DENSENET_JAVA_OPTS");
    if (more != null && !more.trim().isEmpty()) {
      command.addAll(Arrays.asList(more.trim().split("\\s+")));
    }
    command.addAll(Arrays.asList("-cp", jar.getPath(), MAIN));
    command.addAll(Arrays.asList(arguments));
    return command;
  }
}
