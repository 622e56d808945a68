package io.github.densenet4j.cli;

import io.github.densenet4j.download.Download;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a download: a bar on a terminal, a line every few seconds elsewhere. */
final class DownloadProgress implements Download.Progress, AutoCloseable {
  private static final long LINE_NANOS = 3_000_000_000L;
  private static final long MEBIBYTE = 1 << 20;

  private final String name;
  private final PrintWriter log;
  private ProgressBar bar;
  private long lastLine;

  DownloadProgress(String name, PrintWriter log) {
    this.name = name;
    this.log = log;
  }

  @Override
  public void at(long done, long total) {
    if (Output.isTerminal()) {
      if (bar == null) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" MiB", MEBIBYTE)
                .build();
      }
      bar.stepTo(done);
    } else if (System.nanoTime() - lastLine > LINE_NANOS || done == total) {
      lastLine = System.nanoTime();
      log.printf("fetching %s: %,d of %,d bytes%n", name, done, total);
      log.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
