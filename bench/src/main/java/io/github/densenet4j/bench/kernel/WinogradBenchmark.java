package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

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
  private float[] joined;
  private float[] scratch;
  private float[] weights;
  private float[] transformed;
  private float[] gradients;
  private float[] seen;
  private int tilesDown;
  private int pitch; // tiles in a row and, where whole vectors are near, void positions
  private int rows; // lines of a channel
  private int phase;
  private int plane;

  @Override
  void prepare() {
    int tiles = Math.ceilDiv(side, form.step());
    pitch = tiles > 8 ? Kernels.wholeLines(tiles) : tiles > 4 ? 8 : tiles; // as the network's
    tilesDown = Math.ceilDiv(Kernels.PANEL, pitch);
    rows = tilesDown * form.step() + 2;
    phase = (tilesDown + 2) * pitch + Kernels.SLACK;
    plane = BOTTLENECK * Kernels.PANEL + 16;
    lines = random(BOTTLENECK * rows * side + Kernels.SLACK);
    between = random(Kernels.winogradInputScratch(form, pitch));
    planes = random(form.planes() * plane);
    phases = random(GROWTH * form.phases() * phase);
    joined = random(GROWTH * super.pitch);
    scratch = new float[Kernels.WINOGRAD_SCRATCH];
    gradients = random(form.phases() * Kernels.PANEL * Kernels.PANEL + Kernels.SLACK);
    seen = random((1 + rows * side) * Kernels.PANEL);
    int matrix = GROWTH * BOTTLENECK + Kernels.SLACK + 16;
    weights = random(9 * matrix);
    transformed = random(form.planes() * matrix);
  }

  /** All weights of a layer; the operations of both dimensions. */
  @Benchmark
  public float[] weights(Roofline roofline) {
    int count = GROWTH * BOTTLENECK;
    int pitch = count + Kernels.SLACK + 16;
    kernels.winogradWeights(form, weights, ALIGNED, pitch, count, transformed, ALIGNED, pitch);
    double lines = 3.0 + form.size();
    roofline.count((form == Winograd.F4 ? 12 : 5) * lines * count, (9.0 + form.planes()) * count);
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
        ALIGNED,
        rows * side,
        BOTTLENECK,
        tileRows * form.step(),
        side,
        0,
        tileRows,
        planes,
        ALIGNED,
        plane,
        Kernels.PANEL,
        BOTTLENECK * Kernels.PANEL,
        0,
        pitch,
        between,
        ALIGNED);
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
        ALIGNED,
        plane,
        Kernels.PANEL,
        GROWTH,
        Kernels.PANEL,
        null,
        0,
        phases,
        ALIGNED,
        form.phases() * phase,
        phase,
        scratch,
        0);
    double tiles = (double) GROWTH * Kernels.PANEL;
    roofline.count(
        4.0 * (form.planes() + form.phases()) * tiles, (form.planes() + form.phases()) * tiles);
    return phases;
  }

  /** Phases of the new features, joined to lines of a picture. */
  @Benchmark
  public float[] join(Roofline roofline) {
    int made = Math.min(side, Math.max(1, Kernels.PANEL / pitch) * form.step());
    kernels.winogradJoin(
        form,
        phases,
        ALIGNED,
        form.phases() * phase,
        phase,
        pitch,
        GROWTH,
        made,
        side,
        joined,
        ALIGNED,
        super.pitch);
    roofline.count(0, 2.0 * GROWTH * made * side);
    return joined;
  }

  /** The same tiles for the weights' gradient, a panel of channels at a time in the lanes. */
  @Benchmark
  public float[] pixels(Roofline roofline) {
    int tileRows = Math.max(1, Kernels.PANEL / pitch);
    for (int c = 0; c < BOTTLENECK; c += Kernels.PANEL) {
      kernels.winogradPixels(
          form,
          seen,
          ALIGNED + Kernels.PANEL,
          ALIGNED,
          Kernels.PANEL,
          tileRows * form.step(),
          side,
          0,
          tileRows,
          planes,
          ALIGNED + c * Kernels.PANEL,
          plane,
          scratch,
          0);
    }
    double made = (double) BOTTLENECK * tileRows * Math.ceilDiv(side, form.step());
    roofline.count(
        2 * (form.planes() + form.size() * form.size()) * made,
        (form.planes() + form.phases()) * made);
    return planes;
  }

  /** A panel of tiles of the new features' gradient, rows of a block in the lanes. */
  @Benchmark
  public float[] resultGradient(Roofline roofline) {
    kernels.winogradResultGradient(
        form,
        gradients,
        ALIGNED,
        GROWTH,
        form.step(),
        Kernels.PANEL * form.step(),
        planes,
        ALIGNED,
        plane,
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
        form, transformed, ALIGNED, pitch, count, weights, ALIGNED, pitch);
    roofline.count((form == Winograd.F4 ? 14.0 : 7.0) * count, (3.0 + form.size()) * count);
    return weights;
  }
}
