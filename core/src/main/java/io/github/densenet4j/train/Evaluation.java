package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a network does on labelled pictures.
 *
 * @param top1 fraction with the right class first, in [0, 1]
 * @param top5 fraction with the right class among the first five, in [0, 1]
 * @param loss mean cross-entropy
 * @param images number of pictures
 * @param imagesPerSecond pictures a second, reading and resizing included
 */
public record Evaluation(
    double top1, double top5, double loss, int images, double imagesPerSecond) {
  private static final int BATCH = 256;
  private static final int BATCH_PIXELS = 4_000_000;
  private static final int CROPS = 10;

  /** Evaluates with running statistics. */
  public static Evaluation of(DenseNet net, Dataset data, InputTransform input) {
    int classes = net.config().classes();
    int batch = Math.clamp(BATCH_PIXELS / (input.height() * input.width()), 1, BATCH);
    Batches batches = new Batches(data, input, net.engine().team(), batch);
    int[] order = IntStream.range(0, data.size()).toArray();
    float[] logits = new float[batch * classes];
    long start = System.nanoTime();
    double loss = 0;
    int top1 = 0;
    int top5 = 0;
    for (int first = 0; first < data.size(); first += batch) {
      int n = Math.min(batch, data.size() - first);
      batches.fill(order, first, n);
      net.logits(batches.images(), n, input.height(), input.width(), logits);
      loss += CrossEntropy.loss(logits, batches.labels(), n, classes, n, null);
      top1 += CrossEntropy.hits(logits, batches.labels(), n, classes, 1);
      top5 += CrossEntropy.hits(logits, batches.labels(), n, classes, 5);
    }
    double n = data.size();
    return new Evaluation(
        top1 / n, top5 / n, loss / n, data.size(), n / ((System.nanoTime() - start) * 1e-9));
  }

  /**
   * Evaluates with the mean of the logits of ten cuts of each picture, as the code did that the
   * paper's numbers come from (fb.resnet.torch, after Krizhevsky et al., 2012).
   */
  public static Evaluation tenCrop(DenseNet net, Dataset data, InputTransform input) {
    int classes = net.config().classes();
    int floats = input.channels() * input.height() * input.width();
    byte[] pixels = new byte[data.channels() * data.height() * data.width()];
    float[] images = new float[CROPS * floats];
    float[] logits = new float[CROPS * classes];
    float[] mean = new float[classes];
    int[] label = new int[1];
    long start = System.nanoTime();
    double loss = 0;
    int top1 = 0;
    int top5 = 0;
    for (int i = 0; i < data.size(); i++) {
      data.pixels(i, pixels, 0);
      List<float[]> crops =
          input.tenCrops(new Picture(data.channels(), data.height(), data.width(), pixels));
      for (int c = 0; c < CROPS; c++) {
        System.arraycopy(crops.get(c), 0, images, c * floats, floats);
      }
      net.logits(images, CROPS, input.height(), input.width(), logits);
      Arrays.fill(mean, 0);
      for (int j = 0; j < logits.length; j++) {
        mean[j % classes] += logits[j] / CROPS;
      }
      label[0] = data.label(i);
      loss += CrossEntropy.loss(mean, label, 1, classes, 1, null);
      top1 += CrossEntropy.hits(mean, label, 1, classes, 1);
      top5 += CrossEntropy.hits(mean, label, 1, classes, 5);
    }
    double n = data.size();
    return new Evaluation(
        top1 / n, top5 / n, loss / n, data.size(), n / ((System.nanoTime() - start) * 1e-9));
  }
}
