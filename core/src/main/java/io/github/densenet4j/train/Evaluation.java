package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * How a network does on labelled pictures.
 *
 * @param top1 fraction whose largest logit is a right class, in [0, 1]
 * @param top5 fraction with a right class among the five largest, in [0, 1]
 * @param loss mean of the loss
 * @param images number of pictures
 * @param imagesPerSecond pictures a second, reading and resizing included
 */
public record Evaluation(
    double top1, double top5, double loss, int images, double imagesPerSecond) {
  private static final int BATCH = 256;
  private static final int BATCH_PIXELS = 4_000_000;
  private static final int CROPS = 10;

  /** Pictures of one batch when inputs have a size. */
  static int batch(InputTransform input) {
    return Math.clamp(BATCH_PIXELS / (input.height() * input.width()), 1, BATCH);
  }

  /**
   * Evaluates with running statistics.
   *
   * @throws IOException if a picture cannot be read
   */
  public static Evaluation of(DenseNet net, Dataset data, InputTransform input) throws IOException {
    try (Workers workers = new Workers(0)) {
      int floats = input.channels() * input.height() * input.width();
      Loader loader =
          new Loader(
              new PictureCache(data, 0),
              data,
              Preparation.plain(input),
              floats,
              batch(input),
              workers);
      return of(net, loader, data.size(), input, Loss.usual(data.multiLabel()));
    }
  }

  /** Evaluates what a loader brings, by a loss. */
  static Evaluation of(DenseNet net, Loader loader, int size, InputTransform input, Loss measure)
      throws IOException {
    int classes = net.config().classes();
    int batch = batch(input);
    float[] logits = new float[batch * classes];
    long start = System.nanoTime();
    double loss = 0;
    double weight = 0;
    int top1 = 0;
    int top5 = 0;
    loader.begin(Loader.Walk.plain(size, batch));
    for (Batch b = loader.next(); b != null; b = loader.next()) {
      net.logits(b.images, b.n, input.height(), input.width(), logits);
      loss += measure.sum(logits, b.targets, b.n, classes, 1, null);
      weight += measure.weight(b.targets, b.n, classes);
      top1 += b.hits(logits, 1);
      top5 += b.hits(logits, 5);
    }
    double n = size;
    return new Evaluation(
        top1 / n, top5 / n, loss / weight, size, n / ((System.nanoTime() - start) * 1e-9));
  }

  /**
   * Evaluates with the mean of the logits of ten cuts of each picture, as the code did that the
   * paper's numbers come from (fb.resnet.torch, after Krizhevsky et al., 2012).
   */
  public static Evaluation tenCrop(DenseNet net, Dataset data, InputTransform input)
      throws IOException {
    int classes = net.config().classes();
    int floats = input.channels() * input.height() * input.width();
    float[] images = new float[CROPS * floats];
    float[] logits = new float[CROPS * classes];
    float[] mean = new float[classes];
    Batch one = new Batch(1, 0, classes);
    one.n = 1;
    Loss measure = Loss.usual(data.multiLabel());
    long start = System.nanoTime();
    double loss = 0;
    int top1 = 0;
    int top5 = 0;
    for (int i = 0; i < data.size(); i++) {
      List<float[]> crops = input.tenCrops(data.picture(i));
      for (int c = 0; c < CROPS; c++) {
        System.arraycopy(crops.get(c), 0, images, c * floats, floats);
      }
      net.logits(images, CROPS, input.height(), input.width(), logits);
      Arrays.fill(mean, 0);
      for (int j = 0; j < logits.length; j++) {
        mean[j % classes] += logits[j] / CROPS;
      }
      Arrays.fill(one.targets, 0);
      for (int label : data.labels(i)) {
        one.targets[label] = 1;
      }
      loss += measure.sum(mean, one.targets, 1, classes, 1, null);
      top1 += one.hits(mean, 1);
      top5 += one.hits(mean, 5);
    }
    double n = data.size();
    return new Evaluation(
        top1 / n, top5 / n, loss / n, data.size(), n / ((System.nanoTime() - start) * 1e-9));
  }
}
