package io.github.densenet4j.cli;

import java.io.PrintWriter;
import java.util.Map;
import tools.jackson.databind.ObjectMapper;

/** JSON on standard output, a line an object. */
final class Output {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Output() {}

  static void json(PrintWriter out, Map<String, ?> object) {
    out.println(JSON.writeValueAsString(object));
    out.flush();
  }

  /** A figure with so many decimals: nobody measured more. */
  static double round(double value, int decimals) {
    double unit = Math.pow(10, decimals);
    return Math.round(value * unit) / unit;
  }
}
