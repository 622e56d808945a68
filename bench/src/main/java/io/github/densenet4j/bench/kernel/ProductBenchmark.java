package io.github.densenet4j.bench.kernel;

import static io.github.densenet4j.kernel.Kernels.ALIGNED;

import io.github.densenet4j.kernel.Kernels;
import org.openjdk.jmh.annotations.Benchmark;

/** The matrix product of a tile: a bottleneck's 1x1 convolution, and a plane of Winograd's. */
public class ProductBenchmark extends KernelBenchmark {
  private Operands pointwise;
  private Operands plane;
  private float[] tile;

  /** A product's operands: y (m,p) = w (m,k) * x (k,p), x in panels. */
  private record Operands(int m, int k, int p, float[] packed, float[] x, float[] y) {}

  @Override
  void prepare() {
    pointwise = operands(BOTTLENECK, channels, pixels);
    plane = operands(GROWTH, BOTTLENECK, Kernels.PANEL);
    tile = new float[Kernels.TILE_SCRATCH];
  }

  private Operands operands(int m, int k, int p) {
    float[] packed = new float[kernels.packedLength(m, k)];
    kernels.pack(random(m * k), 0, m, k, k, rows(k, 1), packed, 0);
    int columns = Math.ceilDiv(p, Kernels.PANEL) * Kernels.PANEL;
    return new Operands(m, k, p, packed, random(k * columns), random(m * p));
  }

  /** A layer's first convolution. */
  @Benchmark
  public float[] pointwise(Roofline roofline) {
    return run(pointwise, roofline);
  }

  /** One of the 36 products of a layer's second convolution. */
  @Benchmark
  public float[] plane(Roofline roofline) {
    return run(plane, roofline);
  }

  private float[] run(Operands o, Roofline roofline) {
    kernels.product(o.packed, 0, o.m, o.k, o.x, ALIGNED, null, 0, o.y, ALIGNED, o.p, o.p, tile, 0);
    double multiplications = (double) o.m * o.k * o.p;
    roofline.count(2 * multiplications, o.packed.length + (double) o.k * o.p + (double) o.m * o.p);
    return o.y;
  }
}
