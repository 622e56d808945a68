import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Draws the embedded sample from the full Fashion-MNIST: {@code java MakeSample.java FROM TO}, with
 * as many pictures of each class, in a shuffled order, the same for everyone.
 */
class MakeSample {
  private static final int CLASSES = 10;

  public static void main(String[] args) throws IOException {
    draw(Path.of(args[0]), Path.of(args[1]), "train", 10_000);
    draw(Path.of(args[0]), Path.of(args[1]), "t10k", 2_000);
  }

  private static void draw(Path from, Path to, String part, int size) throws IOException {
    byte[] images = skip(from.resolve(part + "-images-idx3-ubyte.gz"), 16);
    byte[] labels = skip(from.resolve(part + "-labels-idx1-ubyte.gz"), 8);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < labels.length; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(1));
    int[] taken = new int[CLASSES];
    ByteArrayOutputStream imageBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream labelBytes = new ByteArrayOutputStream();
    for (int i : order) {
      if (taken[labels[i]]++ < size / CLASSES) {
        imageBytes.write(images, i * 784, 784);
        labelBytes.write(labels[i]);
      }
    }
    write(
        to.resolve(part + "-images-idx3-ubyte.gz"), imageBytes.toByteArray(), 0x803, size, 28, 28);
    write(to.resolve(part + "-labels-idx1-ubyte.gz"), labelBytes.toByteArray(), 0x801, size);
  }

  private static byte[] skip(Path file, int header) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
      in.readNBytes(header);
      return in.readAllBytes();
    }
  }

  private static void write(Path file, byte[] bytes, int... header) throws IOException {
    GZIPOutputStream best =
        new GZIPOutputStream(Files.newOutputStream(file)) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        };
    try (DataOutputStream out = new DataOutputStream(best)) {
      for (int word : header) {
        out.writeInt(word);
      }
      out.write(bytes);
    }
  }
}
