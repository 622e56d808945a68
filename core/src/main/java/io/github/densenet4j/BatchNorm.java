package io.github.densenet4j;

import io.github.densenet4j.Memory.Sums;
import io.github.densenet4j.kernel.Kernels;
import java.util.Arrays;

/**
 * Batch normalisation followed by ReLU, as one reader of maps: relu(scale * x + shift), with scale
 * = gamma * invStd and shift = beta - mean * scale (Ioffe and Szegedy, 2015).
 *
 * <p>The statistics belong to the maps, since they are the same for all readers; a reader has only
 * gamma and beta and its own running statistics. Nothing is stored: it is the {@link Prologue} of a
 * convolution, and in the backward pass the {@link Sink} that masks the gradient, adds gamma * u to
 * the maps' U and takes the two sums that all gradients need.
 */
final class BatchNorm implements Prologue, Sink {
  private final Plan plan;
  private final Maps in;
  private final int channels;
  private final int gammaAt;
  private final int betaAt;
  private final int meanAt;
  private final int varianceAt;
  private final float[] scale;
  private final float[] shift;
  private final float[] centre;
  private final float[] share; // the factor of u in U: gamma, in the maps' units
  private final double[] invStd;
  private final double[] observedMean;
  private final double[] observedVariance;
  private final Sums sum;
  private final Sums dot;
  private boolean batch;
  private boolean first;
  private boolean frozen;
  private int observations;
  private long preparedVersion = -1; // of the weights, for running statistics
  private Tiles tiles;

  /**
   * Normalises channels [0, channels) of the maps with the tensors {@code name.weight}, {@code
   * .bias} and so on.
   */
  BatchNorm(Plan plan, String name, Maps in, int channels) {
    this.plan = plan;
    this.in = in;
    this.channels = channels;
    this.gammaAt = plan.slot(name + ".weight");
    this.betaAt = plan.slot(name + ".bias");
    this.meanAt = plan.slot(name + ".running_mean");
    this.varianceAt = plan.slot(name + ".running_var");
    this.scale = new float[channels];
    this.shift = new float[channels];
    this.centre = new float[channels];
    this.share = new float[channels];
    this.invStd = new double[channels];
    this.observedMean = new double[channels];
    this.observedVariance = new double[channels];
    long tileSums = plan.record ? (long) channels * Product.maximumTiles(in, plan.images) : 0;
    this.sum = plan.memory.sums("tile gradient sums", tileSums);
    this.dot = plan.memory.sums("tile gradient dots", tileSums);
    plan.memory.small(channels * (4L * 4 + 3L * 8));
    in.valuesThere();
    in.valuesBack();
    in.gradientsBack();
    plan.norms.add(this);
  }

  /** Forgets what was observed: the beginning of a step. */
  void beginStep() {
    Arrays.fill(observedMean, 0);
    Arrays.fill(observedVariance, 0);
    observations = 0;
  }

  /** Moves the running statistics by the mean of what the step's shards observed. */
  void endStep() {
    if (observations == 0) {
      return;
    }
    double momentum = plan.config.bnMomentum();
    float[] running = plan.statistics();
    for (int c = 0; c < channels; c++) {
      running[meanAt + c] =
          (float)
              ((1 - momentum) * running[meanAt + c] + momentum * (observedMean[c] / observations));
      running[varianceAt + c] =
          (float)
              ((1 - momentum) * running[varianceAt + c]
                  + momentum * (observedVariance[c] / observations));
    }
  }

  /**
   * Fixes scale and shift, from the batch (observing it for the running statistics) or from the
   * running statistics.
   */
  void prepare(boolean batchStatistics) {
    long version = plan.weights().version();
    if (!plan.record && !batchStatistics && preparedVersion == version) {
      return;
    }
    preparedVersion = batchStatistics ? -1 : version;
    batch = batchStatistics;
    float[] parameters = plan.parameters();
    float[] running = plan.statistics();
    double pixels = in.pixels();
    for (int c = 0; c < channels; c++) {
      double mean = batch ? in.mean[c] : running[meanAt + c];
      invStd[c] =
          batch ? in.invStd[c] : 1 / Math.sqrt(running[varianceAt + c] + plan.config.bnEps());
      double factor = parameters[gammaAt + c] * invStd[c];
      scale[c] = (float) factor;
      shift[c] = (float) (parameters[betaAt + c] - mean * factor);
      centre[c] = (float) mean;
      if (batch) {
        observedMean[c] += mean;
        observedVariance[c] += in.variance[c] * (pixels / (pixels - 1));
      }
    }
    observations += batch ? 1 : 0;
  }

  float scale(int channel) {
    return scale[channel];
  }

  float shift(int channel) {
    return shift[channel];
  }

  @Override
  public float[] scale() {
    return scale;
  }

  @Override
  public float[] shift() {
    return shift;
  }

  @Override
  public void apply(
      Kernels kernels,
      float[] x,
      int xAt,
      int xPitch,
      int row,
      int rows,
      int p,
      float[] y,
      int yAt,
      int yPitch,
      int yPanel) {
    kernels.affineRelu(x, xAt, xPitch, scale, shift, row, rows, p, y, yAt, yPitch, yPanel);
  }

  /**
   * How the next backward pass is to go: as the first of the maps' readers or a later one, and
   * whether gamma and beta learn.
   */
  Sink gradient(boolean firstReader, boolean frozenParameters) {
    first = firstReader;
    frozen = frozenParameters;
    return this;
  }

  @Override
  public void begin(Tiles tiles) {
    this.tiles = tiles;
    if (first) {
      in.beginGradient();
    }
    for (int c = 0; c < channels; c++) {
      // With running statistics each reader has its own deviation: expressed in the maps' units, it
      // fits into the same U.
      share[c] = (float) (plan.parameters()[gammaAt + c] * (invStd[c] / in.invStd[c]));
    }
  }

  @Override
  public void take(
      float[] tile, int at, int pitch, int row, int rows, int column, int p, int index) {
    Kernels kernels = plan.engine.kernels();
    int dxAt = in.gradientAt(row) + column;
    if (first) {
      for (int r = 0; r < rows; r++) {
        Arrays.fill(in.dx(), dxAt + r * in.pitch, dxAt + r * in.pitch + p, 0);
      }
    }
    kernels.affineReluGradient(
        tile,
        at,
        pitch,
        in.x(),
        in.at(row) + column,
        in.pitch,
        scale,
        shift,
        centre,
        share,
        row,
        rows,
        p,
        in.dx(),
        dxAt,
        in.pitch,
        sum.array(),
        dot.array(),
        index * channels + row);
  }

  @Override
  public void end() {
    double[] sums = sum.array();
    double[] dots = dot.array();
    float[] gradients = plan.gradients();
    for (int c = 0; c < channels; c++) {
      double s = 0;
      double d = 0;
      for (int t = 0; t < tiles.count(); t++) {
        s += sums[t * channels + c];
        d += dots[t * channels + c];
      }
      double mean = batch ? in.mean[c] : plan.statistics()[meanAt + c];
      d = (d - (mean - centre[c]) * s) * invStd[c]; // sum of u * xhat
      if (!frozen) {
        gradients[gammaAt + c] += (float) d;
        gradients[betaAt + c] += (float) s;
      }
      if (batch) {
        double gamma = plan.parameters()[gammaAt + c];
        in.addToSums(c, gamma * s, gamma * d);
      }
    }
  }
}
