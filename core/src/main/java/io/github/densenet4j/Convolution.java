package io.github.densenet4j;

import io.github.densenet4j.Memory.Slab;
import io.github.densenet4j.Memory.Sums;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;

/**
 * A convolution with the three products that it needs: its result, the gradient of its weights and
 * the gradient of its input. What is normalised before it is the {@link Prologue}.
 */
final class Convolution {
  private final Plan plan;
  private final Maps in;
  private final int channels;
  private final Maps out;
  private final int outRow;
  private final int m;
  private final Rows dy; // null without a backward pass
  private final int weightAt;
  private final int biasAt;
  private final Window window; // null for 1x1
  private final Product product;
  private final Product inputProduct;
  private final Store store;
  private final WeightGradient weightGradient;
  private final PointwiseGradient pointwise; // makes both gradients; null if not 1x1, or not both
  private final Slab folded;
  private final float[] foldedBias;
  private final Sums biasSums;
  private final Team.Task biasTask = this::sumBias;
  private Prologue prologue = Prologue.NONE;
  private Prologue finish = Prologue.NONE; // of the result's gradient
  private long foldedVersion = -1;

  /**
   * A convolution of rows [0, channels) of {@code in} to rows [outRow, outRow + m) of {@code out}.
   *
   * @param name of the tensors {@code name.weight (M, channels, kernel, kernel)} and, if there is
   *     one, {@code name.bias}
   * @param inputGradient whether the gradient of its input will be asked for
   */
  Convolution(
      Plan plan,
      String name,
      int kernel,
      int stride,
      Maps in,
      int channels,
      Maps out,
      int outRow,
      int m,
      boolean inputGradient) {
    this.plan = plan;
    this.in = in;
    this.channels = channels;
    this.out = out;
    this.outRow = outRow;
    this.m = m;
    Rows x = in.rows(0);
    in.valuesThere();
    in.valuesBack();
    out.gradientsBack();
    this.dy = plan.record ? out.gradientRows(outRow) : null;
    this.weightAt = plan.slot(name + ".weight");
    this.biasAt = plan.optionalSlot(name + ".bias");
    int taps = kernel * kernel;
    int k = channels * taps;
    this.window = kernel == 1 ? null : new Window(kernel, stride, in.height, in.width);
    this.product = product(in, x, m, channels, k, straight(k));
    this.store = Store.values(plan, out, outRow, m);
    this.folded = plan.fold ? plan.memory.shared("folded weights", (long) m * k) : null;
    this.foldedBias = plan.fold ? new float[m] : null;
    if (!plan.record) {
      this.inputProduct = null;
      this.weightGradient = null;
      this.pointwise = null;
      this.biasSums = null;
      return;
    }
    this.inputProduct = inputGradient ? inputProduct(taps) : null;
    WeightGradient.Share share = share(x);
    this.weightGradient = new WeightGradient(plan, m, channels, taps, weightAt, share);
    this.pointwise = inputProduct instanceof PointwiseProduct ? (PointwiseGradient) share : null;
    this.biasSums = plan.memory.sums("bias sums", biasAt < 0 ? 0 : m);
  }

  private static int[] straight(int k) {
    int[] column = new int[k];
    for (int i = 0; i < k; i++) {
      column[i] = i;
    }
    return column;
  }

  /**
   * The transposed product: dx (channels, P) = W^T (channels, M * taps) * dy, the window turned by
   * half a turn.
   */
  private Product inputProduct(int taps) {
    if (window != null && window.stride != 1) {
      return null; // only the first convolution: see inputGradientOfStride
    }
    int[] column = new int[m * taps];
    for (int o = 0; o < m; o++) {
      for (int t = 0; t < taps; t++) {
        column[o * taps + t] = o * channels * taps + (taps - 1 - t);
      }
    }
    return product(out, dy, channels, m, taps, column);
  }

