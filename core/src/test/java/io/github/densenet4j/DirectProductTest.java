package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.ScalarKernels;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions in plain loops against their definition, at sizes that do not divide. */
class DirectProductTest {
  private static final int IN = 11; // no multiple of eight
  private static final int OUT = 19;

  @ParameterizedTest(name = "{0}x{0} by {1}, {2} pictures of {3} x {4}")
  @CsvSource({
    "1, 1, 1, 1, 1",
    "1, 1, 3, 5, 7",
    "1, 1, 2, 40, 31",
    "3, 1, 1, 1, 1",
    "3, 1, 2, 5, 7",
    "3, 1, 1, 14, 14",
    "3, 1, 3, 28, 28",
    "3, 1, 1, 61, 33",
    "3, 1, 1, 3, 1000",
    "7, 2, 1, 9, 9",
    "7, 2, 2, 30, 51"
  })
  void isTheSumOfTheDefinition(int kernel, int stride, int images, int height, int width) {
    float[] one = run(1, kernel, stride, images, height, width);
    float[] three = run(3, kernel, stride, images, height, width);
    assertThat(three).as("on three threads").isEqualTo(one);
    int oh = (height - 1) / stride + 1;
    int ow = (width - 1) / stride + 1;
    float[][] x = new float[IN][];
    Arrays.setAll(x, c -> values(c, images * height * width));
    float[] weights = weights(kernel);
    for (int m = 0; m < OUT; m++) {
      for (int n = 0; n < images; n++) {
        for (int i = 0; i < oh * ow; i++) {
          double sum = bias(m);
          for (int c = 0; c < IN; c++) {
            for (int t = 0; t < kernel * kernel; t++) {
              int h = i / ow * stride + t / kernel - kernel / 2;
              int w = i % ow * stride + t % kernel - kernel / 2;
              if (h >= 0 && h < height && w >= 0 && w < width) {
                double seen = x[c][(n * height + h) * width + w];
                seen = stride == 1 ? Math.max(0, seen) : seen;
                sum += seen * weights[(m * IN + c) * kernel * kernel + t];
              }
            }
          }
          // at most 539 products of size one, each rounded
          float found = one[(m * images + n) * oh * ow + i];
          if (!(Math.abs(found - sum) <= 1e-4)) {
            assertThat((double) found)
                .as("row %d, picture %d, pixel %d", m, n, i)
                .isCloseTo(sum, within(1e-4));
          }
        }
      }
    }
  }

  private static float[] values(int channel, int pixels) {
    float[] values = new float[pixels];
    for (int i = 0; i < pixels; i++) {
      values[i] = (float) Randomness.gaussian(7, channel * 100_000L + i);
    }
    return values;
  }

  /** (OUT, IN, kernel, kernel). */
  private static float[] weights(int kernel) {
    float[] weights = new float[OUT * IN * kernel * kernel];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Randomness.gaussian(8, i);
    }
    return weights;
  }

  private static float bias(int row) {
    return row * 0.25f - 1;
  }

  /** The result (OUT, N*OH*OW) of a convolution with stride, or with a ReLU before it. */
  private static float[] run(
      int threads, int kernel, int stride, int images, int height, int width) {
    DenseNetConfig config = DenseNetConfig.named("cifar-40-12");
    try (Engine.Resources engine = Engine.open(new ScalarKernels(), threads)) {
      Plan plan = new Plan(config, Layout.of(config), null, engine.engine(), images, false, false);
      Window window = kernel == 1 ? null : new Window(kernel, stride, height, width);
      Maps in = Maps.own(plan, IN, height, Lines.plain(width));
      Maps out =
          Maps.own(plan, OUT, (height - 1) / stride + 1, Lines.plain((width - 1) / stride + 1));
      int k = IN * kernel * kernel;
      int[] straight = new int[k];
      Arrays.setAll(straight, i -> i);
      Product product =
          new DirectProduct(
              plan, window, in, in.rows(0), IN, new PackedWeights(plan, OUT, k, 0, k, straight));
      Store store = Store.values(plan, out, 0, OUT);
      plan.memory.allocate();
      in.images(images);
      out.images(images);
      for (int c = 0; c < IN; c++) {
        System.arraycopy(values(c, in.pixels()), 0, in.x(), in.at(c), in.pixels());
      }
      float[] bias = new float[OUT];
      for (int i = 0; i < OUT; i++) {
        bias[i] = bias(i);
      }
      product.weights().packFrom(weights(kernel), 0);
      product.run(stride == 1 ? Prologue.RELU : Prologue.NONE, bias, 0, store);
      float[] result = new float[OUT * out.pixels()];
      for (int m = 0; m < OUT; m++) {
        System.arraycopy(out.x(), out.at(m), result, m * out.pixels(), out.pixels());
      }
      return result;
    }
  }
}
