package io.github.densenet4j.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The kernels on {@code jdk.incubator.vector}, one file an operation. Needs the JVM flag {@code
 * --add-modules jdk.incubator.vector}; {@link Kernels#best()} sees whether it was given.
 */
public final class VectorKernels implements Kernels {
  /** The kernels for the widest vectors of this processor that the JVM will use. */
  public VectorKernels() {}

  @Override
  public String description() {
    return "vector (%d bits, %d floats)".formatted(lanes() * Float.SIZE, lanes());
  }

  @Override
  public int lanes() {
    return FloatVector.SPECIES_PREFERRED.length();
  }

  @Override
  public int packedLength(int m, int k) {
    return Math.multiplyExact(Math.ceilDiv(m, ROW_BLOCK) * ROW_BLOCK, k);
  }

  @Override
  public void pack(
      float[] w, int wAt, int m, int rowStride, int k, int[] column, float[] packed, int packedAt) {
    VectorProduct.pack(w, wAt, m, rowStride, k, column, packed, packedAt);
  }

  @Override
  public void product(
      float[] packed,
      int packedAt,
      int m,
      int k,
      float[] x,
      int xAt,
      int[] xRow,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int p) {
    VectorProduct.product(packed, packedAt, m, k, x, xAt, xRow, bias, biasAt, y, yAt, yPitch, p);
  }

  @Override
  public void winogradInput(
      float[] d,
      int dAt,
      int dLine,
      int dRow,
      int rows,
      int p,
      float[] v,
      int vAt,
      int vPlane,
      int vRow) {
    VectorWinograd.input(d, dAt, dLine, dRow, rows, p, v, vAt, vPlane, vRow);
  }

  @Override
  public void winogradOutput(
      float[] m,
      int mAt,
      int mPlane,
      int mRow,
      int rows,
      int p,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yRow,
      int yLine,
      int lines) {
    VectorWinograd.output(m, mAt, mPlane, mRow, rows, p, bias, biasAt, y, yAt, yRow, yLine, lines);
  }

  @Override
  public void correlate(
      float[] dy,
      int dyAt,
      int dyPitch,
      int m,
      float[] x,
      int xAt,
      int[] xRow,
      int k,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch,
      float[] scratch,
      int scratchAt) {
    VectorCorrelate.correlate(
        dy, dyAt, dyPitch, m, x, xAt, xRow, k, p, dw, dwAt, dwPitch, scratch, scratchAt);
  }

  @Override
  public void affineRelu(
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch) {
    VectorRows.affineRelu(x, xAt, xPitch, scale, shift, at, rows, p, y, yAt, yPitch);
  }

  @Override
  public void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch) {
    VectorRows.relu(x, xAt, xPitch, rows, p, y, yAt, yPitch);
  }

  @Override
  public void moments(
      float[] x, int xAt, int xPitch, int rows, int p, double[] mean, double[] m2, int at) {
    VectorSums.moments(x, xAt, xPitch, rows, p, mean, m2, at);
  }

  @Override
  public void affineReluGradient(
      float[] du,
      int duAt,
      int duPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] scale,
      float[] shift,
      float[] centre,
      int at,
      int rows,
      int p,
      double[] sum,
      double[] dot,
      int sumAt) {
    VectorRows.affineReluGradient(
        du, duAt, duPitch, x, xAt, xPitch, scale, shift, centre, at, rows, p, sum, dot, sumAt);
  }

  @Override
  public void addScaled(
      float[] x,
      int xAt,
      int xPitch,
      float[] a,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch) {
    VectorRows.addScaled(x, xAt, xPitch, a, at, rows, p, y, yAt, yPitch);
  }

  @Override
  public void combine(
      float[] u,
      int uAt,
      int uPitch,
      float[] x,
      int xAt,
      int xPitch,
      float[] a,
      float[] b,
      float[] c,
      int at,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch) {
    VectorRows.combine(u, uAt, uPitch, x, xAt, xPitch, a, b, c, at, rows, p, y, yAt, yPitch);
  }

  @Override
  public void sums(float[] x, int xAt, int xPitch, int rows, int p, double[] sum, int sumAt) {
    VectorSums.sums(x, xAt, xPitch, rows, p, sum, sumAt);
  }

  @Override
  public void maxPool(
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      float[] scratch) {
    VectorPools.maxPool(x, xAt, h, w, scale, shift, y, yAt, scratch);
  }

  @Override
  public void maxPoolGradient(
      float[] dy,
      int dyAt,
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] du,
      int duAt) {
    MaxPoolGradient.apply(dy, dyAt, x, xAt, h, w, scale, shift, du, duAt);
  }

  @Override
  public void averagePool(
      float[] x,
      int xAt,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      float[] scratch) {
    VectorPools.averagePool(x, xAt, h, w, scale, shift, y, yAt, scratch);
  }

  @Override
  public void averagePoolGradient(float[] dy, int dyAt, int h, int w, float[] dx, int dxAt) {
    VectorPools.averagePoolGradient(dy, dyAt, h, w, dx, dxAt);
  }

  @Override
  public float globalAverage(float[] x, int xAt, int p, float scale, float shift) {
    return VectorSums.globalAverage(x, xAt, p, scale, shift);
  }
}
