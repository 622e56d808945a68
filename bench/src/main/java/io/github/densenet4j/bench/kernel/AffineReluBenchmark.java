package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;

/** What comes before a convolution, on a tile. */
public class AffineReluBenchmark extends KernelBenchmark {
  private float[] x;
  private float[] scale;
  private float[] shift;
  private float[] y;

  @Override
  void prepare() {
    x = random(channels * pitch);
    scale = random(channels);
    shift = random(channels);
    y = random(channels * Math.ceilDiv(pixels, Kernels.PANEL) * Kernels.PANEL);
  }

  /** Batch normalisation and ReLU into the panels of a product: max(0, scale * x + shift). */
  @Benchmark
  public float[] affineRelu(Roofline roofline) {
    kernels.affineRelu(
        x,
        ALIGNED,
        pitch,
        scale,
        shift,
        0,
        channels,
        pixels,
        y,
        ALIGNED,
        Kernels.PANEL,
        channels * Kernels.PANEL);
    roofline.count(2.0 * channels * pixels, 2.0 * channels * pixels);
    return y;
  }

  /** ReLU alone, of a bottleneck whose normalisation is folded into weights: max(0, x). */
  @Benchmark
  public float[] relu(Roofline roofline) {
    int line = Kernels.wholeLines(pixels) + 16;
    kernels.relu(x, ALIGNED, pitch, BOTTLENECK, pixels, y, ALIGNED, line, Kernels.PANEL);
    roofline.count(1.0 * BOTTLENECK * pixels, 2.0 * BOTTLENECK * pixels);
    return y;
  }
}
