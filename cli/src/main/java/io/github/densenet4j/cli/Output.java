package io.github.densenet4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/** JSON on standard output, a line an object. */
final class Output {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Output() {}

  /** Whether a person watches standard output. */
  static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Whether a person watches standard error while the results go elsewhere; only Linux says so. */
  static boolean isErrorTerminalOnly() {
    try {
      return !isTerminal()
          && Path.of("/proc/self/fd/2").toRealPath().toString().matches("/dev/(pts|tty).*");
    } catch (IOException e) {
      return false;
    }
  }

  static void json(PrintWriter out, Map<String, ?> object) {
    out.println(JSON.writeValueAsString(object));
    out.flush();
  }

  /** Seconds as people say it: 40 s, 12 min, 2 h 5 min. */
  static String duration(double seconds) {
    long minutes = Math.round(seconds / 60);
    if (seconds < 100) {
      return Math.round(seconds) + " s";
    }
    return minutes <= 100 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
  }

  /** A figure with so many decimals: nobody measured more. */
  static double round(double value, int decimals) {
    double unit = Math.pow(10, decimals);
    return Math.round(value * unit) / unit;
  }
}
