package io.github.densenet4j.train;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.PilResize;
import io.github.densenet4j.kernel.Team;

/** Makes batches of a data set: reads, resizes and normalises pictures on all threads. */
final class Batches {
  private final Dataset data;
  private final InputTransform input;
  private final Team team;
  private final PilResize resize;
  private final float[] images; // (batch, C, H, W)
  private final int[] labels; // (batch)
  private final byte[][] scratch; // a worker: source picture, resized picture, resize's own
  private final Team.Task task = this::picture;
  private int[] order;
  private int first;

  Batches(Dataset data, InputTransform input, Team team, int batch) {
    this.data = data;
    this.input = input;
    this.team = team;
    this.resize = input.resize(data.height(), data.width());
    long floats = (long) batch * pictureFloats();
    if (floats > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "A batch of "
              + batch
              + " pictures has more than 2,147,483,583 values: use a smaller --batch.");
    }
    this.images = new float[(int) floats];
    this.labels = new int[batch];
    this.scratch = new byte[team.threads()][sourceBytes() + pictureFloats() + resize.scratch()];
  }

  private int pictureFloats() {
    return input.channels() * input.height() * input.width();
  }

  private int sourceBytes() {
    return data.channels() * data.height() * data.width();
  }

  /** Fills the batch with pictures {@code order[first]} and the n-1 behind it. */
  void fill(int[] order, int first, int n) {
    this.order = order;
    this.first = first;
    team.run(task, n);
  }

  private void picture(int i, int worker) {
    int index = order[first + i];
    byte[] bytes = scratch[worker];
    int resized = sourceBytes();
    data.pixels(index, bytes, 0);
    int sourceArea = data.height() * data.width();
    int area = input.height() * input.width();
    for (int c = 0; c < data.channels(); c++) {
      resize.apply(
          bytes,
          c * sourceArea,
          bytes,
          resized + c * area,
          bytes,
          resized + data.channels() * area);
    }
    input.normalise(bytes, resized, images, i * pictureFloats());
    labels[i] = data.label(index);
  }

  float[] images() {
    return images;
  }

  int[] labels() {
    return labels;
  }
}
