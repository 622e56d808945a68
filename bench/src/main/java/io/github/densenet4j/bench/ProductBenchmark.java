package io.github.densenet4j.bench;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
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

/** The matrix product at the shapes of densenet121's 1x1 convolutions: one tile of 480 pixels. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
@State(Scope.Thread)
public class ProductBenchmark {
  private static final int PIXELS = 480;

  /** Outputs of the bottleneck. */
  private static final int M = 128;

  /** Channels that the layer reads. */
  @Param({"64", "256", "1024"})
  int depth;

  private final Kernels scalar = new ScalarKernels();
  private final Kernels vector = Kernels.best();
  private float[] scalarWeights;
  private float[] vectorWeights;
  private float[] x;
  private float[] y;
  private final float[] tile = new float[Kernels.TILE_SCRATCH];

  /** Floating-point operations, for GFLOP/s. */
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  @State(Scope.Thread)
  public static class Counters {
    /** Billions of multiplications and additions. */
    public double gflop;
  }

  /** Makes the operands. */
  @Setup
  public void prepare() {
    float[] w = new float[M * depth];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) Randomness.gaussian(1, i);
    }
    int[] column = new int[depth];
    for (int k = 0; k < depth; k++) {
      column[k] = k;
    }
    x = new float[depth * PIXELS + Kernels.SLACK];
    y = new float[M * PIXELS + Kernels.SLACK];
    scalarWeights = packed(scalar, w, column);
    vectorWeights = packed(vector, w, column);
  }

  private float[] packed(Kernels kernels, float[] w, int[] column) {
    float[] packed = new float[kernels.packedLength(M, depth)];
    kernels.pack(w, 0, M, depth, depth, column, packed, 0);
    return packed;
  }

  /** The readable loops. */
  @Benchmark
  public float[] scalar(Counters counters) {
    return run(scalar, scalarWeights, counters);
  }

  /** The vector kernels. */
  @Benchmark
  public float[] vector(Counters counters) {
    return run(vector, vectorWeights, counters);
  }

  private float[] run(Kernels kernels, float[] weights, Counters counters) {
    kernels.product(weights, 0, M, depth, x, 0, null, 0, y, 0, PIXELS, PIXELS, tile, 0);
    counters.gflop += 2e-9 * M * depth * PIXELS;
    return y;
  }
}
