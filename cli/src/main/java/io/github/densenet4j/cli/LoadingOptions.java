package io.github.densenet4j.cli;

import io.github.densenet4j.train.Loading;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** How pictures are read. */
final class LoadingOptions {
  private static final Pattern BYTES = Pattern.compile("(\\d{1,9})([kmg]?)");

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads that decode and augment beside training; changes no result. 0: all processors."
              + " Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      defaultValue = "0",
      description =
          "Memory for decoded pictures, e.g. 500m or 2g; changes no result. Default:"
              + " ${DEFAULT-VALUE}.")
  private String cache;

  Loading loading() {
    Matcher matcher = BYTES.matcher(cache.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new UsageException(
          "--cache is '" + cache + "': it must be a number of bytes such as 500m or 2g.");
    }
    int shift =
        switch (matcher.group(2)) {
          case "k" -> 10;
          case "m" -> 20;
          case "g" -> 30;
          default -> 0;
        };
    try {
      return new Loading(workers, Long.parseLong(matcher.group(1)) << shift);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }
}
