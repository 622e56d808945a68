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
  private float[] phases;
  private float[] planes;
  private float[] scratch;
  private int rows;
  private int rowPitch; // tiles in a row of a phase
  private int phase;
  private int plane;

  @Override
  void prepare() {
    rowPitch = Math.ceilDiv(side + 1, form.step());
    int tileRows = Math.ceilDiv(Kernels.PANEL, rowPitch);
    rows = tileRows * form.step() + 2;
    phase = (tileRows + 2) * rowPitch + Kernels.SLACK;
    plane = BOTTLENECK * Kernels.PANEL + 16;
    lines = random(16 + BOTTLENECK * rows * side);
    phases = random(BOTTLENECK * form.phases() * phase);
    planes = random(form.planes() * plane);
    scratch = new float[Kernels.WINOGRAD_SCRATCH];
  }

  /** Rows of a bottleneck, split into phases. */
  @Benchmark
  public float[] split(Roofline roofline) {
    kernels.winogradSplit(
        form,
        lines,
        16,
        rows * side,
        BOTTLENECK,
        rows,
        side,
        phases,
        0,
        form.phases() * phase,
        phase,
        rowPitch,
        0);
    double values = (double) BOTTLENECK * rows * side;
    roofline.count(0, 2 * values);
    return phases;
  }

  /** Phases of a bottleneck, transformed into planes; about four operations a result and pass. */
  @Benchmark
  public float[] input(Roofline roofline) {
    kernels.winogradInput(
        form,
        phases,
        0,
        form.phases() * phase,
        phase,
        rowPitch,
        BOTTLENECK,
        Kernels.PANEL,
        planes,
        0,
        plane,
        Kernels.PANEL,
        scratch,
        0);
    double tiles = (double) BOTTLENECK * Kernels.PANEL;
    roofline.count(8 * form.planes() * tiles, (form.planes() + form.phases()) * tiles);
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
