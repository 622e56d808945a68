package io.github.densenet4j.bench.kernel;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.PeakMeter;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What an operation could at best do here (Williams et al., "Roofline", 2009): its arithmetic at
 * the peak of fused multiply-adds or its bytes at the speed of a copy in the second cache,
 * whichever takes longer. Both are measured in the same process. JMH prints each counter by the
 * second.
 */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Roofline {
  private static final int COPIED = 1 << 15; // floats: 128 KiB from, 128 KiB to
  private static final long NANOS = 300_000_000;

  /** Billions of additions and multiplications. */
  public double gflop;

  /** Billions of bytes that are read or written, each once. */
  public double gbyte;

  /** Seconds that the roofline allows: by the second, the fraction of it that is reached. */
  public double ofRoof;

  private double flopsPerSecond;
  private double bytesPerSecond;

  /** Measures the machine. */
  @Setup(Level.Trial)
  public void measure() {
    try (Engine.Resources engine = Engine.open(1)) {
      flopsPerSecond = PeakMeter.gflops(engine.engine()) * 1e9;
    }
    float[] from = new float[COPIED];
    float[] to = new float[COPIED];
    for (int round = 0; round < 5; round++) {
      double bytes = 0;
      long start = System.nanoTime();
      while (System.nanoTime() - start < NANOS) {
        System.arraycopy(from, 0, to, 0, COPIED);
        bytes += 2.0 * Float.BYTES * COPIED;
      }
      bytesPerSecond = Math.max(bytesPerSecond, bytes / (System.nanoTime() - start) * 1e9);
    }
  }

  /**
   * Counts one run.
   *
   * @param flop additions and multiplications
   * @param floats read or written, each once
   */
  void count(double flop, double floats) {
    double bytes = Float.BYTES * floats;
    gflop += flop * 1e-9;
    gbyte += bytes * 1e-9;
    ofRoof += Math.max(flop / flopsPerSecond, bytes / bytesPerSecond);
  }
}
