package io.github.densenet4j.cli;

import io.github.densenet4j.data.Picture;
import io.github.densenet4j.weights.LoadOptions;
import io.github.densenet4j.weights.Model;
import io.github.densenet4j.weights.ModelFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A trained network that comes along, and pictures for it: DenseNet-BC-100-12 on CIFAR-10. */
final class Demo {
  private static final String MODEL = "demo/cifar10-densenet-bc-100-12.safetensors";

  private Demo() {}

  static Model model() throws IOException {
    Path file = Files.createTempFile("densenet-demo", ".safetensors");
    try (InputStream in = Demo.class.getResourceAsStream(MODEL)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      return ModelFile.load(file, LoadOptions.strict());
    } finally {
      Files.delete(file);
    }
  }

  /** The pictures' names: a picture a class. */
  static List<String> pictures(Model model) {
    return model.classNames().stream().map(name -> "demo/" + name + ".png").toList();
  }

  static Picture picture(String name) throws IOException {
    try (InputStream in = Demo.class.getResourceAsStream(name)) {
      return Picture.read(in, name);
    }
  }
}
