package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each augmentation does to pixels, and how often. */
class AugmentationTest {
  private static final int TIMES = 2000;
  private static final int H = 8;
  private static final int W = 10;
  private static final InputTransform INPUT = InputTransform.plain(3, H, W);

  /** Every pixel has its own value, from 1. */
  private static Picture picture() {
    byte[] pixels = new byte[3 * H * W];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (1 + i);
    }
    return new Picture(3, H, W, pixels);
  }

  private static int[] seen(String augment, long key) {
    float[] out = new float[3 * H * W];
    Augmentation.parse(augment).preparation(INPUT).write(picture(), key, out, 0);
    int[] values = new int[out.length];
    Arrays.setAll(values, i -> Math.round(out[i] * 255));
    return values;
  }

  private static double share(String augment, Predicate<int[]> what) {
    int count = 0;
    for (int i = 0; i < TIMES; i++) {
      count += what.test(seen(augment, Randomness.key(11, i))) ? 1 : 0;
    }
    return (double) count / TIMES;
  }

  /** Five deviations of a share of 2000. */
  private static final double FIVE_SIGMA = 5 * Math.sqrt(0.25 / TIMES);

  @Test
  void flipsHappenAsOftenAsAsked() {
    int[] plain = seen("none", 1);
    assertThat(plain[1]).isEqualTo(2);
    Predicate<int[]> mirrored = v -> v[0] == W && v[1] == W - 1;
    Predicate<int[]> upsideDown = v -> v[0] == 1 + (H - 1) * W;
    assertThat(share("flip", mirrored)).isCloseTo(0.5, within(FIVE_SIGMA));
    assertThat(share("flip:0.2", mirrored)).isCloseTo(0.2, within(FIVE_SIGMA));
    assertThat(share("flip", v -> Arrays.equals(v, plain))).isCloseTo(0.5, within(FIVE_SIGMA));
    assertThat(share("flip-vertical", upsideDown)).isCloseTo(0.5, within(FIVE_SIGMA));
    assertThat(share("flip:0", mirrored)).isZero();
    assertThat(share("flip:1", mirrored)).isEqualTo(1);
  }

  @Test
  void padAndCropMovesByAllDistancesEquallyOften() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < TIMES; i++) {
      int[] v = seen("pad-crop:1", Randomness.key(5, i));
      int middle = v[3 * W + 4] - 1; // where the pixel in the middle came from
      counts.merge((middle / W - 3) + "," + (middle % W - 4), 1, Integer::sum);
      if (middle / W == 4) {
        assertThat(v[(H - 1) * W + 5]).as("what comes in from below is black").isZero();
      }
    }
    assertThat(counts.keySet())
        .containsExactlyInAnyOrder(
            "-1,-1", "-1,0", "-1,1", "0,-1", "0,0", "0,1", "1,-1", "1,0", "1,1");
    assertThat(counts.values()).allSatisfy(c -> assertThat(c).isBetween(140, 310));
  }

  @Test
  void resizedCropsStayInsideAndVary() {
    Set<Integer> firsts = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      int[] v = seen("resized-crop:0.3", Randomness.key(6, i));
      firsts.add(v[0]);
      assertThat(Arrays.stream(v, 0, H * W)).allMatch(p -> p >= 1 && p <= H * W);
    }
    assertThat(firsts).hasSizeGreaterThan(20);
  }

  @Test
  void erasingFillsARectangleWithTheMean() {
    Predicate<int[]> erased = v -> Arrays.stream(v, 0, H * W).anyMatch(p -> p == 0);
    assertThat(share("erase:0.25", erased)).isCloseTo(0.25, within(FIVE_SIGMA));
    for (int i = 0; i < 200; i++) {
      int[] v = seen("erase:1", Randomness.key(7, i));
      long zeros = Arrays.stream(v, 0, H * W).filter(p -> p == 0).count();
      // 2 to 33 % of the area, up to the rounding of its sides
      assertThat(zeros).isBetween(0L, Math.round(0.42 * H * W));
    }
  }

  @Test
  void jitterKeepsThePlaceOfPixelsAndStaysInItsRange() {
    for (int i = 0; i < 100; i++) {
      int[] v = seen("jitter:0.3:0:0", Randomness.key(8, i));
      int[] plain = seen("none", 0);
      double ratio = v[70] / (double) plain[70];
      assertThat(ratio).isBetween(0.68, 1.32);
      assertThat(v[30]).isCloseTo((int) (plain[30] * ratio), within(2));
    }
    Picture gray = new Picture(1, 2, 2, new byte[] {1, 2, 3, 4});
    assertThat(Colours.hue(gray, 0.3)).isSameAs(gray);
    Picture red = new Picture(3, 1, 1, new byte[] {(byte) 200, 0, 0});
    assertThat(Colours.hue(red, 1 / 3.0).pixels()).containsExactly(0, (byte) 200, 0);
  }

  @Test
  void rotationTurnsByAtMostItsDegrees() {
    assertThat(share("rotate:0", v -> Arrays.equals(v, seen("none", 0)))).isEqualTo(1);
    assertThat(share("rotate:20", v -> Arrays.equals(v, seen("none", 0)))).isLessThan(0.05);
    Picture turned = Geometry.rotated(picture(), 180);
    assertThat(turned.pixels()[0] & 0xff).as("the last pixel comes first").isEqualTo(H * W);
  }

  @Test
  void automaticAugmentationsChangeMostPictures() {
    int[] plain = seen("none", 0);
    // identity, and operations of no strength, leave a picture alone
    assertThat(share("trivial", v -> !Arrays.equals(v, plain))).isBetween(0.7, 0.98);
    assertThat(share("rand:2:9", v -> !Arrays.equals(v, plain))).isBetween(0.9, 1.0);
    assertThat(seen("rand:0:9", 3)).isEqualTo(plain);
  }

  private static Batch batch() {
    Batch batch = new Batch(3, 16, 3);
    batch.n = 3;
    for (int i = 0; i < 3; i++) {
      Arrays.fill(batch.images, i * 16, i * 16 + 16, i);
      batch.targets[i * 3 + i] = 1;
    }
    return batch;
  }

  @Test
  void mixUpBlendsNeighboursAndTheirTargets() {
    double sum = 0;
    for (int b = 0; b < TIMES; b++) {
      Batch batch = batch();
      batch.number = b;
      Mixing.mixUp(1, 77, 16).apply(batch);
      float kept = batch.targets[0];
      sum += kept;
      assertThat(batch.targets[1]).isCloseTo(1 - kept, within(1e-6f));
      assertThat(batch.images[0]).isCloseTo(1 - kept, within(1e-6f));
      assertThat(batch.images[40])
          .as("the last one with the first")
          .isCloseTo(2 * kept, within(1e-5f));
      assertThat(batch.targets[6]).isCloseTo(1 - kept, within(1e-6f));
    }
    assertThat(sum / TIMES).as("Beta(1, 1) is uniform").isCloseTo(0.5, within(0.033));
  }

  @Test
  void cutMixPastesARectangleOfTheTargetsShare() {
    InputTransform input = InputTransform.plain(1, 4, 4);
    Set<Float> shares = new HashSet<>();
    for (int b = 0; b < 300; b++) {
      Batch batch = batch();
      batch.number = b;
      Augmentation.parse("cutmix:1").change(99, input).apply(batch);
      float kept = batch.targets[0];
      shares.add(kept);
      long pasted = 0;
      for (int p = 0; p < 16; p++) {
        assertThat(batch.images[p]).isIn(0f, 1f);
        pasted += batch.images[p] == 1 ? 1 : 0;
      }
      assertThat(1 - pasted / 16f).isCloseTo(kept, within(1e-6f));
      assertThat(batch.targets[8]).isCloseTo(kept, within(1e-6f));
    }
    assertThat(shares).hasSizeGreaterThan(5);
  }

  @Test
  void theBetaDistributionHasItsMoments() {
    double mean = 0;
    double square = 0;
    for (int i = 0; i < 20_000; i++) {
      double x = new Draws(Randomness.key(3, i)).beta(0.2);
      mean += x / 20_000;
      square += x * x / 20_000;
    }
    assertThat(mean).isCloseTo(0.5, within(0.016));
    // variance 1 / (4 (2 alpha + 1))
    assertThat(square - mean * mean).isCloseTo(1 / (4 * 1.4), within(0.005));
  }

  @ParameterizedTest
  @ValueSource(strings = {"flop", "flip:2", "flip:x", "flip:0.5:1", "mixup:0", "rand:2:31"})
  void whatIsWrittenWronglyIsSaid(String text) {
    assertThatThrownBy(() -> Augmentation.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("augment");
  }

  @Test
  void recipesAndSwitchesMix() {
    assertThat(Augmentation.parse("cifar,erase")).hasToString("pad-crop:4,flip:0.5,erase:0.25");
    assertThat(Augmentation.parse("none")).hasToString("none");
    for (String name : Augmentation.names()) {
      Augmentation parsed = Augmentation.parse(name);
      assertThat(Augmentation.parse(parsed.toString())).isEqualTo(parsed);
    }
  }
}
