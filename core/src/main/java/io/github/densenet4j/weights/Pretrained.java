package io.github.densenet4j.weights;

import io.github.densenet4j.download.Download;
import io.github.densenet4j.download.DownloadCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
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

  private final DownloadCache cache;

  /** With a cache of one's own. */
  public Pretrained(DownloadCache cache) {
    this.cache = cache;
  }

  /** As {@link DownloadCache#fromEnvironment} says. */
  public static Pretrained fromEnvironment() {
    return new Pretrained(DownloadCache.fromEnvironment());
  }

  /**
   * The file of published weights, from the cache or else from the network.
   *
   * @param name {@code imagenet} or {@code timm/NAME}
   * @param arch the network of {@code imagenet}, e.g. densenet121; of no interest for others
   * @throws WeightsException if it cannot be had; the message says which file to put where
   * @throws IllegalArgumentException if there are no such weights; the message lists them
   */
  public Path fetch(String name, String arch, Download.Progress progress) throws IOException {
    DownloadCache.Item item = item(name, arch);
    try {
      return cache.fetch(item, progress);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new WeightsException(
          "The weights '%s' could not be fetched: %s. Get %s yourself and put it at %s, or name a file: --weights FILE."
              .formatted(
                  name,
                  why.replaceAll("\\.$", ""),
                  cache.address(item),
                  cache.folder().resolve(item.file()).toAbsolutePath()),
          e);
    }
  }

  private static DownloadCache.Item item(String name, String arch) {
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
      return new DownloadCache.Item(file, TORCHVISION + file, digest);
    }
    if (TIMM.matcher(name).matches()) {
      String file = name + "/model.safetensors";
      return new DownloadCache.Item(
          file, HUGGING_FACE + name + "/resolve/main/model.safetensors", "");
    }
    throw new IllegalArgumentException(
        "There are no published weights named '"
            + name
            + "': expected imagenet, timm/NAME (e.g. timm/densenet121.ra_in1k), or a file.");
  }
}
