package io.github.densenet4j;

import io.github.densenet4j.kernel.Kernels;

/**
 * The two convolutions of a bottleneck layer in inference, a band of picture rows at a time: what
 * the 1x1 convolution makes of a band is still in the second cache when the 3x3 convolution reads
 * it, and never reaches memory. Each task goes down a picture and keeps the two lines that
 * neighbouring bands share.
 */
final class BandedBottleneck {
  private static final int LEAST_AREA = 512; // smaller maps stay in the cache by themselves

  private final Plan plan;
  private final Maps features;
  private final PointwiseProduct first;
  private final WinogradProduct second;
  private final int channels;
  private final int height;
  private final int width;
  private final int bandRows;
  private final int pitch; // of the band's bottleneck

  private BandedBottleneck(
      Plan plan, Maps features, PointwiseProduct first, WinogradProduct second) {
    this.plan = plan;
    this.features = features;
    this.first = first;
    this.second = second;
    this.channels = first.weights().rows();
    this.height = features.height;
    this.width = features.width;
    this.bandRows = second.bandRows();
    this.pitch = Kernels.wholeLines((bandRows + 2) * width) + 16;
  }

  /** For these products, or null where they are not a 1x1 and a Winograd product of large maps. */
  static BandedBottleneck of(Plan plan, Maps features, Product first, Product second) {
    return plan.fold
            && features.area() >= LEAST_AREA
            && first instanceof PointwiseProduct pointwise
            && second instanceof WinogradProduct winograd
        ? new BandedBottleneck(plan, features, pointwise, winograd)
        : null;
  }

  /** Whether the pictures divide evenly among the threads. */
  boolean suits() {
    return features.partsOfPicture() == 1;
  }

  /**
   * What {@link #picture} will make: second(relu(first(prologue(features)) + firstBias)) + bias.
   */
  void use(Prologue prologue, float[] firstBias, float[] bias, int biasAt, Sink sink) {
    first.use(prologue, firstBias, 0);
    second.use(Prologue.RELU, bias, biasAt, sink, bandRows);
  }

  /** Hands the result for one picture to the sink. */
  void picture(int picture, int worker) {
    int bandAt = Kernels.aligned(Math.max(first.columnsScratch(), second.rowsScratch()));
    int weightsAt = Kernels.aligned(bandAt + channels * pitch + 64);
    float[] scratch = plan.engine.team().scratch(worker, weightsAt + second.weightsScratch());
    second.weights().transform(0, second.weights().rows(), scratch, weightsAt);
    int top = picture * height;
    int base = 0; // the first line of the bottleneck in scratch
    int made = 0; // lines of the bottleneck
    int end;
    for (int row = 0; row < height; row = end) {
      end = Math.min(height, row + bandRows);
      int kept = Math.max(0, row - 1);
      for (int c = 0; c < channels && kept > base; c++) {
        int line = bandAt + c * pitch;
        int from = line + (kept - base) * width;
        System.arraycopy(scratch, from, scratch, line, (made - kept) * width);
      }
      base = kept;
      int at = bandAt - (top + base) * width; // where the first line of all would be
      int from = (top + made) * width;
      made = Math.min(height, end + 1);
      int to = (top + made) * width;
      first.columns(from, to, 0, channels, scratch, at + from, pitch, scratch);
      int outputs = second.weights().rows();
      second.rows(top + row, top + end, 0, outputs, scratch, at, pitch, 0, scratch, weightsAt);
    }
  }
}
