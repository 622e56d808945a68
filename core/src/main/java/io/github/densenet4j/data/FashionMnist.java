package io.github.densenet4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

  private FashionMnist() {}

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
   * The full set: 60,000 training and 10,000 test pictures, from the first place that has it.
   *
   * @param directory looked at first; may be null
   * @throws DataException naming all places and the Debian package, if it is nowhere
   */
  public static DataSplit full(Path directory) throws IOException {
    List<Path> places = new ArrayList<>();
    if (directory != null) {
      places.add(directory);
    }
    places.add(cache().resolve("fashion-mnist"));
    places.add(DEBIAN);
    return first(places);
  }

  /** The set from the first of some places. */
  static DataSplit first(List<Path> places) throws IOException {
    for (Path place : places) {
      if (Files.exists(place.resolve("train-images-idx3-ubyte.gz"))
          || Files.exists(place.resolve("train-images-idx3-ubyte"))) {
        return IdxDataset.readDirectory(place, CLASSES);
      }
    }
    throw new DataException(
        "Fashion-MNIST was not found. Looked in "
            + String.join(", ", places.stream().map(Path::toString).toList())
            + ". Install the Debian package dataset-fashion-mnist, or put the four files"
            + " train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz"
            + " and t10k-labels-idx1-ubyte.gz into one of these places or into the directory of"
            + " --data-dir.");
  }

  /** Where this user's programs keep what they can get again. */
  static Path cache() {
    String home = System.getProperty("user.home");
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("win") && System.getenv("LOCALAPPDATA") != null) {
      return Path.of(System.getenv("LOCALAPPDATA"), "densenet4j");
    }
    if (os.contains("mac")) {
      return Path.of(home, "Library", "Caches", "densenet4j");
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    return (xdg == null || xdg.isBlank() ? Path.of(home, ".cache") : Path.of(xdg))
        .resolve("densenet4j");
  }
}
