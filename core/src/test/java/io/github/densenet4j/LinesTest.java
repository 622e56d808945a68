package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Winograd;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lines of maps lie in another order where that is quicker; nobody outside must see it. */
class LinesTest {
  private static final int N = 3;
  private static final String BLOCK = "features.denseblock2";

  @Test
  void orderedAndShownIsTheSame() {
    for (int width = 1; width < 20; width++) {
      for (Winograd winograd : new Winograd[] {null, Winograd.F2, Winograd.F4}) {
        Lines lines = new Lines(width, winograd);
        float[] seen = PassTest.pictures(DenseNetConfig.d2l(), 1, 3, width);
        float[] ordered = new float[seen.length];
        float[] again = new float[seen.length];
        int count = seen.length / width;
        lines.order(seen, 0, ordered, 0, count);
        lines.show(ordered, 0, again, 0, count);
        assertThat(again).containsExactly(seen);
        for (int w = 0; w < width; w++) {
          assertThat(ordered[width + lines.place(w)]).isEqualTo(seen[width + w]);
        }
      }
    }
  }

  /** Plain lines with scalar kernels; in phases of four and of two with vectors, at odd sizes. */
  @Test
  void aNetworkIsTheSameForAnyOrder() {
    for (StemType stem : StemType.values()) {
      DenseNetConfig config =
          new DenseNetConfig(
              12,
              List.of(2, 2, 2),
              12,
              4,
              0.5,
              stem,
              false,
              3,
              5,
              0,
              1e-5,
              0.1,
              Initialisation.KAIMING);
      int h = stem == StemType.IMAGENET ? 131 : 33;
      int w = stem == StemType.IMAGENET ? 170 : 45;
      List<float[]> plain = step(new ScalarKernels(), config, h, w);
      List<float[]> found = step(Kernels.best(), config, h, w);
      for (int i = 0; i < plain.size(); i++) {
        double difference = 0;
        double norm = 0;
        for (int j = 0; j < plain.get(i).length; j++) {
          difference += Math.pow(found.get(i)[j] - plain.get(i)[j], 2);
          norm += Math.pow(plain.get(i)[j], 2);
        }
        // Forward: rounding through 14 convolutions. Gradients: in two of the networks one
        // activation lies so near to zero that rounding decides whether its gradient, a thousandth
        // of all, is there. Pixels at wrong places would be an error of one.
        assertThat(Math.sqrt(difference / norm))
            .as("%s, %d", stem, i)
            .isLessThan(i < 2 ? 1e-5 : 5e-3);
      }
    }
  }

  /** What a training step shows: logits, gradients, and maps that were asked for. */
  private static List<float[]> step(Kernels kernels, DenseNetConfig config, int h, int w) {
    try (Engine.Resources engine = Engine.open(kernels, 2)) {
      DenseNet net = new DenseNet(config, Weights.initialise(config, 4), engine.engine());
      Pass pass = net.pass(PassOptions.training(N, h, w).withInputGradient());
      pass.capture(BLOCK);
      pass.beginStep();
      float[] dlogits = new float[N * config.classes()];
      for (int i = 0; i < dlogits.length; i++) {
        dlogits[i] = (float) Randomness.gaussian(8, i);
      }
      List<float[]> seen = new ArrayList<>();
      seen.add(pass.forward(PassTest.pictures(config, N, h, w), N, null).clone());
      pass.backward(dlogits);
      seen.add(pass.captured(BLOCK));
      seen.add(pass.capturedGradient(BLOCK));
      seen.add(pass.inputGradient());
      seen.add(pass.gradients().clone());
      return seen;
    }
  }
}
