package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.Team;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * Feature maps of a batch, channel-major: {@code x (C, N*H*W)}, row c holds channel c of all
 * pictures.
 *
 * <p>So a dense block's concatenation is no operation at all (a layer appends rows), a 1x1
 * convolution is a matrix product, and a batch statistic is a sum over one row, taken once, when
 * the row is produced, for all layers that read it.
 *
 * <p>The lines of a picture follow each other; how a line's pixels do, {@link Lines} says.
 *
 * <p>In the backward pass {@code dx} first collects {@code U}, the sum over all readers of gamma *
 * u (u: the gradient behind a reader's batch normalisation, masked by its ReLU). Batch
 * normalisation's own backward pass is linear in u, so it is applied once, in {@link
 * #finishGradient}: dx = invStd * (U - mean(U) - xhat * mean(U * xhat)).
 */
final class Maps {
  private static final int TILE = 4096;

  final int channels;
  final int height;
  final int width;
  final Lines lines;
  final int pitch;

  /** Statistics of a row over the batch: (C). Without batch statistics mean 0 and invStd 1. */
  final double[] mean;

  final double[] variance;
  final double[] invStd;

  private final Plan plan;
  private final Slab x;
  private final Slab dx;
  private final double[] sumU; // (C): sum of U
  private final double[] dotU; // (C): sum of U * xhat
  private final float[] a; // (C): dx = a * U + b * x + c
  private final float[] b;
  private final float[] c;
  private final Team.Task finishTask = this::finishTile;
  private final Prologue finishing = this::finish;
  private int images;
  private int finishFrom;
  private int finishTo;

  /**
   * Maps of some channels and size.
   *
   * @param values makes the slab of the values
   * @param gradients makes that of the gradients
   */
  private Maps(
      Plan plan,
      int channels,
      int height,
      Lines lines,
      LongFunction<Slab> values,
      LongFunction<Slab> gradients) {
    this.plan = plan;
    this.channels = channels;
    this.height = height;
    this.width = lines.width();
    this.lines = lines;
    this.pitch = pitch((long) plan.images * height * width);
    this.x = values.apply((long) channels * pitch);
    this.dx = gradients.apply((long) channels * pitch);
    plan.memory.small(channels * (5L * 8 + 3L * 4));
    this.mean = new double[channels];
    this.variance = new double[channels];
    this.invStd = new double[channels];
    this.sumU = new double[channels];
    this.dotU = new double[channels];
    this.a = new float[channels];
    this.b = new float[channels];
    this.c = new float[channels];
  }

  /** Maps whose values and gradients are there at all times. */
  static Maps own(Plan plan, int channels, int height, Lines lines) {
    LongFunction<Slab> array = floats -> plan.memory.own(floats + Kernels.SLACK);
    return new Maps(plan, channels, height, lines, array, array);
  }

  /** Maps whose values are kept as long as anybody needs them. */
  static Maps kept(Plan plan, int channels, int height, Lines lines) {
    return new Maps(plan, channels, height, lines, plan.memory::kept, plan.memory::kept);
  }

  /** Maps whose values are lost behind the way there, and computed again on the way back. */
  static Maps recomputed(Plan plan, int channels, int height, Lines lines) {
    return new Maps(plan, channels, height, lines, plan.memory::recomputed, plan.memory::kept);
  }

  /**
   * Rows whose distance is a multiple of 128 floats would fall into the same few sets of the first
   * cache.
   */
  private static int pitch(long pixels) {
    long pitch = (pixels + 15) / 16 * 16;
    if (pitch % 128 == 0) {
      pitch += 16;
    }
    return (int) Math.min(pitch, Integer.MAX_VALUE);
  }

  /** The values are needed in the present stage of the way there. */
  void valuesThere() {
    x.there();
  }

  /** The values are needed in the present stage of the way back, if there is one. */
  void valuesBack() {
    if (plan.record) {
      x.back();
    }
  }

  /** The gradients are needed in the present stage of the way back, if there is one. */
  void gradientsBack() {
    if (plan.record) {
      dx.back();
    }
  }

  /** Says how many pictures the batch has. */
  void images(int n) {
    images = n;
  }

  int images() {
    return images;
  }

  /** Into how many parts a picture is divided so that all threads have as much to do. */
  int partsOfPicture() {
    int threads = plan.engine.team().threads();
    return images % threads == 0 ? 1 : threads;
  }

  /** N * H * W: the columns in use. */
  int pixels() {
    return images * height * width;
  }

  int area() {
    return height * width;
  }

  float[] x() {
    return x.array();
  }

  float[] dx() {
    return dx.array();
  }

  /** Index of a row's first value in {@link #x}. */
  int at(int row) {
    return x.at() + row * pitch;
  }

  /** Index of a row's first gradient in {@link #dx}. */
  int gradientAt(int row) {
    return dx.at() + row * pitch;
  }

  Rows rows(int from) {
    return new Rows(x, from * pitch, pitch);
  }

  Rows gradientRows(int from) {
    return new Rows(dx, from * pitch, pitch);
  }

  /** No batch statistics for rows [from, to): all readers use running ones. */
  void withoutStatistics(int from, int to) {
    Arrays.fill(mean, from, to, 0);
    Arrays.fill(variance, from, to, 1);
    Arrays.fill(invStd, from, to, 1);
  }

  /**
   * Merges the tiles' moments of rows [from, to) in the order of the tiles (Chan et al., 1979).
   *
   * @param tileMean (tiles, rows)
   * @param tileM2 (tiles, rows)
   * @param starts where each tile begins, and at the end the number of pixels
   */
  void statistics(int from, int to, double[] tileMean, double[] tileM2, Tiles tiles) {
    int rows = to - from;
    for (int r = 0; r < rows; r++) {
      double n = 0;
      double mu = 0;
      double m2 = 0;
      for (int t = 0; t < tiles.count(); t++) {
        double count = tiles.pixels(t);
        double delta = tileMean[t * rows + r] - mu;
        double total = n + count;
        mu += delta * (count / total);
        m2 += tileM2[t * rows + r] + delta * delta * (n * count / total);
        n = total;
      }
      int row = from + r;
      mean[row] = mu;
      variance[row] = m2 / n;
      invStd[row] = 1 / Math.sqrt(variance[row] + plan.config.bnEps());
    }
  }

  /** Before the first reader's gradient. */
  void beginGradient() {
    Arrays.fill(sumU, 0);
    Arrays.fill(dotU, 0);
  }

  /** One reader's share in the sums over a row: of gamma * u, and of gamma * u * xhat. */
  void addToSums(int row, double sum, double dot) {
    sumU[row] += sum;
    dotU[row] += dot;
  }

  /** The factors of dx = a * U + b * x + c for rows [from, to). */
  private void coefficients(int from, int to) {
    double n = pixels();
    for (int row = from; row < to; row++) {
      double inv = invStd[row];
      double slope = -inv * inv * dotU[row] / n;
      a[row] = (float) inv;
      b[row] = (float) slope;
      c[row] = (float) (-inv * sumU[row] / n - slope * mean[row]);
    }
  }

  /**
   * Turns U into dx in rows [from, to), in place: batch normalisation's backward pass, once for all
   * readers.
   */
  void finishGradient(int from, int to) {
    coefficients(from, to);
    finishFrom = from;
    finishTo = to;
    plan.engine.team().run(finishTask, (pixels() + TILE - 1) / TILE * ((to - from + 7) / 8));
  }

  /**
   * The same on the way of rows [0, channels) of the gradients into products; U stays what it is.
   */
  Prologue finishing() {
    coefficients(0, channels);
    return finishing;
  }

  private void finish(
      Kernels kernels,
      float[] u,
      int uAt,
      int uPitch,
      int row,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel) {
    int xAt = uAt - gradientAt(row) + at(row); // of the same row and column
    kernels.combine(u, uAt, uPitch, x(), xAt, pitch, a, b, c, row, rows, p, y, yAt, yPitch, yPanel);
  }

  private void finishTile(int index, int worker) {
    int groups = (finishTo - finishFrom + 7) / 8;
    int p0 = index / groups * TILE;
    int p = Math.min(TILE, pixels() - p0);
    int row = finishFrom + index % groups * 8;
    int rows = Math.min(8, finishTo - row);
    int at = at(row) + p0;
    int dxAt = gradientAt(row) + p0;
    plan.engine
        .kernels()
        .combine(
            dx(),
            dxAt,
            pitch,
            x(),
            at,
            pitch,
            a,
            b,
            c,
            row,
            rows,
            p,
            dx(),
            dxAt,
            pitch,
            Kernels.PANEL);
  }

  /**
   * A copy of the gradient of rows [from, to) as (N,C,H,W), computed from U without changing it.
   */
  float[] gradientNow(int from, int to) {
    coefficients(from, to);
    float[] out = new float[images * (to - from) * area()];
    float[] gradient = new float[area()];
    for (int n = 0, i = 0; n < images; n++) {
      for (int row = from; row < to; row++) {
        int at = at(row) + n * area();
        int dxAt = gradientAt(row) + n * area();
        for (int p = 0; p < area(); p++) {
          gradient[p] = Math.fma(a[row], dx()[dxAt + p], Math.fma(b[row], x()[at + p], c[row]));
        }
        lines.show(gradient, 0, out, i, height);
        i += area();
      }
    }
    return out;
  }

  /** Copies the values of rows [0, rows) as (N,C,H,W) to an array's place. */
  void copyTo(int rows, float[] out, int at) {
    for (int n = 0, i = at; n < images; n++) {
      for (int row = 0; row < rows; row++, i += area()) {
        lines.show(x(), at(row) + n * area(), out, i, height);
      }
    }
  }

  /** A copy of the values of rows [from, to) as (N,C,H,W). */
  float[] values(int from, int to) {
    return copy(rows(from), to - from);
  }

  /** A copy of the gradients of rows [from, to) as (N,C,H,W). */
  float[] gradients(int from, int to) {
    return copy(gradientRows(from), to - from);
  }

  private float[] copy(Rows source, int rows) {
    float[] out = new float[images * rows * area()];
    for (int n = 0, i = 0; n < images; n++) {
      for (int row = 0; row < rows; row++, i += area()) {
        lines.show(source.array(), source.at(row, n * area()), out, i, height);
      }
    }
    return out;
  }
}
