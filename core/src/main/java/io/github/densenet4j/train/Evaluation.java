package io.github.densenet4j.train;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
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
}
