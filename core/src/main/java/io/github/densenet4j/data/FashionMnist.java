package io.github.densenet4j.data;

import io.github.densenet4j.download.Download;
import io.github.densenet4j.download.DownloadCache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): pictures of clothes, 28 x 28 pixels, 10 classes,
 * MIT licence.
 */
public final class FashionMnist {
  private static final List<String> CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");
  private static final String SAMPLE = "fashion-mnist-sample/";
  private static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

  private static final String FOLDER = "fashion-mnist";
  private static final String PUBLISHED =
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  private static final List<String> PARTS =
      List.of(
          "train-images-idx3-ubyte",
          "train-labels-idx1-ubyte",
          "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte");

  /**
   * The authors' files. They publish MD5 digests; several independent projects pin these SHA-256
   * together with them. (Debian's files are compressed anew: other bytes, the same pictures.)
   */
  private static final List<DownloadCache.Item> FILES =
      List.of(
          item(0, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
          item(1, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
          item(2, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
          item(3, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"));

  private FashionMnist() {}

  static DownloadCache.Item item(int part, String digest) {
    String file = PARTS.get(part) + ".gz";
    return new DownloadCache.Item(FOLDER + "/" + file, PUBLISHED + file, digest);
  }

  /**
   * The embedded sample: 10,000 training and 2,000 test pictures of the full set, as many of each
   * class.
   */
  public static DataSplit sample() throws IOException {
    return new DataSplit(
        embedded("Fashion-MNIST sample (training)", "train"),
        embedded("Fashion-MNIST sample (test)", "t10k"));
  }

  private static Dataset embedded(String name, String part) throws IOException {
    String images = SAMPLE + part + "-images-idx3-ubyte.gz";
    String labels = SAMPLE + part + "-labels-idx1-ubyte.gz";
    try (InputStream imageStream = FashionMnist.class.getResourceAsStream(images);
        InputStream labelStream = FashionMnist.class.getResourceAsStream(labels)) {
      return IdxDataset.read(name, images, imageStream, labels, labelStream, CLASSES);
    }
  }

  /**
   * The full set: 60,000 training and 10,000 test pictures, from the first place that has it, else
   * from its authors' server.
   *
   * @param directory looked at first; may be null
   * @throws DataException naming all places and the Debian package, if it is nowhere and cannot be
   *     fetched
   */
  public static DataSplit full(Path directory, DownloadCache cache, Download.Progress progress)
      throws IOException {
    List<Path> places = new ArrayList<>();
    if (directory != null) {
      places.add(directory);
    }
    places.add(cache.folder().resolve(FOLDER));
    places.add(DEBIAN);
    return first(places, cache, FILES, progress);
  }

  /** The set from the first of some places, or else from the network. */
  static DataSplit first(
      List<Path> places,
      DownloadCache cache,
      List<DownloadCache.Item> files,
      Download.Progress progress)
      throws IOException {
    for (Path place : places) {
      if (isIn(place)) {
        return IdxDataset.readDirectory(place, CLASSES);
      }
    }
    try {
      for (DownloadCache.Item item : files) {
        cache.fetch(item, progress);
      }
    } catch (IOException e) {
      throw new DataException(
          "Fashion-MNIST was not found in "
              + String.join(", ", places.stream().map(Path::toString).toList())
              + ", and it could not be fetched: "
              + String.valueOf(e.getMessage()).replaceAll("\\.$", "")
              + ". Install the Debian package dataset-fashion-mnist, or put the four files"
              + " train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz"
              + " and t10k-labels-idx1-ubyte.gz into one of these places or into the directory of"
              + " --data-dir.",
          e);
    }
    return IdxDataset.readDirectory(cache.folder().resolve(FOLDER), CLASSES);
  }

  /** A cut-off download leaves some of the four files: then the others are fetched. */
  private static boolean isIn(Path place) {
    return PARTS.stream()
        .allMatch(
            part -> Files.exists(place.resolve(part + ".gz")) || Files.exists(place.resolve(part)));
  }
}
