package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;

/** What is only laid out anew, so that a product reads it line by line. */
public class LayoutBenchmark extends KernelBenchmark {
  private static final int STEM_CHANNELS = 3;
  private static final int STEM = 7; // its window's side
  private static final int STEM_WIDTH = 115; // of a phase of 224 pixels and the window's margins

  private float[] weights;
  private int[] straight;
  private float[] packed;
  private float[] phases;
  private int[] window;
  private float[] panel;
  private float[] dy;
  private int[] gradientRows;
  private float[] scale;
  private float[] shift;
  private float[] pixelRows;
  private float[] scratch;

  @Override
  void prepare() {
    weights = random(BOTTLENECK * channels);
    straight = rows(channels, 1);
    packed = new float[kernels.packedLength(BOTTLENECK, channels)];
    int phase = STEM * STEM_WIDTH;
    phases = random(STEM_CHANNELS * 4 * phase);
    window = new int[STEM_CHANNELS * STEM * STEM];
    for (int i = 0; i < window.length; i++) {
      int channel = i / (STEM * STEM);
      int dh = i / STEM % STEM;
      int dw = i % STEM;
      int place = 4 * channel + dh % 2 * 2 + dw % 2;
      window[i] = place * phase + dh / 2 * STEM_WIDTH + dw / 2;
    }
    panel = random(window.length * Kernels.PANEL);
    dy = random(BOTTLENECK * pitch);
    gradientRows = rows(BOTTLENECK, pitch);
    scale = random(BOTTLENECK);
    shift = random(BOTTLENECK);
    pixelRows = random(BOTTLENECK * pixels);
    scratch = new float[Kernels.TILE_SCRATCH];
  }

  /** The weights of a layer's first convolution, in blocks of rows. */
  @Benchmark
  public float[] pack(Roofline roofline) {
    kernels.pack(weights, ALIGNED, BOTTLENECK, channels, channels, straight, packed, 0);
    roofline.count(0, 2.0 * BOTTLENECK * channels);
    return packed;
  }

  /** A panel of what the stem's 7x7 window sees of a picture that is split by phase. */
  @Benchmark
  public float[] gather(Roofline roofline) {
    kernels.gather(phases, ALIGNED, window, window.length, panel, ALIGNED);
    roofline.count(0, 2.0 * window.length * Kernels.PANEL);
    return panel;
  }

  /** A bottleneck's gradient on a tile, its channels into the lanes. */
  @Benchmark
  public float[] transpose(Roofline roofline) {
    kernels.transpose(
        false,
        null,
        null,
        0,
        dy,
        ALIGNED,
        gradientRows,
        Kernels.PANEL,
        BOTTLENECK,
        pixels,
        pixelRows,
        ALIGNED,
        scratch,
        0);
    roofline.count(0, 2.0 * BOTTLENECK * pixels);
    return pixelRows;
  }

  /** As many features, normalised and rectified, as the left side of a product over pixels. */
  @Benchmark
  public float[] packRows(Roofline roofline) {
    kernels.packRows(
        true,
        scale,
        shift,
        0,
        dy,
        ALIGNED,
        gradientRows,
        0,
        BOTTLENECK,
        pixels,
        pixelRows,
        ALIGNED,
        scratch,
        0);
    roofline.count(3.0 * BOTTLENECK * pixels, 2.0 * BOTTLENECK * pixels);
    return pixelRows;
  }
}
