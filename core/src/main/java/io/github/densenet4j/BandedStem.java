package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.StemWinograd;
import io.github.densenet4j.kernel.Team;

/**
 * The stem's 7x7 convolution and its pool in inference, a band of picture rows at a time: the pool
 * reads from the second cache what the convolution makes of a band, the largest maps of the
 * network, which never reach memory. Each task goes down its part of a picture and keeps the row
 * that neighbouring bands share.
 */
final class BandedStem {
  private static final int BAND_ROWS = StemWinograd.STEP / 2; // of the pool's result

  private final Plan plan;
  private final StemProduct conv;
  private final Maps pooled;
  private final int channels;
  private final int height; // of the convolution's result
  private final int width;
  private final int linePitch; // of the convolution's result in scratch
  private final int pitch; // between its channels
  private final Team.Task task = this::part;
  private int parts; // of a picture
  private float[] bias;

  private BandedStem(Plan plan, StemProduct conv, Maps pooled) {
    this.plan = plan;
    this.conv = conv;
    this.pooled = pooled;
    this.channels = conv.weights().rows();
    this.height = conv.window.height;
    this.width = conv.window.width;
    this.linePitch = Kernels.wholeLines(width);
    // the pool reads whole vectors behind the last row
    this.pitch = (2 * BAND_ROWS + 1) * linePitch + Kernels.SLACK + 16;
  }

  /** For pictures and a pool of these maps, or null where it is not inference by vectors. */
  static BandedStem of(Plan plan, Maps pictures, Maps pooled, int channels) {
    return plan.fold && plan.engine.kernels().lanes() > 1
        ? new BandedStem(plan, new StemProduct(plan, pictures, channels), pooled)
        : null;
  }

  /** The convolution's weights, which the caller packs. */
  PackedWeights weights() {
    return conv.weights();
  }

  /** The first rows of pooled = the pool of relu(conv(pictures) + bias). */
  void run(float[] bias) {
    this.bias = bias;
    parts = pooled.partsOfPicture();
    plan.engine.team().run(task, pooled.images() * parts);
  }

  /** Where a part of a picture begins in the pool's result: with four rows of the convolution's. */
  private int begin(int part) {
    int bands = Math.ceilDiv(pooled.height, BAND_ROWS);
    return Math.min(pooled.height, bands * part / parts * BAND_ROWS);
  }

  private void part(int index, int worker) {
    int picture = index / parts;
    int from = begin(index % parts);
    int to = begin(index % parts + 1);
    int bandAt = Kernels.aligned(conv.scratch());
    int poolAt = Kernels.aligned(bandAt + channels * pitch + Kernels.SLACK);
    int floats = poolAt + Kernels.poolScratch(width);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    int made = Math.max(0, 2 * from - 1);
    int end;
    for (int row = from; row < to; row = end) {
      end = Math.min(to, row + BAND_ROWS);
      // row r of the convolution lies at band + (r - base) * linePitch
      int base = 2 * row - 1;
      int needed = Math.min(height, 2 * end);
      while (made < needed) {
        int top = made / StemWinograd.STEP * StemWinograd.STEP;
        int rows = Math.min(needed, top + StemWinograd.STEP);
        int at = bandAt + (top - base) * linePitch;
        conv.rows(picture, top, made, rows, bias, scratch, at, pitch, linePitch, scratch);
        made = rows;
      }
      for (int c = 0; c < channels; c++) {
        int band = bandAt + c * pitch;
        plan.engine
            .kernels()
            .maxPool(
                scratch,
                band - base * linePitch,
                linePitch,
                height,
                width,
                1,
                0,
                pooled.x(),
                pooled.at(c) + picture * pooled.area(),
                row,
                end,
                pooled.lines.pixels(),
                scratch,
                poolAt);
        System.arraycopy(scratch, band + 2 * (end - row) * linePitch, scratch, band, width);
      }
    }
  }
}
