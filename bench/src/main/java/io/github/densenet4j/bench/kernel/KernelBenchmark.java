package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One operation of {@link Kernels} on one thread, at the shapes of the layer in the middle of each
 * of densenet121's blocks, on a tile as the network cuts it.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules",
      "jdk.incubator.vector",
      "-XX:+UseSerialGC",
      "-XX:ObjectAlignmentInBytes=64"
    })
@State(Scope.Thread)
public abstract class KernelBenchmark {
  /** Columns of a tile, at most. */
  private static final int TILE = 480;

  /** Outputs of a bottleneck. */
  static final int BOTTLENECK = 128;

  /** The growth rate. */
  static final int GROWTH = 32;

  /** {@code vector}, or {@code scalar} for the readable loops. */
  @Param("vector")
  String implementation;

  /** Pixels of a map's side: 56, 28, 14 or 7. */
  @Param({"56", "28", "14", "7"})
  int side;

  Kernels kernels;

  /** Rows that the layer reads. */
  int channels;

  /** Columns of the tile. */
  int pixels;

  /** Floats between rows: a map of one picture, and no multiple of 128. */
  int pitch;

  /** Chooses kernels and shapes. */
  @Setup
  public void shapes() {
    kernels =
        switch (implementation) {
          case "vector" -> Kernels.best();
          case "scalar" -> new ScalarKernels();
          default ->
              throw new IllegalArgumentException(
                  "implementation is '" + implementation + "': it must be vector or scalar.");
        };
    channels =
        switch (side) {
          case 56 -> 160;
          case 28 -> 320;
          case 14 -> 640;
          case 7 -> 768;
          default ->
              throw new IllegalArgumentException(
                  "side is " + side + ": it must be 56, 28, 14 or 7.");
        };
    pixels = Math.min(TILE, side * side);
    pitch = (side * side + 15) / 16 * 16 + 16;
    prepare();
  }

  /** Makes the operands. */
  abstract void prepare();

  /** Random numbers from {@link Kernels#ALIGNED} on, and what may be read beyond them. */
  static float[] random(int floats) {
    float[] values = new float[Kernels.ALIGNED + floats + Kernels.SLACK];
    for (int i = 0; i < floats; i++) {
      values[i] = (float) Randomness.gaussian(1, i);
    }
    return values;
  }

  /** Where each of some rows begins. */
  static int[] rows(int count, int pitch) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = i * pitch;
    }
    return rows;
  }
}
