package io.github.densenet4j.weights;

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
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Published weights by name: fetched once into a cache, verified, and from then on used without the
 * network.
 *
 * <ul>
 *   <li>{@code imagenet}: torchvision's files; the end of a file's name is the beginning of its
 *       SHA-256
 *   <li>{@code timm/NAME}, e.g. {@code timm/densenet121.ra_in1k}: timm's on Hugging Face; the
 *       server's SHA-256 is kept beside the file
 * </ul>
 */
public final class Pretrained {
  private static final String TORCHVISION = "https://download.pytorch.org/models/";
  private static final String HUGGING_FACE = "https://huggingface.co/";
  private static final Pattern TIMM = Pattern.compile("timm/[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  /** torchvision's files (IMAGENET1K_V1). */
  private static final Map<String, String> IMAGENET =
      Map.of(
          "densenet121", "densenet121-a639ec97.pth",
          "densenet161", "densenet161-8d451a50.pth",
          "densenet169", "densenet169-b2777c0a.pth",
          "densenet201", "densenet201-c1103571.pth");

  private final Path cache;
  private final String mirror;
  private final Download download;

  /** Told how far a download is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * After every piece.
     *
     * @param done bytes that are there
     * @param total bytes in all, or -1 if the server does not say
     */
    void at(long done, long total);
  }

  /**
   * With settings of one's own.
   *
   * @param cache where files are kept
   * @param mirror the address of a directory that replaces the published ones, or null
   */
  public Pretrained(Path cache, String mirror) {
    this(
        cache, mirror, new Download(System::getenv, Duration.ofSeconds(30), Duration.ofSeconds(1)));
  }

  Pretrained(Path cache, String mirror, Download download) {
    this.cache = cache;
    this.mirror = mirror == null || mirror.isBlank() ? null : mirror.replaceAll("/+$", "") + "/";
    this.download = download;
  }

  /**
   * As the environment says: {@code DENSENET_CACHE}, else {@code XDG_CACHE_HOME/densenet4j}, else
   * the user's usual place; {@code DENSENET_MIRROR}; {@code https_proxy}, {@code http_proxy} and
   * {@code no_proxy}, else Java's proxy properties.
   */
  public static Pretrained fromEnvironment() {
    return new Pretrained(
        cache(System::getenv, System.getProperty("user.home")), System.getenv("DENSENET_MIRROR"));
  }

  static Path cache(UnaryOperator<String> environment, String home) {
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

  /** What is fetched from where. */
  private record Source(String file, String published, String digest) {}

  /**
   * The file of published weights, from the cache or else from the network.
   *
   * @param name {@code imagenet} or {@code timm/NAME}
   * @param arch the network of {@code imagenet}, e.g. densenet121; of no interest for others
   * @throws WeightsException if it cannot be had; the message says which file to put where
   * @throws IllegalArgumentException if there are no such weights; the message lists them
   */
  public Path fetch(String name, String arch, Progress progress) throws IOException {
    Source source = source(name, arch);
    Path file = cache.resolve(source.file);
    if (isGood(file, source)) {
      return file;
    }
    URI address = URI.create(mirror == null ? source.published : mirror + source.file);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(
                  lockFile(file), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = lock(channel)) {
        if (!isGood(file, source)) { // nobody else has fetched it while we waited
          fetch(address, file, source, progress);
        }
      }
      return file;
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new WeightsException(
          "The weights '%s' could not be fetched: %s. Get %s yourself and put it at %s, or name a file: --weights FILE."
              .formatted(name, why.replaceAll("\\.$", ""), address, file.toAbsolutePath()),
          e);
    }
  }

  private static Source source(String name, String arch) {
    if (name.equals("imagenet")) {
      String file = IMAGENET.get(arch == null ? "" : arch.toLowerCase(Locale.ROOT));
      if (file == null) {
        throw new IllegalArgumentException(
            "There are imagenet weights of densenet121, densenet161, densenet169 and densenet201,"
                + " not of "
                + arch
                + ": name one with --arch.");
      }
      String digest = file.substring(file.indexOf('-') + 1, file.indexOf('.'));
      return new Source(file, TORCHVISION + file, digest);
    }
    if (TIMM.matcher(name).matches()) {
      String file = name + "/model.safetensors";
      return new Source(file, HUGGING_FACE + name + "/resolve/main/model.safetensors", "");
    }
    throw new IllegalArgumentException(
        "There are no published weights named '"
            + name
            + "': expected imagenet, timm/NAME (e.g. timm/densenet121.ra_in1k), or a file.");
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
  private static boolean isGood(Path file, Source source) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    String expected = source.digest;
    if (expected.isEmpty() && Files.isRegularFile(digestFile(file))) {
      expected = Files.readString(digestFile(file)).strip();
    }
    return expected.isEmpty() || Download.digest(file).startsWith(expected);
  }

  private void fetch(URI address, Path file, Source source, Progress progress) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    boolean resumed = Files.exists(part);
    String stated = download.to(part, address, progress);
    String expected = source.digest.isEmpty() ? stated : source.digest;
    String found = Download.digest(part);
    if (!found.startsWith(expected) && resumed) { // the part was of something else: once more
      Files.delete(part);
      stated = download.to(part, address, progress);
      expected = source.digest.isEmpty() ? stated : source.digest;
      found = Download.digest(part);
    }
    if (!found.startsWith(expected)) {
      Files.delete(part);
      throw new WeightsException(
          "its SHA-256 begins with %s, expected %s; what came was deleted"
              .formatted(found.substring(0, Math.max(8, expected.length())), expected));
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (source.digest.isEmpty()) {
      Files.writeString(digestFile(file), found + "\n");
    }
  }
}
