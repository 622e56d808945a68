package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Winograd;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** 3x3 convolutions by Winograd's algorithm against the plain sum, at sizes that do not divide. */
class WinogradProductTest {
  private static final String LAYER = "features.denseblock1.denselayer2.conv1"; // 12 x (28, 3, 3)

  @Test
  void agreesWithThePlainSum() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 3, 3},
      {1, 4, 4},
      {2, 5, 7},
      {3, 7, 7},
      {1, 12, 12},
      {3, 12, 12},
      {9, 7, 7},
      {5, 8, 8},
      {3, 14, 14},
      {2, 28, 28},
      {3, 28, 28},
      {1, 56, 56},
      {2, 6, 60},
      {1, 60, 6},
      {1, 70, 130}
    };
    try (Engine.Resources engine = Engine.open(2)) {
      for (int[] size : sizes) {
        for (Winograd winograd : Winograd.values()) {
          check(engine.engine(), winograd, false, size[0], size[1], size[2]);
        }
        check(engine.engine(), Winograd.F4, true, size[0], size[1], size[2]);
      }
    }
  }

  private void check(
      Engine engine, Winograd winograd, boolean columnsAlone, int images, int height, int width) {
    DenseNetConfig config = DenseNetConfig.named("cifar-40-12");
    Weights weights = Weights.initialise(config, 3);
    Plan plan = new Plan(config, weights.layout(), weights, engine, images, false, false);
    Maps in = Maps.own(plan, 28, height, Lines.plain(width));
    Maps out = Maps.own(plan, 12, height, Lines.plain(width));
    Lines lines = new Lines(width, columnsAlone ? null : winograd);
    Maps ordered = Maps.own(plan, 28, height, lines);
    Maps made = Maps.own(plan, 12, height, lines);
    int at = plan.slot(LAYER + ".weight");
    int[] straight = new int[28 * 9];
    Arrays.setAll(straight, i -> i);
    Product plain =
        new SpatialProduct(
            plan,
            new Window(3, 1, height, width),
            in,
            in.rows(0),
            28,
            new PackedWeights(plan, 12, 28 * 9, at, 28 * 9, straight));
    Product quick =
        columnsAlone
            ? new ColumnWinogradProduct(
                plan,
                ordered,
                ordered.rows(0),
                new WinogradWeights(plan, winograd, true, 12, 28, at, 28 * 9, straight))
            : new WinogradProduct(
                plan,
                ordered,
                ordered.rows(0),
                new WinogradWeights(plan, winograd, false, 12, 28, at, 28 * 9, straight));
    Store store = Store.values(plan, out, 0, 12);
    Store quickStore = Store.values(plan, made, 0, 12);
    plan.memory.allocate();
    for (Maps maps : List.of(in, out, ordered, made)) {
      maps.images(images);
    }
    for (int c = 0; c < 28; c++) {
      for (int i = 0; i < images * height * width; i++) {
        in.x()[in.at(c) + i] = (float) Randomness.gaussian(7, c * 100_000L + i);
      }
      lines.order(in.x(), in.at(c), ordered.x(), ordered.at(c), images * height);
    }
    float[] bias = new float[12];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = i * 0.25f - 1;
    }
    plain.weights().refresh();
    plain.run(Prologue.RELU, bias, 0, store);
    float[] expected = out.x().clone();
    Arrays.fill(out.x(), Float.NaN);
    Arrays.fill(made.x(), Float.NaN);
    quick.weights().refresh();
    quick.run(Prologue.RELU, bias, 0, quickStore);
    for (int c = 0; c < 12; c++) {
      lines.show(made.x(), made.at(c), out.x(), out.at(c), images * height);
    }
    for (int c = 0; c < 12; c++) {
      for (int i = 0; i < images * height * width; i++) {
        // sums of 252 products of size 0.1: F(4x4) rounds about ten times as much as a plain sum
        assertThat(out.x()[out.at(c) + i])
            .as("%s, %d x %d x %d: channel %d, %d", winograd, images, height, width, c, i)
            .isCloseTo(expected[out.at(c) + i], within(3e-5f));
      }
    }
  }
}