  /**
   * The product of weights (rows, depth * taps) with what the window sees of some channels of maps.
   */
  private Product product(Maps maps, Rows x, int rows, int depth, int rowStride, int[] column) {
    if (plan.engine.kernels().lanes() == 1) {
      int k = window == null ? depth : depth * window.taps;
      return new DirectProduct(
          plan,
          window,
          maps,
          x,
          depth,
          new PackedWeights(plan, rows, k, weightAt, rowStride, column));
    }
    if (window == null) {
      return new PointwiseProduct(
          plan, maps, x, new PackedWeights(plan, rows, depth, weightAt, rowStride, column));
    }
    Winograd winograd = in.lines.winograd();
    if (winograd != null) {
      return new WinogradProduct(
          plan,
          maps,
          x,
          new WinogradWeights(plan, winograd, false, rows, depth, weightAt, rowStride, column));
    }
    if (window.kernel == 3
        && window.stride == 1
        && Math.min(depth, rows) >= WinogradProduct.LEAST_CHANNELS
        && ColumnWinogradProduct.suits(plan, in.height, in.width)) {
      return new ColumnWinogradProduct(
          plan,
          maps,
          x,
          new WinogradWeights(plan, Winograd.F4, true, rows, depth, weightAt, rowStride, column));
    }
    return new SpatialProduct(
        plan,
        window,
        maps,
        x,
        depth,
        new PackedWeights(plan, rows, depth * window.taps, weightAt, rowStride, column));
  }

  /** How the gradient of the weights is summed. */
  private WeightGradient.Share share(Rows x) {
    if (window == null) {
      return new PointwiseGradient(plan, in, dy, m);
    }
    return in.lines.winograd() != null
        ? new WinogradGradient(plan, in, x, channels, dy, m)
        : new SpatialGradient(plan, window, x, channels, dy, m);
  }

  /** Drops results on their way. */
  void dropout(Dropout dropout) {
    store.dropout(dropout);
  }

  /**
   * out = W * prologue(in) + bias; takes the statistics of the result where batch statistics are
   * wanted.
   */
  void forward(Prologue before, boolean statistics) {
    prologue = before;
    product.weights().refresh();
    run(statistics, bias(), biasAt);
  }

  /** The same again, bit for bit, without taking statistics: recomputing what was not kept. */
  void recompute() {
    product.weights().refresh();
    store.statistics(false);
    product.run(prologue, bias(), biasAt, store);
  }

  /**
   * Inference: out = scale * (W * prologue(in) + bias) + shift, the normalisation behind the
   * convolution folded into its weights and bias; its ReLU is the next convolution's prologue.
   */
  void forwardFolded(Prologue before, BatchNorm behind) {
    prologue = before;
    refold(behind, product.weights());
    run(false, foldedBias, 0);
  }

  /** Inference: as {@link #forward}, but for the product's tasks, which someone else runs. */
  void begin(Prologue before) {
    product.weights().refresh();
    withoutStatistics();
    product.begin(before, bias(), biasAt, store);
  }

  /** Inference: as {@link #forwardFolded}, but for the product's tasks, which someone else runs. */
  void beginFolded(Prologue before, BatchNorm behind) {
    refold(behind, product.weights());
    withoutStatistics();
    product.begin(before, foldedBias, 0, store);
  }

  /** Inference: as {@link #beginFolded}, and the next convolution with it, band by band. */
  void beginBanded(BandedBottleneck banded, Prologue before, BatchNorm behind, Convolution next) {
    refold(behind, product.weights());
    next.product.weights().refresh();
    next.withoutStatistics();
    banded.use(before, foldedBias, next.bias(), next.biasAt, next.store);
  }

  /** Where {@link #biasAt} is an index, or null where there is no bias. */
  private float[] bias() {
    return biasAt < 0 ? null : plan.parameters();
  }

  private void withoutStatistics() {
    store.statistics(false);
    out.withoutStatistics(outRow, outRow + m);
  }

  /** Inference: as {@link #forwardFolded}, and the stem's pool with it, band by band. */
  void forwardBanded(BandedStem banded, BatchNorm behind) {
    refold(behind, banded.weights());
    banded.run(foldedBias);
  }

  Product product() {
    return product;
  }

  private void refold(BatchNorm behind, PackedWeights weights) {
    if (foldedVersion != plan.weights().version()) {
      fold(behind, weights);
      foldedVersion = plan.weights().version();
    }
  }

