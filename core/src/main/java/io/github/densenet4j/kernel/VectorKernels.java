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
    return VectorProduct.packedLength(m, k);
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
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int p,
      float[] scratch,
      int scratchAt) {
    VectorProduct.product(
        packed, packedAt, m, k, x, xAt, bias, biasAt, y, yAt, yPitch, p, scratch, scratchAt);
  }

  @Override
  public void gather(float[] x, int xAt, int[] xRow, int k, float[] y, int yAt) {
    VectorRows.gather(x, xAt, xRow, k, y, yAt);
  }

  @Override
  public void columnWeights(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uRow) {
    VectorWinogradWeights.columns(f, w, wAt, wRow, n, u, uAt, uRow);
  }

  @Override
  public void winogradWeights(
      Winograd f, float[] w, int wAt, int wRow, int n, float[] u, int uAt, int uPlane) {
    if (f == Winograd.F4) {
      VectorWinogradWeights.planes4(w, wAt, wRow, n, u, uAt, uPlane);
    } else {
      VectorWinogradWeights.planes2(w, wAt, wRow, n, u, uAt, uPlane);
    }
  }

  @Override
  public void winogradInput(
      Winograd f,
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int xPitch,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      int vChannel,
      int vPanel,
      int position,
      int pitch,
      float[] scratch,
      int scratchAt) {
    VectorWinogradInput.input(
        f, relu, scale, shift, at, x, xAt, xPitch, channels, height, width, row, tileRows, v, vAt,
        vPlane, vChannel, vPanel, position, pitch, scratch, scratchAt);
  }

  @Override
  public void winogradResultGradient(
      Winograd f,
      float[] dy,
      int dyAt,
      int m,
      int height,
      int width,
      float[] z,
      int zAt,
      int zPlane,
      float[] scratch,
      int scratchAt) {
    VectorWinogradGradient.result(
        f, dy, dyAt, m, height, width, z, zAt, zPlane, scratch, scratchAt);
  }

  @Override
  public void winogradPixels(
      Winograd f,
      float[] x,
      int xAt,
      int zeroAt,
      int channels,
      int height,
      int width,
      int row,
      int tileRows,
      float[] v,
      int vAt,
      int vPlane,
      float[] scratch,
      int scratchAt) {
    VectorWinogradPixels.pixels(
        f, x, xAt, zeroAt, channels, height, width, row, tileRows, v, vAt, vPlane, scratch,
        scratchAt);
  }

  @Override
  public void winogradWeightsGradient(
      Winograd f, float[] u, int uAt, int uRow, int n, float[] w, int wAt, int wRow) {
    VectorWinogradGradient.weights(f, u, uAt, uRow, n, w, wAt, wRow);
  }

  @Override
  public void winogradOutput(
      Winograd f,
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
      int yPhase,
      float[] scratch,
      int scratchAt) {
    VectorWinogradOutput.output(
        f, m, mAt, mPlane, mRow, rows, p, bias, biasAt, y, yAt, yRow, yPhase, scratch, scratchAt);
  }

  @Override
  public void winogradJoin(
      Winograd f,
      float[] x,
      int xAt,
      int xChannel,
      int xPhase,
      int pitch,
      int channels,
      int rows,
      int width,
      float[] y,
      int yAt,
      int yPitch) {
    VectorWinogradOutput.join(
        f, x, xAt, xChannel, xPhase, pitch, channels, rows, width, y, yAt, yPitch);
  }

  @Override
  public void transpose(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int xPanel,
      int m,
      int p,
      float[] y,
      int yAt,
      float[] scratch,
      int scratchAt) {
    VectorTranspose.transpose(
        relu, scale, shift, at, x, xAt, xRow, xPanel, m, p, y, yAt, scratch, scratchAt);
  }

  @Override
  public void packRows(
      boolean relu,
      float[] scale,
      float[] shift,
      int at,
      float[] x,
      int xAt,
      int[] xRow,
      int from,
      int to,
      int p,
      float[] packed,
      int packedAt,
      float[] scratch,
      int scratchAt) {
    VectorTranspose.packRows(
        relu, scale, shift, at, x, xAt, xRow, from, to, p, packed, packedAt, scratch, scratchAt);
  }

  @Override
  public void sumRows(float[] x, int xAt, int xPitch, int rows, int n) {
    VectorSums.sumRows(x, xAt, xPitch, rows, n);
  }

  @Override
  public void correlate(
      float[] x,
      int xAt,
      int k,
      float[] dy,
      int dyAt,
      int m,
      int p,
      float[] dw,
      int dwAt,
      int dwPitch,
      float[] scratch,
      int scratchAt) {
    VectorCorrelate.correlate(x, xAt, k, dy, dyAt, m, p, dw, dwAt, dwPitch, scratch, scratchAt);
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
      int yPitch,
      int yPanel) {
    VectorRows.affineRelu(x, xAt, xPitch, scale, shift, at, rows, p, y, yAt, yPitch, yPanel);
  }

  @Override
  public void stemInput(
      float[] x,
      int xAt,
      int xPhase,
      int channels,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tPhase) {
    VectorStemWinograd.input(x, xAt, xPhase, channels, width, t, tAt, tPlane, tPhase);
  }

  @Override
  public void stemOutput(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int first,
      int end,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch,
      int yLine) {
    VectorStemWinograd.output(
        m, mAt, mPlane, mPitch, rows, first, end, width, bias, biasAt, y, yAt, yPitch, yLine);
  }

  @Override
  public void columnInput(
      float[] x,
      int xAt,
      int xChannel,
      int channels,
      int rows,
      int width,
      float[] t,
      int tAt,
      int tPlane,
      int tChannel) {
    VectorColumnWinograd.input(x, xAt, xChannel, channels, rows, width, t, tAt, tPlane, tChannel);
  }

  @Override
  public void columnProduct(
      float[] packed,
      int packedAt,
      int packedColumn,
      int m,
      int k,
      float[] x,
      int xAt,
      float[] y,
      int yAt,
      int yPitch,
      int p) {
    VectorColumnWinograd.product(packed, packedAt, packedColumn, m, k, x, xAt, y, yAt, yPitch, p);
  }

  @Override
  public void columnOutput(
      float[] m,
      int mAt,
      int mPlane,
      int mPitch,
      int rows,
      int lines,
      int width,
      float[] bias,
      int biasAt,
      float[] y,
      int yAt,
      int yPitch) {
    VectorColumnWinograd.output(
        m, mAt, mPlane, mPitch, rows, lines, width, bias, biasAt, y, yAt, yPitch);
  }

  @Override
  public void relu(
      float[] x, int xAt, int xPitch, int rows, int p, float[] y, int yAt, int yPitch, int yPanel) {
    VectorRows.relu(x, xAt, xPitch, rows, p, y, yAt, yPitch, yPanel);
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
      float[] share,
      int at,
      int rows,
      int p,
      float[] dx,
      int dxAt,
      int dxPitch,
      double[] sum,
      double[] dot,
      int sumAt) {
    VectorRows.affineReluGradient(
        du, duAt, duPitch, x, xAt, xPitch, scale, shift, centre, share, at, rows, p, dx, dxAt,
        dxPitch, sum, dot, sumAt);
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
      int yPitch,
      int yPanel) {
    VectorRows.combine(
        u, uAt, uPitch, x, xAt, xPitch, a, b, c, at, rows, p, y, yAt, yPitch, yPanel);
  }

  @Override
  public void sums(float[] x, int xAt, int xPitch, int rows, int p, double[] sum, int sumAt) {
    VectorSums.sums(x, xAt, xPitch, rows, p, sum, sumAt);
  }

  @Override
  public void maxPool(
      float[] x,
      int xAt,
      int xPitch,
      int h,
      int w,
      float scale,
      float shift,
      float[] y,
      int yAt,
      int from,
      int to,
      int[] pixels,
      float[] scratch,
      int scratchAt) {
    VectorPools.maxPool(
        x, xAt, xPitch, h, w, scale, shift, y, yAt, from, to, pixels, scratch, scratchAt);
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
      int duAt,
      float[] scratch) {
    VectorMaxPoolGradient.apply(dy, dyAt, x, xAt, h, w, scale, shift, du, duAt, scratch);
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
      int[] left,
      int[] right,
      float[] scratch,
      int scratchAt) {
    VectorPools.averagePool(x, xAt, h, w, scale, shift, y, yAt, left, right, scratch, scratchAt);
  }

  @Override
  public void averagePoolGradient(
      float[] dy,
      int dyAt,
      int h,
      int w,
      float[] dx,
      int dxAt,
      int[] source,
      float[] scratch,
      int scratchAt) {
    VectorPools.averagePoolGradient(dy, dyAt, h, w, dx, dxAt, source, scratch, scratchAt);
  }

  @Override
  public float globalAverage(float[] x, int xAt, int p, float scale, float shift) {
    return VectorSums.globalAverage(x, xAt, p, scale, shift);
  }
}
