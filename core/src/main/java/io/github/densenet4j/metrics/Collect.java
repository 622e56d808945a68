package io.github.densenet4j.metrics;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;

/**
 * Asks a network about every picture of a data set, with running statistics. Methods throw an
 * {@code IOException} if a picture cannot be read, naming it.
 */
public final class Collect {
  private static final int BATCH = 256;
  private static final int BATCH_PIXELS = 4_000_000;
  private static final int CROPS = 10;

  private Collect() {}

  /** How a picture becomes inputs of the network: as many for each. */
  private interface Preparation {
    /** Writes a picture's inputs (views, C, H, W) to {@code out} from {@code at}. */
    void prepare(Picture picture, float[] out, int at);
  }

  /** The logits of every picture, prepared as the model's input says. */
  public static Outputs outputs(DenseNet net, Dataset data) throws IOException {
    InputTransform input = net.model().input();
    return collect(
        net,
        data,
        1,
        (picture, out, at) -> {
          float[] prepared = input.apply(picture);
          System.arraycopy(prepared, 0, out, at, prepared.length);
        });
  }

  /**
   * The means of the logits of ten cuts of each picture, as the code did that the paper's numbers
   * come from (fb.resnet.torch, after Krizhevsky et al., 2012).
   */
  public static Outputs tenCrop(DenseNet net, Dataset data) throws IOException {
    InputTransform input = net.model().input();
    return collect(
        net,
        data,
        CROPS,
        (picture, out, at) -> {
          int to = at;
          for (float[] crop : input.tenCrops(picture)) {
            System.arraycopy(crop, 0, out, to, crop.length);
            to += crop.length;
          }
        });
  }

  private static Outputs collect(DenseNet net, Dataset data, int views, Preparation preparation)
      throws IOException {
    InputTransform input = net.model().input();
    int classes = net.config().classes();
    int floats = views * input.channels() * input.height() * input.width();
    int batch = Math.clamp(BATCH_PIXELS / (views * input.height() * input.width()), 1, BATCH);
    float[] images = new float[Math.multiplyExact(batch, floats)];
    float[] batchLogits = new float[batch * views * classes];
    float[] logits = new float[Math.multiplyExact(data.size(), classes)];
    for (int first = 0; first < data.size(); first += batch) {
      int from = first;
      int n = Math.min(batch, data.size() - first);
      try {
        net.engine()
            .team()
            .run((i, _) -> preparation.prepare(read(data, from + i), images, i * floats), n);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      net.logits(images, n * views, input.height(), input.width(), batchLogits);
      for (int j = 0; j < n * views * classes; j++) {
        int i = j / (views * classes);
        logits[(first + i) * classes + j % classes] += batchLogits[j] / views;
      }
    }
    return judged(data, logits, classes);
  }

  /**
   * What a network said of every picture of a data set, with the classes by which it is judged: a
   * picture's only one; of several the likeliest, so that any of them is right; where it has none
   * the least likely, so that none is.
   *
   * @param logits (n, classes), kept
   */
  public static Outputs judged(Dataset data, float[] logits, int classes) {
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(data.labels(i), logits, i * classes, classes);
    }
    return new Outputs(classes, logits, labels);
  }

  /**
   * The class by which a picture's first answer is judged, as {@link #judged} chooses it.
   *
   * @param own the picture's classes
   * @param logits of pictures
   * @param at where the picture's begin
   */
  public static int label(int[] own, float[] logits, int at, int classes) {
    int[] candidates = own.length > 0 ? own : IntStream.range(0, classes).toArray();
    int chosen = candidates[0];
    for (int c : candidates) {
      boolean likelier = logits[at + c] > logits[at + chosen];
      if (own.length > 0 ? likelier : logits[at + c] < logits[at + chosen]) {
        chosen = c;
      }
    }
    return chosen;
  }

  private static Picture read(Dataset data, int index) {
    try {
      return data.picture(index);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
