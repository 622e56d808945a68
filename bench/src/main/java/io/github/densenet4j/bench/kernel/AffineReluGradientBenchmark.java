package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;

/** The backward pass of batch normalisation and ReLU on a tile, with its two sums. */
public class AffineReluGradientBenchmark extends KernelBenchmark {
  private float[] x;
  private float[] du;
  private float[] scale;
  private float[] shift;
  private float[] centre;
  private float[] share;
  private float[] dx;
  private double[] sum;
  private double[] dot;

  @Override
  void prepare() {
    x = random(channels * pitch);
    du = random(channels * pixels);
    scale = random(channels);
    shift = random(channels);
    centre = random(channels);
    share = random(channels);
    dx = random(channels * pitch);
    sum = new double[channels];
    dot = new double[channels];
  }

  /** So that the sums stay finite. */
  @Setup(Level.Iteration)
  public void clear() {
    java.util.Arrays.fill(dx, 0);
  }

  /** A reader's share is added to the gradient of the features. */
  @Benchmark
  public double[] run(Roofline roofline) {
    kernels.affineReluGradient(
        du, ALIGNED, pixels, x, ALIGNED, pitch, scale, shift, centre, share, 0, channels, pixels,
        dx, ALIGNED, pitch, sum, dot, 0);
    roofline.count(8.0 * channels * pixels, 4.0 * channels * pixels);
    return dot;
  }
}
