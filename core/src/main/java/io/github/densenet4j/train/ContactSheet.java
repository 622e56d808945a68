package io.github.densenet4j.train;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.Randomness.Purpose;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a network will see: a row a picture, first as it is when the model is used, then as it will
 * look in some epochs.
 *
 * @param data the pictures
 * @param input of the network
 * @param augment how they are changed
 * @param seed of what is random
 */
public record ContactSheet(Dataset data, InputTransform input, Augmentation augment, long seed) {
  private static final int MARGIN = 2;
  private static final int WHITE = 255;

  /** Small inputs are enlarged to about this many pixels. */
  private static final int VISIBLE = 96;

  /**
   * The sheet.
   *
   * @param rows number of pictures, drawn at random
   * @param columns the plain look and this many less one epochs
   * @throws IOException if a picture cannot be read
   */
  public Picture draw(int rows, int columns) throws IOException {
    int zoom = Math.max(1, VISIBLE / Math.max(input.height(), input.width()));
    int cellH = input.height() * zoom + MARGIN;
    int cellW = input.width() * zoom + MARGIN;
    int channels = input.channels() == 1 ? 1 : 3;
    int h = rows * cellH + MARGIN;
    int w = columns * cellW + MARGIN;
    byte[] sheet = new byte[channels * h * w];
    Arrays.fill(sheet, (byte) WHITE);
    int[] order = Randomness.permutation(Randomness.key(seed, 0, 0, Purpose.SHUFFLE), data.size());
    int floats = input.channels() * input.height() * input.width();
    Batch batch = new Batch(rows, floats, data.classNames().size());
    for (int column = 0; column < columns; column++) {
      fill(batch, order, column);
      for (int row = 0; row < rows; row++) {
        byte[] pixels = input.pixels(batch.images, row * floats);
        int at = (MARGIN + row * cellH) * w + MARGIN + column * cellW;
        for (int c = 0; c < channels; c++) {
          for (int i = 0; i < input.height() * input.width() * zoom * zoom; i++) {
            int y = i / (input.width() * zoom);
            int x = i % (input.width() * zoom);
            int from = (c * input.height() + y / zoom) * input.width() + x / zoom;
            sheet[c * h * w + at + y * w + x] = pixels[from];
          }
        }
      }
    }
    return new Picture(channels, h, w, sheet);
  }

  /** The pictures of one column: plain in the first, of an epoch in the others. */
  private void fill(Batch batch, int[] order, int column) throws IOException {
    batch.n = Math.min(order.length, batch.targets.length / batch.classes);
    batch.number = column;
    int floats = batch.images.length / (batch.targets.length / batch.classes);
    Preparation how = column == 0 ? Preparation.plain(input) : augment.preparation(input);
    for (int i = 0; i < batch.n; i++) {
      long key = Randomness.key(seed, column - 1L, i, Purpose.AUGMENTATION);
      how.write(data.picture(order[i]), key, batch.images, i * floats);
    }
    if (column > 0) {
      long key = Randomness.key(seed, column - 1L, 0, Purpose.MIXTURE);
      augment.change(key, input).apply(batch);
    }
  }
}