  private void fold(BatchNorm behind, PackedWeights weights) {
    int k = weights.depth();
    float[] parameters = plan.parameters();
    float[] scaled = folded.array();
    for (int row = 0; row < m; row++) {
      float scale = behind.scale(row);
      for (int i = 0; i < k; i++) {
        scaled[row * k + i] = scale * parameters[weightAt + row * k + i];
      }
      foldedBias[row] = behind.shift(row) + (biasAt < 0 ? 0 : scale * parameters[biasAt + row]);
    }
    weights.packFrom(scaled, 0);
  }

  private void run(boolean statistics, float[] bias, int at) {
    store.statistics(statistics);
    product.run(prologue, bias, at, store);
    if (!statistics) {
      out.withoutStatistics(outRow, outRow + m);
    }
  }

  /**
   * Both gradients: adds those of weights and bias, hands that of the (normalised, rectified) input
   * to a sink. The gradient of the result is finished.
   *
   * @param frozen whether weights and bias are to be left alone
   */
  void gradients(Sink sink, boolean frozen) {
    if (frozen) {
      inputGradient(sink);
      return;
    }
    Tiles tiles = pointwise == null ? null : weightGradient.tiles(in.images());
    if (tiles == null || tiles.count() > Product.maximumTiles(in, in.images())) {
      weightGradient();
      inputGradient(sink);
      return;
    }
    inputProduct.weights().refresh();
    sink.begin(tiles);
    pointwise.alongside((PointwiseProduct) inputProduct, sink);
    weightGradient();
    pointwise.alongside(null, null);
    sink.end();
  }

  /**
   * The same of a 1x1 convolution whose result's gradient is still U at every call, all rows of its
   * maps: it is finished on its way into the products.
   */
  void gradientsOfU(Sink sink, boolean frozen) {
    if (pointwise == null || biasAt >= 0) {
      out.finishGradient(0, m);
      gradients(sink, frozen);
      return;
    }
    finish = out.finishing();
    pointwise.finish(finish);
    gradients(sink, frozen);
  }

  /** Adds the gradients of the weights and the bias; the gradient of the result is finished. */
  void weightGradient() {
    weightGradient.run(prologue, in.images());
    biasGradient();
  }

  private void biasGradient() {
    if (biasAt >= 0) {
      plan.engine.team().run(biasTask, (m + 7) / 8);
    }
  }

  private void sumBias(int index, int worker) {
    int row = index * 8;
    int rows = Math.min(8, m - row);
    plan.engine
        .kernels()
        .sums(dy.array(), dy.at(row, 0), dy.pitch(), rows, out.pixels(), biasSums.array(), row);
    for (int r = row; r < row + rows; r++) {
      plan.gradients()[biasAt + r] += (float) biasSums.array()[r];
    }
  }

  /**
   * Hands the gradient of the (normalised, rectified) input to a sink; the gradient of the result
   * is finished.
   */
  void inputGradient(Sink sink) {
    inputProduct.weights().refresh();
    inputProduct.run(finish, null, 0, sink);
  }

  /**
   * The gradient of the input pictures {@code dx (channels, N*H*W)} of a convolution with stride 2:
   * only for those who ask for it (a saliency map), so in plain loops, a picture a task.
   */
  void inputGradientOfStride(float[] dx) {
    plan.engine.team().run((n, worker) -> scatter(n, dx), in.images());
  }

  private void scatter(int n, float[] dx) {
    int kernel = window.kernel;
    float[] weights = plan.parameters();
    for (int c = 0; c < channels; c++) {
      int plane = in.gradientAt(c) + n * in.area();
      Arrays.fill(dx, plane, plane + in.area(), 0);
      for (int o = 0; o < m; o++) {
        int filter = weightAt + (o * channels + c) * window.taps;
        int line = dy.at(o, n * out.area());
        for (int i = 0; i < out.area(); i++) {
          float gradient = dy.array()[line + i];
          int top = i / out.width * window.stride - window.padding;
          int left = i % out.width * window.stride - window.padding;
          for (int dh = Math.max(0, -top); dh < Math.min(kernel, in.height - top); dh++) {
            for (int dw = Math.max(0, -left); dw < Math.min(kernel, in.width - left); dw++) {
              dx[plane + (top + dh) * in.width + left + dw] +=
                  gradient * weights[filter + dh * kernel + dw];
            }
          }
        }
      }
    }
  }
}
