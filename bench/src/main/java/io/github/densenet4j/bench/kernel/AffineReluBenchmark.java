package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;

/** Batch normalisation and ReLU of a tile: the prologue of a 1x1 convolution, into its panels. */
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

  /** y = max(0, scale * x + shift). */
  @Benchmark
  public float[] run(Roofline roofline) {
    kernels.affineRelu(
        x,
        0,
        pitch,
        scale,
        shift,
        0,
        channels,
        pixels,
        y,
        0,
        Kernels.PANEL,
        channels * Kernels.PANEL);
    roofline.count(2.0 * channels * pixels, 2.0 * channels * pixels);
    return y;
  }
}
