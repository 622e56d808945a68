package io.github.densenet4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/** What it was measured on, and when. */
final class Machine {
  private Machine() {}

  static Map<String, String> facts() throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "date",
        ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm"))
            + " UTC");
    facts.put("processor", processor());
    facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("jdk", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    facts.put("kernels", io.github.densenet4j.kernel.Kernels.best().description());
    return facts;
  }

  /** The processor's name where Linux tells it; virtual machines are sparing with it. */
  private static String processor() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.exists(file)) {
      return "unknown";
    }
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("\\s*:\\s*", 2);
      if (parts.length == 2) {
        fields.putIfAbsent(parts[0], parts[1]);
      }
    }
    return "%s (family %s, model %s%s)"
        .formatted(
            fields.getOrDefault("model name", "unknown"),
            fields.getOrDefault("cpu family", "?"),
            fields.getOrDefault("model", "?"),
            fields.getOrDefault("flags", "").contains("avx512f") ? ", AVX-512" : "");
  }
}
