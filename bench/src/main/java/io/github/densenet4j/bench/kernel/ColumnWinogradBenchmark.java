package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Winograd;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Winograd's algorithm down the columns alone, for a band of a picture; the network's small maps.
 */
public class ColumnWinogradBenchmark extends KernelBenchmark {
  private static final int STEP = Winograd.F4.step();
  private static final int SIZE = Winograd.F4.size();
  private static final int CHANNELS = 4; // that are transformed together

  private int rows; // of tiles
  private int positions;
  private int linePitch;
  private int plane;
  private int resultPitch;
  private int resultPlane;
  private float[] lines;
  private float[] planes;
  private float[] packed;
  private float[] results;
  private float[] y;

  @Override
  void prepare() {
    int most = (Kernels.BAND_PITCH - 32) / (side + 1);
    rows = Math.min(most, Math.ceilDiv(side, STEP));
    positions = rows * (side + 1);
    linePitch = Kernels.wholeLines((rows * STEP + 2) * side) + 16;
    plane = BOTTLENECK * Kernels.BAND_PITCH + Kernels.SLACK;
    resultPitch = Math.ceilDiv(positions, Kernels.PANEL) * Kernels.PANEL + 16;
    resultPlane = GROWTH * resultPitch + 16;
    lines = random(CHANNELS * linePitch);
    planes = random(SIZE * plane);
    packed = random(3 * kernels.packedLength(GROWTH, BOTTLENECK));
    results = random(SIZE * resultPlane);
    y = random(GROWTH * pitch);
  }

  /** Some channels of the bottleneck, transformed. */
  @Benchmark
  public float[] input(Roofline roofline) {
    kernels.columnInput(
        lines,
        ALIGNED,
        linePitch,
        CHANNELS,
        rows,
        side,
        planes,
        ALIGNED,
        plane,
        Kernels.BAND_PITCH);
    double tiles = (double) CHANNELS * rows * side;
    roofline.count(2.0 * SIZE * tiles, (STEP + SIZE) * tiles);
    return planes;
  }

  /** One of the six products, a plain sum along the rows. */
  @Benchmark
  public float[] product(Roofline roofline) {
    kernels.columnProduct(
        packed,
        0,
        GROWTH * BOTTLENECK,
        GROWTH,
        BOTTLENECK,
        planes,
        ALIGNED,
        results,
        ALIGNED,
        resultPitch,
        positions);
    double weights = 3.0 * GROWTH * BOTTLENECK;
    roofline.count(
        2 * weights * positions,
        weights + (double) BOTTLENECK * (positions + 2) + (double) GROWTH * positions);
    return results;
  }

  /** All new features, transformed back into lines of a picture. */
  @Benchmark
  public float[] output(Roofline roofline) {
    int made = Math.min(side, rows * STEP);
    kernels.columnOutput(
        results, ALIGNED, resultPlane, resultPitch, GROWTH, made, side, null, 0, y, ALIGNED, pitch);
    double tiles = (double) GROWTH * rows * side;
    roofline.count(12.0 * tiles, (SIZE + STEP) * tiles);
    return y;
  }
}
