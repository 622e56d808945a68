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
  private float[] columns;
  private float[] planes;
  private float[] phases;
  private float[] scratch;
  private float[] weights;
  private float[] transformed;
  private int tilesDown;
  private int pitch; // tiles in a row
  private int rows; // lines of a channel
  private int channel; // of columns
  private int phase;
  private int plane;

  @Override
  void prepare() {
    pitch = Math.ceilDiv(side + 1, form.step());
    tilesDown = Math.ceilDiv(Kernels.PANEL, pitch);
    rows = tilesDown * form.step() + 2;
    channel = Math.max(tilesDown * pitch, Kernels.PANEL) * form.step() + Kernels.SLACK;
    phase = (tilesDown + 2) * pitch + Kernels.SLACK;
    plane = BOTTLENECK * Kernels.PANEL + 16;
    lines = random(BOTTLENECK * rows * side + Kernels.SLACK);
    columns = random(form.size() * BOTTLENECK * channel + Kernels.SLACK);
    planes = random(form.planes() * plane);
    phases = random(GROWTH * form.phases() * phase);
    scratch = new float[Kernels.WINOGRAD_SCRATCH];
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

  /** Lines of a bottleneck, transformed down the columns; about two operations a result. */
  @Benchmark
  public float[] columns(Roofline roofline) {
    kernels.winogradColumns(
        form,
        lines,
        0,
        rows * side,
        BOTTLENECK,
        tilesDown,
        side,
        columns,
        0,
        BOTTLENECK * channel,
        channel,
        form.step() * pitch);
    double results = (double) form.size() * BOTTLENECK * tilesDown * side;
    roofline.count(2 * results, results + (double) BOTTLENECK * rows * side);
    return columns;
  }

  /** The same, along the rows, into planes. */
  @Benchmark
  public float[] rows(Roofline roofline) {
    kernels.winogradRows(
        form,
        columns,
        0,
        BOTTLENECK * channel,
        channel,
        BOTTLENECK,
        Kernels.PANEL,
        planes,
        0,
        plane,
        Kernels.PANEL);
    double tiles = (double) BOTTLENECK * Kernels.PANEL;
    roofline.count(2 * form.planes() * tiles, (form.planes() + form.size() * form.step()) * tiles);
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
}
