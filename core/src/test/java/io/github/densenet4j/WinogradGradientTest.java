package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Winograd;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Weight gradients of 3x3 convolutions by Winograd's algorithm against the plain sum. */
class WinogradGradientTest {
  @Test
  void agreesWithThePlainSum() {
    int[][] sizes = {
      {1, 4, 4},
      {2, 5, 7},
      {3, 7, 7},
      {17, 7, 7},
      {5, 8, 8},
      {3, 14, 14},
      {2, 28, 28},
      {1, 56, 56},
      {2, 6, 60},
      {1, 60, 6},
      {1, 12, 130}
    };
    try (Engine.Resources engine = Engine.open(1)) {
      for (int[] size : sizes) {
        for (Winograd winograd : Winograd.values()) {
          check(engine.engine(), winograd, size[0], size[1], size[2], 20, 12);
          check(engine.engine(), winograd, size[0], size[1], size[2], 8, 40);
          check(engine.engine(), winograd, size[0], size[1], size[2], 70, 9);
        }
      }
    }
  }

  private void check(
      Engine engine, Winograd winograd, int images, int height, int width, int channels, int m) {
    DenseNetConfig config = DenseNetConfig.named("cifar-40-12");
    Weights weights = Weights.initialise(config, 3);
    Plan plan = new Plan(config, weights.layout(), weights, engine, images, true, false);
    Maps in = Maps.own(plan, channels, height, Lines.plain(width));
    Maps out = Maps.own(plan, m, height, Lines.plain(width));
    Lines lines = new Lines(width, winograd);
    Maps ordered = Maps.own(plan, channels, height, lines);
    Maps orderedOut = Maps.own(plan, m, height, lines);
    out.gradientsBack();
    orderedOut.gradientsBack();
    Window window = new Window(3, 1, height, width);
    Rows dy = out.gradientRows(0);
    plan.memory.allocate();
    for (Maps maps : List.of(in, out, ordered, orderedOut)) {
      maps.images(images);
    }
    fill(in.x(), in.at(0), in.pitch, channels, images * height * width, 7);
    fill(out.dx(), out.gradientAt(0), out.pitch, m, images * height * width, 8);
    for (int c = 0; c < channels; c++) {
      lines.order(in.x(), in.at(c), ordered.x(), ordered.at(c), images * height);
    }
    for (int r = 0; r < m; r++) {
      int from = out.gradientAt(r);
      lines.order(out.dx(), from, orderedOut.dx(), orderedOut.gradientAt(r), images * height);
    }
    WeightGradient.Share plain = new SpatialGradient(plan, window, in.rows(0), channels, dy, m);
    WeightGradient.Share quick =
        new WinogradGradient(
            plan, ordered, ordered.rows(0), channels, orderedOut.gradientRows(0), m);
    for (Prologue prologue : new Prologue[] {Prologue.NONE, Prologue.RELU}) {
      float[] expected = sum(plan, plain, prologue, images, channels, m);
      float[] found = sum(plan, quick, prologue, images, channels, m);
      // a sum of as many products of size one as there are pixels, each rounded, in F(4x4) to a
      // tenth of the exactness
      float tolerance = 2e-5f * (float) Math.sqrt(images * height * width);
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i])
            .as("%d x %d x %d, %d channels, %d: %d", images, height, width, channels, m, i)
            .isCloseTo(expected[i], within(tolerance));
      }
    }
  }

  private static void fill(float[] x, int at, int pitch, int rows, int columns, int key) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < columns; i++) {
        x[at + r * pitch + i] = (float) Randomness.gaussian(key, r * 100_000L + i);
      }
    }
  }

  /** The gradients (channels, 9, m): all tiles, the channels in two parts. */
  private static float[] sum(
      Plan plan, WeightGradient.Share share, Prologue prologue, int images, int channels, int m) {
    boolean inLanes = share.channelsInLanes();
    int rows = inLanes ? m : channels;
    int lanes = WeightGradient.lanes(plan, inLanes ? channels : m);
    float[] sums = new float[rows * share.places() * lanes];
    Tiles tiles = share.divide(images);
    for (int tile = 0; tile < tiles.count(); tile++) {
      share.add(prologue, tile, 0, Math.min(16, channels), 0, sums, 0);
      if (channels > 16) {
        share.add(prologue, tile, 16, channels, 0, sums, 0);
      }
    }
    share.finish(sums, 0, rows, 0);
    float[] gradients = new float[channels * 9 * m];
    for (int i = 0; i < gradients.length; i++) {
      int row = inLanes ? i % m : i / m / 9;
      int lane = inLanes ? i / m / 9 : i % m;
      gradients[i] = sums[(row * 9 + i / m % 9) * lanes + lane];
    }
    return gradients;
  }
}
