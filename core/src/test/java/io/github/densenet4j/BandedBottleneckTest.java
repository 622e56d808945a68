package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Team;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Inference band by band makes the same bits as storing the whole bottleneck. */
class BandedBottleneckTest {
  private static final int PICTURES = 3; // which two threads cannot share evenly: those store

  @Test
  void bandsAndWholeMapsMakeTheSameBits() {
    DenseNetConfig config = DenseNetConfig.named("cifar-bc-22-12");
    Weights weights = Weights.initialise(config, 5);
    int[][] sizes = {{32, 32}, {23, 29}, {56, 24}, {17, 131}};
    for (Kernels kernels : List.of(new ScalarKernels(), Kernels.best())) {
      for (int[] size : sizes) {
        assertThat(logits(config, weights, kernels, 1, size[0], size[1]))
            .as("%s, %d x %d", kernels.description(), size[0], size[1])
            .containsExactly(logits(config, weights, kernels, 2, size[0], size[1]));
      }
    }
  }

  private static float[] logits(
      DenseNetConfig config, Weights weights, Kernels kernels, int threads, int h, int w) {
    try (Team team = new Team(threads)) {
      DenseNet net = new DenseNet(config, weights, new Engine(kernels, team));
      float[] images = new float[PICTURES * config.channels() * h * w];
      for (int i = 0; i < images.length; i++) {
        images[i] = (float) Randomness.gaussian(9, i);
      }
      float[] logits = new float[PICTURES * config.classes()];
      net.logits(images, PICTURES, h, w, logits);
      return logits;
    }
  }
}
