package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.StemWinograd;
import org.openjdk.jmh.annotations.Benchmark;

/**
 * Winograd's transforms around the stem's convolution, four rows of its result, which is twice as
 * wide as the first block's maps: side 56 is a picture of 224 x 224.
 */
public class StemBenchmark extends KernelBenchmark {
  private static final int COLOURS = 3;
  private static final int CHANNELS = 64; // behind the stem
  private static final int PHASES = StemWinograd.PHASES * COLOURS;

  private int width; // of the result
  private int linePitch; // of the inputs' phases
  private int phase;
  private int transformed;
  private int plane;
  private int resultLine;
  private int resultPlane;
  private float[] x;
  private float[] planes;
  private float[] results;
  private float[] y;

  @Override
  void prepare() {
    width = 2 * side;
    linePitch = width + 3;
    phase = Kernels.wholeLines(StemWinograd.SIZE * linePitch) + 16;
    transformed = Kernels.wholeLines(linePitch) + Kernels.SLACK;
    plane = PHASES * transformed;
    resultLine = Kernels.wholeLines(width) + 16;
    resultPlane = CHANNELS * resultLine + 16;
    x = random(PHASES * phase);
    planes = random(StemWinograd.PLANES * plane);
    results = random(StemWinograd.PLANES * resultPlane);
    y = random(CHANNELS * StemWinograd.STEP * resultLine);
  }

  /** The picture's colours, transformed. */
  @Benchmark
  public float[] input(Roofline roofline) {
    kernels.stemInput(x, ALIGNED, phase, COLOURS, linePitch, planes, ALIGNED, plane, transformed);
    double columns = (double) PHASES * linePitch;
    roofline.count(15.0 * columns, (StemWinograd.SIZE + StemWinograd.PLANES) * columns);
    return planes;
  }

  /** All channels, transformed back into four rows. */
  @Benchmark
  public float[] output(Roofline roofline) {
    kernels.stemOutput(
        results,
        ALIGNED,
        resultPlane,
        resultLine,
        CHANNELS,
        0,
        StemWinograd.STEP,
        width,
        null,
        0,
        y,
        ALIGNED,
        StemWinograd.STEP * resultLine,
        resultLine);
    double columns = (double) CHANNELS * width;
    roofline.count(18.0 * columns, (StemWinograd.PLANES + StemWinograd.STEP) * columns);
    return y;
  }
}
