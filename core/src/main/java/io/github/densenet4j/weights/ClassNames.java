package io.github.densenet4j.weights;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The names of the classes of well-known data sets, in the order of their networks' outputs. */
public final class ClassNames {
  private static final List<String> CIFAR10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private ClassNames() {}

  /** ImageNet's 1000, as torchvision writes them: tench to toilet tissue. */
  public static List<String> imageNet() {
    try (InputStream in = ClassNames.class.getResourceAsStream("imagenet-classes.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** CIFAR-10's ten. */
  public static List<String> cifar10() {
    return CIFAR10;
  }
}
