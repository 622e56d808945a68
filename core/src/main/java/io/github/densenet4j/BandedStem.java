package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;

/**
 * The stem's 7x7 convolution and its pool in inference, a band of picture rows at a time: the pool
 * reads from the second cache what the convolution makes of a band, the largest maps of the
 * network, which never reach memory. Each task goes down its part of a picture and keeps the row
 * that neighbouring bands share.
 */
final class BandedStem {
  private final Plan plan;
  private final SpatialProduct conv;
  private final Maps pooled;
  private final int channels;
  private final int height; // of the convolution's result
  private final int width;
  private final int bandRows; // of the pool's result
  private final int linePitch; // of the convolution's result in scratch
  private final int pitch; // between its channels
  private final Team.Task task = this::part;
  private int parts; // of a picture

  private BandedStem(Plan plan, SpatialProduct conv, Maps pooled) {
    this.plan = plan;
    this.conv = conv;
    this.pooled = pooled;
    this.channels = conv.weights().rows();
    this.height = conv.window.height;
    this.width = conv.window.width;
    this.bandRows = conv.rowsAtOnce() / 2;
    this.linePitch = conv.window.pitch;
    // the pool reads whole vectors behind the last row
    this.pitch = Kernels.wholeLines((2 * bandRows + 1) * linePitch) + Kernels.SLACK + 16;
  }

  /** For this product, or null where it does not go by rows or rows are too long for a band. */
  static BandedStem of(Plan plan, Product conv, Maps pooled) {
    return plan.fold && conv instanceof SpatialProduct spatial && spatial.rowsAtOnce() > 1
        ? new BandedStem(plan, spatial, pooled)
        : null;
  }

  /** The first rows of pooled = the pool of relu(conv(pictures) + bias). */
  void run(float[] bias) {
    conv.use(Prologue.NONE, bias, 0);
    int threads = plan.engine.team().threads();
    parts = pooled.images() % threads == 0 ? 1 : threads;
    plan.engine.team().run(task, pooled.images() * parts);
  }

  private void part(int index, int worker) {
    int picture = index / parts;
    int from = pooled.height * (index % parts) / parts;
    int to = pooled.height * (index % parts + 1) / parts;
    int bandAt = Kernels.aligned(conv.rowsScratch());
    int lineAt = bandAt + channels * pitch + Kernels.SLACK;
    int floats = lineAt + 2 * (width + 2 * Kernels.SLACK);
    float[] scratch = plan.engine.team().scratch(worker, floats);
    int top = picture * height; // of the picture's rows, counted through all pictures
    int made = Math.max(0, 2 * from - 1);
    int end;
    for (int row = from; row < to; row = end) {
      end = Math.min(to, row + bandRows);
      // row r of the convolution lies at band + (r - base) * linePitch
      int base = 2 * row - 1;
      int needed = Math.min(height, 2 * end);
      while (made < needed) {
        int rows = Math.min(needed - made, conv.rowsAtOnce());
        int at = bandAt + (made - base) * linePitch;
        conv.lay(top + made, top + made + rows, scratch);
        conv.multiply(top + made, top + made + rows, 0, channels, scratch, at, pitch, scratch);
        made += rows;
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
                lineAt);
        System.arraycopy(scratch, band + 2 * (end - row) * linePitch, scratch, band, width);
      }
    }
  }
}
