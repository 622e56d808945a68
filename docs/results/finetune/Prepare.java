import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/**
 * Writes Fashion-MNIST as 3 x 32 x 32 into pairs of .npy files: two black pixels on each side, the
 * gray value in all three colours.
 *
 * <p>{@code java Prepare.java FASHION_MNIST OUT SEED...} makes {@code OUT/SEED} with 100 training
 * and 50 validation pictures a class, drawn by the seed from the 60,000 training pictures, and
 * {@code OUT/test} with the 10,000 test pictures.
 */
final class Prepare {
  private static final int CLASSES = 10;
  private static final int TRAIN = 100;
  private static final int VALIDATION = 50;
  private static final int SIDE = 28;
  private static final int PADDED = 32;

  /** Pictures (N,28,28) and their labels (N). */
  private record Pictures(byte[] pixels, byte[] labels) {
    static Pictures read(Path directory, String part) throws IOException {
      return new Pictures(
          elements(directory.resolve(part + "-images-idx3-ubyte.gz"), 16),
          elements(directory.resolve(part + "-labels-idx1-ubyte.gz"), 8));
    }

    private static byte[] elements(Path file, int header) throws IOException {
      try (InputStream raw = Files.newInputStream(file);
          DataInputStream in = new DataInputStream(new GZIPInputStream(raw, 1 << 16))) {
        in.skipNBytes(header);
        return in.readAllBytes();
      }
    }

    List<Integer> all() {
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < labels.length; i++) {
        all.add(i);
      }
      return all;
    }

    /** The pictures from..to of each class, of an order. */
    List<Integer> ofEachClass(List<Integer> order, int from, int to) {
      List<Integer> chosen = new ArrayList<>();
      int[] seen = new int[CLASSES];
      for (int i : order) {
        int place = seen[labels[i]]++;
        if (place >= from && place < to) {
          chosen.add(i);
        }
      }
      return chosen;
    }

    void write(Path directory, String prefix, List<Integer> chosen) throws IOException {
      byte[] out = new byte[chosen.size() * PADDED * PADDED * 3];
      byte[] classes = new byte[chosen.size()];
      int border = (PADDED - SIDE) / 2;
      for (int n = 0; n < chosen.size(); n++) {
        int picture = chosen.get(n);
        classes[n] = labels[picture];
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            byte gray = pixels[(picture * SIDE + y) * SIDE + x];
            int to = ((n * PADDED + y + border) * PADDED + x + border) * 3;
            out[to] = gray;
            out[to + 1] = gray;
            out[to + 2] = gray;
          }
        }
      }
      int count = chosen.size();
      npy(
          directory.resolve(prefix + "images.npy"),
          "(%d, %d, %d, 3)".formatted(count, PADDED, PADDED),
          out);
      npy(directory.resolve(prefix + "labels.npy"), "(%d,)".formatted(count), classes);
    }
  }

  /** NumPy's format 1.0: a header whose end lies at a multiple of 64 bytes, then the elements. */
  private static void npy(Path file, String shape, byte[] elements) throws IOException {
    String header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
    int length = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    byte[] text =
        (header + " ".repeat(length - 1 - header.length()) + "\n")
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) length, (byte) (length >> 8)};
    byte[] bytes = new byte[magic.length + text.length + elements.length];
    System.arraycopy(magic, 0, bytes, 0, magic.length);
    System.arraycopy(text, 0, bytes, magic.length, text.length);
    System.arraycopy(elements, 0, bytes, magic.length + text.length, elements.length);
    Files.write(file, bytes);
  }

  private static Path folder(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.write(
        directory.resolve("classes.txt"),
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
            "Ankle boot"));
    return directory;
  }

  public static void main(String[] args) throws IOException {
    Path from = Path.of(args[0]);
    Path to = Path.of(args[1]);
    Pictures training = Pictures.read(from, "train");
    for (int i = 2; i < args.length; i++) {
      List<Integer> order = training.all();
      Collections.shuffle(order, new Random(Long.parseLong(args[i])));
      Path directory = folder(to.resolve(args[i]));
      training.write(directory, "train_", training.ofEachClass(order, 0, TRAIN));
      training.write(
          directory, "val_", training.ofEachClass(order, TRAIN, TRAIN + VALIDATION));
    }
    Pictures test = Pictures.read(from, "t10k");
    test.write(folder(to.resolve("test")), "", test.all());
  }
}
