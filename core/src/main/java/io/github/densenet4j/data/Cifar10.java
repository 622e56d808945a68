package io.github.densenet4j.data;

import io.github.densenet4j.download.Download;
import io.github.densenet4j.download.DownloadCache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** CIFAR-10 (Krizhevsky, 2009): 50,000 training and 10,000 test pictures of 32 x 32 pixels. */
public final class Cifar10 {
  private static final String FOLDER = "cifar-10-batches-bin";

  /**
   * The author's archive of the binary version. He publishes its MD5,
   * c32a1d4ab5d03f1284b67883e8d87530; several independent projects pin this SHA-256 of it.
   */
  private static final DownloadCache.Item ARCHIVE =
      new DownloadCache.Item(
          "cifar-10-binary.tar.gz",
          "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
          "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd");

  private Cifar10() {}

  /**
   * The set, from a directory, else from the cache, else from its author's server.
   *
   * @param directory looked at first; may be null
   * @throws DataException if it is nowhere and cannot be fetched
   */
  public static LabelledData open(Path directory, DownloadCache cache, Download.Progress progress)
      throws IOException {
    return open(directory, cache, ARCHIVE, progress);
  }

  static LabelledData open(
      Path directory, DownloadCache cache, DownloadCache.Item archive, Download.Progress progress)
      throws IOException {
    if (directory != null) {
      for (Path place : new Path[] {directory, directory.resolve(FOLDER)}) {
        if (CifarFiles.isIn(place)) {
          return CifarFiles.read(place);
        }
      }
    }
    Path place = cache.folder().resolve(FOLDER);
    if (!CifarFiles.isIn(place)) {
      try {
        Path file = cache.fetch(archive, progress);
        unpack(file, cache.folder());
        Files.delete(file);
      } catch (IOException e) {
        throw new DataException(
            "CIFAR-10 could not be fetched: %s. Get %s yourself, unpack it, and name its directory with --data."
                .formatted(
                    String.valueOf(e.getMessage()).replaceAll("\\.$", ""), cache.address(archive)),
            e);
      }
    }
    return CifarFiles.read(place);
  }

  /** Into a folder beside its place, then renamed: whoever is killed leaves no half of it. */
  private static void unpack(Path archive, Path cache) throws IOException {
    Path target = Files.createTempDirectory(cache, "cifar-10-");
    try {
      try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
        TarFile.unpack(in, target);
      }
      Files.move(target.resolve(FOLDER), cache.resolve(FOLDER), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      try (Stream<Path> rest = Files.walk(target)) {
        for (Path file : rest.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
