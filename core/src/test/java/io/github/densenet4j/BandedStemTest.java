package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.Kernels;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Team;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The stem band by band makes what it makes when the convolution's result is stored. */
class BandedStemTest {
  private static final int PICTURES = 3; // which two threads cannot share evenly

  /** Odd sizes, four rows at a time that end in a picture or not, short and long rows. */
  @Test
  void bandsMakeWhatWholeMapsMake() {
    DenseNetConfig config = DenseNetConfig.named("d2l");
    Weights weights = Weights.initialise(config, 5);
    int[][] sizes = {{64, 64}, {33, 47}, {97, 65}, {35, 450}, {32, 1000}};
    for (Kernels kernels : List.of(new ScalarKernels(), Kernels.best())) {
      for (int[] size : sizes) {
        String name = "%s, %d x %d".formatted(kernels.description(), size[0], size[1]);
        float[] images = new float[PICTURES * config.channels() * size[0] * size[1]];
        for (int i = 0; i < images.length; i++) {
          images[i] = (float) Randomness.gaussian(9, i);
        }
        float[] alone = stem(config, weights, kernels, 1, true, images, size);
        float[] shared = stem(config, weights, kernels, 2, true, images, size);
        float[] stored = stem(config, weights, kernels, 2, false, images, size);
        assertThat(shared).as(name).containsExactly(alone);
        for (int i = 0; i < stored.length; i++) {
          // the normalisation is in the weights: 49 products of size one, rounded otherwise
          assertThat(alone[i]).as("%s: %d", name, i).isCloseTo(stored[i], within(2e-5f));
        }
      }
    }
  }

  private static float[] stem(
      DenseNetConfig config,
      Weights weights,
      Kernels kernels,
      int threads,
      boolean fold,
      float[] images,
      int[] size) {
    try (Team team = new Team(threads)) {
      PassOptions options = PassOptions.inference(PICTURES, size[0], size[1]);
      Pass pass = Pass.create(config, weights, new Engine(kernels, team), options, fold);
      pass.parts().forEach(part -> pass.useBatchStatistics(part, false));
      pass.capture("features.pool0");
      pass.forward(images, PICTURES, null);
      return pass.captured("features.pool0");
    }
  }
}
