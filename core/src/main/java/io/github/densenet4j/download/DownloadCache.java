package io.github.densenet4j.download;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * Published files: fetched once into a folder, verified, and from then on used without the network.
 */
public final class DownloadCache {
  private final Path folder;
  private final String mirror;
  private final Download download;

  /**
   * A published file.
   *
   * @param file its path in the cache, and below a mirror
   * @param published its address
   * @param digest the beginning of its SHA-256 in hexadecimal; empty to trust what the server
   *     states, which is kept beside the file
   */
  public record Item(String file, String published, String digest) {}

  /**
   * A cache.
   *
   * @param folder where files are kept
   * @param mirror the address of a directory that replaces the published ones, or null
   * @param download how they are fetched
   */
  public DownloadCache(Path folder, String mirror, Download download) {
    this.folder = folder;
    this.mirror = mirror == null || mirror.isBlank() ? null : mirror.replaceAll("/+$", "") + "/";
    this.download = download;
  }

  /**
   * As the environment says: {@code DENSENET_CACHE}, else {@code XDG_CACHE_HOME/densenet4j}, else
   * the user's usual place; {@code DENSENET_MIRROR}; {@code https_proxy}, {@code http_proxy} and
   * {@code no_proxy}, else Java's proxy properties.
   */
  public static DownloadCache fromEnvironment() {
    return new DownloadCache(
        folder(System::getenv, System.getProperty("user.home")),
        System.getenv("DENSENET_MIRROR"),
        new Download(System::getenv, Duration.ofSeconds(30), Duration.ofSeconds(1)));
  }

  /** The folder that the environment names. */
  public static Path folder(UnaryOperator<String> environment, String home) {
    String own = environment.apply("DENSENET_CACHE");
    if (own != null && !own.isBlank()) {
      return Path.of(own);
    }
    for (String variable : new String[] {"XDG_CACHE_HOME", "LOCALAPPDATA"}) {
      String place = environment.apply(variable);
      if (place != null && !place.isBlank()) {
        return Path.of(place, "densenet4j");
      }
    }
    return Path.of(home, ".cache", "densenet4j");
  }

  /** Where files are kept. */
  public Path folder() {
    return folder;
  }

  /** Where an item comes from. */
  public URI address(Item item) {
    return URI.create(mirror == null ? item.published : mirror + item.file);
  }

  /**
   * An item's file, from the cache or else from the network.
   *
   * @throws IOException if it cannot be had, saying why
   */
  public Path fetch(Item item, Download.Progress progress) throws IOException {
    Path file = folder.resolve(item.file);
    if (isGood(file, item)) {
      return file;
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (FileChannel channel =
            FileChannel.open(lockFile(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock(channel)) {
      if (!isGood(file, item)) { // nobody else has fetched it while we waited
        fetch(file, item, progress);
      }
    }
    return file;
  }

  private static Path digestFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".sha256");
  }

  private static Path lockFile(Path file) {
    return file.resolveSibling(file.getFileName() + ".lock");
  }

  /** Waits for other processes and threads that fetch the same file. */
  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException _) { // another thread of this process
        try {
          Thread.sleep(50);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while waiting for another download", e);
        }
      }
    }
  }

  /** Whether a file is there with the right digest: a tenth of a second a file, and worth it. */
  private static boolean isGood(Path file, Item item) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    String expected = item.digest;
    if (expected.isEmpty() && Files.isRegularFile(digestFile(file))) {
      expected = Files.readString(digestFile(file)).strip();
    }
    return expected.isEmpty() || Download.digest(file).startsWith(expected);
  }

  private void fetch(Path file, Item item, Download.Progress progress) throws IOException {
    URI address = address(item);
    Path part = file.resolveSibling(file.getFileName() + ".part");
    boolean resumed = Files.exists(part);
    String stated = download.to(part, address, progress);
    String expected = item.digest.isEmpty() ? stated : item.digest;
    String found = Download.digest(part);
    if (!found.startsWith(expected) && resumed) { // the part was of something else: once more
      Files.delete(part);
      stated = download.to(part, address, progress);
      expected = item.digest.isEmpty() ? stated : item.digest;
      found = Download.digest(part);
    }
    if (!found.startsWith(expected)) {
      Files.delete(part);
      throw new IOException(
          "its SHA-256 begins with %s, expected %s; what came was deleted"
              .formatted(found.substring(0, Math.max(8, expected.length())), expected));
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (item.digest.isEmpty()) {
      Files.writeString(digestFile(file), found + "\n");
    }
  }
}
