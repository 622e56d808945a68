package io.github.densenet4j.cli;

import io.github.densenet4j.data.Cifar10;
import io.github.densenet4j.data.DataException;
import io.github.densenet4j.data.DataFolder;
import io.github.densenet4j.data.DataScan;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.FashionMnist;
import io.github.densenet4j.data.LabelledData;
import io.github.densenet4j.data.ScanMemory;
import io.github.densenet4j.download.DownloadCache;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Option;

/** Which pictures. */
final class DataOptions {
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int SHOWN = 40;
  private static final String FASHION = "fashion-mnist";
  private static final String CIFAR = "cifar-10";

  @Option(
      names = "--data",
      paramLabel = "D",
      defaultValue = "sample",
      description =
          "sample (12,000 pictures of Fashion-MNIST, built in), fashion-mnist (all 70,000) or"
              + " cifar-10, which are fetched if they are not here yet, or a directory: class"
              + " folders with or without train/ and val/ or test/, CIFAR's binary files, IDX"
              + " files, .npy pairs, or a CSV file of file,label. Default: ${DEFAULT-VALUE}.")
  String data;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where to look first for fashion-mnist or cifar-10.")
  Path directory;

  @Option(
      names = "--val-split",
      paramLabel = "P",
      defaultValue = "0.2",
      description =
          "Part of each class that is set apart to validate with, if the data are not divided."
              + " Default: ${DEFAULT-VALUE}.")
  double validation;

  @Option(
      names = "--skip-bad",
      description =
          "Go on without unreadable, empty and duplicate pictures and classes that are too small.")
  boolean skipBad;

  /** What there is, as it was found. */
  LabelledData open() throws IOException {
    return open(data, directory);
  }

  /** Data that another option names in the same way. */
  static LabelledData open(String data, Path directory) throws IOException {
    return switch (data) {
      case "sample" -> divided(FashionMnist.sample());
      case FASHION -> published(data, directory);
      case CIFAR -> isPlace(data) ? DataFolder.open(Path.of(data)) : published(data, directory);
      default -> {
        Path place = Path.of(data);
        if (!Files.exists(place)) {
          throw new UsageException(
              "--data is '"
                  + data
                  + "': there is no such place. Use sample, fashion-mnist, cifar-10, a directory or"
                  + " a .csv file.");
        }
        yield DataFolder.open(place);
      }
    };
  }

  /** From this machine, or else from the network. */
  private static LabelledData published(String data, Path directory) throws IOException {
    DownloadCache cache = DownloadCache.fromEnvironment();
    try (DownloadProgress progress =
        new DownloadProgress(data, new PrintWriter(System.err, true))) {
      return data.equals(CIFAR)
          ? Cifar10.open(directory, cache, progress)
          : divided(FashionMnist.full(directory, cache, progress));
    }
  }

  private static LabelledData divided(DataSplit split) {
    return new LabelledData(split.train(), Optional.empty(), Optional.of(split.test()));
  }

  /**
   * Reads every picture once and says what is wrong.
   *
   * @param known of an earlier scan: files that are as they were then are not read again
   * @throws DataException if something is, and --skip-bad was not given
   */
  DataScan scan(LabelledData found, ScanMemory known, PrintWriter log) throws IOException {
    AtomicLong last = new AtomicLong(System.nanoTime());
    DataScan scan =
        DataScan.of(
            found,
            known,
            (done, total) -> {
              long before = last.get();
              long now = System.nanoTime();
              if (now - before > LINE_NANOS && last.compareAndSet(before, now)) {
                log.printf("looking at the pictures: %,d of %,d%n", done, total);
                log.flush();
              }
            });
    List<String> lines = scan.lines();
    lines.stream().limit(SHOWN).forEach(log::println);
    if (lines.size() > SHOWN) {
      log.printf("  ... and %,d more lines%n", lines.size() - SHOWN);
    }
    log.flush();
    if (!scan.isClean() && !skipBad) {
      throw new DataException(
          "%s has %,d unreadable, %,d empty and %,d duplicate pictures and %,d classes that are too small, see above: repair them, or go on without them with --skip-bad."
              .formatted(
                  found.train().name(),
                  scan.unreadable().size(),
                  scan.empty().size(),
                  scan.duplicates().size(),
                  scan.smallClasses().size()));
    }
    return scan;
  }

  /** Divides data by --val-split, if nobody did. */
  DataSplit split(LabelledData found, long seed) {
    try {
      return found.split(validation, seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** The pictures to judge a model by: test, else validation, else all that there are. */
  Dataset test() throws IOException {
    return test(open());
  }

  /** The pictures to judge a model by, of some data. */
  static Dataset test(LabelledData found) {
    return found.test().or(found::validation).orElse(found.train());
  }

  /** What a run keeps of these options. */
  Map<String, String> notes() {
    Map<String, String> notes = new LinkedHashMap<>();
    notes.put("data place", isPlace(data) ? Path.of(data).toAbsolutePath().toString() : data);
    notes.put("data directory", directory == null ? "" : directory.toAbsolutePath().toString());
    notes.put("val-split", Double.toString(validation));
    notes.put("skip-bad", Boolean.toString(skipBad));
    return notes;
  }

  /** Takes the options of a run that goes on. */
  void restore(Map<String, String> notes) {
    data = notes.get("data place");
    directory = notes.get("data directory").isEmpty() ? null : Path.of(notes.get("data directory"));
    validation = Double.parseDouble(notes.get("val-split"));
    skipBad = Boolean.parseBoolean(notes.get("skip-bad"));
  }

  private static boolean isPlace(String data) {
    return switch (data) {
      case "sample", FASHION -> false;
      case CIFAR -> Files.exists(Path.of(data));
      default -> true;
    };
  }
}
