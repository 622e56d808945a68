package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;

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
              Source.of(new PictureCache(data, 0), Preparation.plain(input)),
              data,
              floats,
              batch(input),
              workers);
      return of(
          net, loader, data.size(), input, Loss.usual(data.multiLabel()), new TrainListener() {});
    }
  }

  /** Evaluates what a loader brings, by a loss, and tells of each batch. */
  static Evaluation of(
      DenseNet net,
      Loader loader,
      int size,
      InputTransform input,
      Loss measure,
      TrainListener listener)
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
      listener.validated(b.first, b.n, logits);
      loss += measure.sum(logits, b.targets, b.n, classes, 1, null);
      weight += measure.weight(b.targets, b.n, classes);
      top1 += b.hits(logits, 1);
      top5 += b.hits(logits, 5);
    }
    double n = size;
    return new Evaluation(
        top1 / n, top5 / n, loss / weight, size, n / ((System.nanoTime() - start) * 1e-9));
  }
}
