package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The transforms of Winograd's algorithm for a panel of tiles, all channels of a layer. */
public class WinogradBenchmark extends KernelBenchmark {
  /** F(4x4,3x3) or F(2x2,3x3). */
  @Param({"F4", "F2"})
  Winograd form;

  private float[] lines;
  private float[] between;
  private float[] planes;
  private float[] phases;
  private float[] scratch;
  private float[] weights;
  private float[] transformed;
  private float[] gradients;
  private int tilesDown;
  private int pitch; // tiles in a row
  private int rows; // lines of a channel
  private int phase;
  private int plane;

  @Override
  void prepare() {
    pitch = Math.ceilDiv(side, form.step());
    tilesDown = Math.ceilDiv(Kernels.PANEL, pitch);
    rows = tilesDown * form.step() + 2;
    phase = (tilesDown + 2) * pitch + Kernels.SLACK;
    plane = BOTTLENECK * Kernels.PANEL + 16;
    lines = random(BOTTLENECK * rows * side + Kernels.SLACK);
    between = new float[Kernels.winogradInputScratch(form, side, pitch)];
    planes = random(form.planes() * plane);
    phases = random(GROWTH * form.phases() * phase);
    scratch = new float[Kernels.WINOGRAD_SCRATCH];
    gradients = random(Kernels.ALIGNED + form.phases() * Kernels.PANEL * Kernels.PANEL);
    int matrix = GROWTH * BOTTLENECK + Kernels.SLACK + 16;
    weights = random(Kernels.ALIGNED + 3 * matrix);
    transformed = random(Kernels.ALIGNED + form.size() * matrix);
  }

  /**
   * All weights of a layer along one dimension, of nine kernels' elements three; their operations.
   */
  @Benchmark
  public float[] weights(Roofline roofline) {
    int count = GROWTH * BOTTLENECK;
    int pitch = count + Kernels.SLACK + 16;
    kernels.winogradWeights(
        form, weights, Kernels.ALIGNED, pitch, count, transformed, Kernels.ALIGNED, pitch);
    roofline.count((form == Winograd.F4 ? 12.0 : 5.0) * count, (3.0 + form.size()) * count);
    return transformed;
  }

  /** A panel of tiles of a bottleneck; about two operations a result of each of two passes. */
  @Benchmark
  public float[] input(Roofline roofline) {
    int tileRows = Math.max(1, Kernels.PANEL / pitch);
    kernels.winogradInput(
        form,
        true,
        null,
        null,
        0,
        lines,
        0,
        rows * side,
        BOTTLENECK,
        tileRows * form.step(),
        side,
        0,
        tileRows,
        planes,
        0,
        plane,
        Kernels.PANEL,
        BOTTLENECK * Kernels.PANEL,
        0,
        pitch,
        between,
        0);
    double made = (double) BOTTLENECK * tileRows * pitch;
    roofline.count(
        2 * (form.planes() + form.size() * form.step()) * made,
        (form.planes() + form.size() * form.step()) * made);
    return planes;
  }

  /** Planes of the new features, transformed back into phases. */
  @Benchmark
  public float[] output(Roofline roofline) {
    kernels.winogradOutput(
        form,
        planes,
        0,
        plane,
        Kernels.PANEL,
        GROWTH,
        Kernels.PANEL,
        null,
        0,
        phases,
        0,
        form.phases() * phase,
        phase,
        scratch,
        0);
    double tiles = (double) GROWTH * Kernels.PANEL;
    roofline.count(
        4.0 * (form.planes() + form.phases()) * tiles, (form.planes() + form.phases()) * tiles);
    return phases;
  }

  /** A panel of tiles of the new features' gradient, transformed with its channels in the lanes. */
  @Benchmark
  public float[] resultGradient(Roofline roofline) {
    kernels.winogradResultGradient(
        form,
        gradients,
        Kernels.ALIGNED,
        0,
        GROWTH,
        form.step(),
        Kernels.PANEL * form.step(),
        planes,
        Kernels.ALIGNED,
        plane,
        0,
        scratch,
        0);
    double tiles = (double) GROWTH * Kernels.PANEL;
    roofline.count(
        2.0 * (form.planes() + form.size() * form.step()) * tiles,
        (form.planes() + form.phases()) * tiles);
    return planes;
  }

  /** The sums for a layer's weights along one dimension, turned into gradients. */
  @Benchmark
  public float[] weightsGradient(Roofline roofline) {
    int count = GROWTH * BOTTLENECK;
    int pitch = count + Kernels.SLACK + 16;
    kernels.winogradWeightsGradient(
        form, transformed, Kernels.ALIGNED, pitch, count, weights, Kernels.ALIGNED, pitch);
    roofline.count((form == Winograd.F4 ? 14.0 : 7.0) * count, (3.0 + form.size()) * count);
    return weights;
  }
}
