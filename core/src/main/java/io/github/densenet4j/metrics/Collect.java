package io.github.densenet4j.metrics;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;

/** Asks a network about every picture of a data set, with running statistics. */
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
  public static Outputs outputs(DenseNet net, Dataset data) {
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
  public static Outputs tenCrop(DenseNet net, Dataset data) {
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

  private static Outputs collect(DenseNet net, Dataset data, int views, Preparation preparation) {
    InputTransform input = net.model().input();
    int classes = net.config().classes();
    int floats = views * input.channels() * input.height() * input.width();
    int batch = Math.clamp(BATCH_PIXELS / (views * input.height() * input.width()), 1, BATCH);
    float[] images = new float[Math.multiplyExact(batch, floats)];
    float[] batchLogits = new float[batch * views * classes];
    float[] logits = new float[Math.multiplyExact(data.size(), classes)];
    int[] labels = new int[data.size()];
    for (int first = 0; first < data.size(); first += batch) {
      int from = first;
      int n = Math.min(batch, data.size() - first);
      net.engine()
          .team()
          .run(
              (i, _) -> {
                labels[from + i] = data.label(from + i);
                preparation.prepare(picture(data, from + i), images, i * floats);
              },
              n);
      net.logits(images, n * views, input.height(), input.width(), batchLogits);
      for (int j = 0; j < n * views * classes; j++) {
        int i = j / (views * classes);
        logits[(first + i) * classes + j % classes] += batchLogits[j] / views;
      }
    }
    return new Outputs(classes, logits, labels);
  }

  /** A picture of a data set. */
  public static Picture picture(Dataset data, int index) {
    byte[] pixels = new byte[data.channels() * data.height() * data.width()];
    data.pixels(index, pixels, 0);
    return new Picture(data.channels(), data.height(), data.width(), pixels);
  }
}
