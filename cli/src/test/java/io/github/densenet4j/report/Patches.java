package io.github.densenet4j.report;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Picture;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures of 8 x 8 pixels with as many classes as a test wants; every name wants escaping.
 *
 * @param size number of pictures
 * @param classes their classes, in turn
 */
record Patches(int size, int classes) implements Dataset {
  @Override
  public String name() {
    return "patches";
  }

  @Override
  public int channels() {
    return 1;
  }

  @Override
  public int height() {
    return 8;
  }

  @Override
  public int width() {
    return 8;
  }

  @Override
  public List<String> classNames() {
    return IntStream.range(0, classes).mapToObj(c -> "</script><b>class & " + c).toList();
  }

  @Override
  public int[] labels(int index) {
    return new int[] {index % classes};
  }

  @Override
  public Picture picture(int index) {
    byte[] pixels = new byte[64];
    for (int p = 0; p < 64; p++) {
      pixels[p] = (byte) ((index * 37 + p * (1 + index % classes) * 11) % 251);
    }
    return new Picture(1, 8, 8, pixels);
  }
}
