package example;

import io.github.densenet4j.Classification;
import io.github.densenet4j.DenseNet;
import io.github.densenet4j.FeatureMaps;
import io.github.densenet4j.Prediction;
import io.github.densenet4j.data.Picture;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** What a picture shows: {@code Classify MODEL PICTURE}. */
public final class Classify {
  private Classify() {}

  /** Prints the three most probable classes. */
  public static void main(String[] arguments) throws IOException {
    DenseNet net = DenseNet.load(Path.of(arguments[0]));
    for (Prediction found : net.classify(Path.of(arguments[1])).top(3)) {
      System.out.printf("%-20s %.4f%n", found.label(), found.probability());
    }
  }

  /** Everything else that a network is asked, in ten lines. */
  static void tour(Path model, Path file, InputStream stream, BufferedImage image)
      throws IOException {
    // README: begin
    DenseNet net = DenseNet.load(model); // safetensors, PyTorch, Keras or ONNX
    Prediction best = net.classify(file).best(); // or a stream, or an image in memory
    System.out.println(best.label() + " " + best.probability());
    List<Classification> both = net.classify(List.of(Picture.read(file), Picture.of(image)));
    List<Prediction> three = net.classify(stream).top(3);
    float[] embedding = net.embedding(Picture.read(file)); // the pooled features
    FeatureMaps maps = net.featureMaps(Picture.read(file), "features.denseblock2");
    // README: end
    System.out.println(
        both.size() + " " + three.size() + " " + embedding.length + " " + maps.name());
  }
}
