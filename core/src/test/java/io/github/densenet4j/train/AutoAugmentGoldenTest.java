package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.data.Picture;
import io.github.densenet4j.train.AutoAugment.Operation;
import io.github.densenet4j.weights.SafeTensors;
import io.github.densenet4j.weights.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** TrivialAugment and RandAugment against torchvision's own, operation by strength, bit by bit. */
class AutoAugmentGoldenTest {
  private static final int H = 11;
  private static final int W = 13;
  private static Map<String, Tensor> golden;

  @BeforeAll
  static void read() throws Exception {
    golden =
        SafeTensors.read(
                Path.of(
                    AutoAugmentGoldenTest.class
                        .getResource("/training/augment_golden.safetensors")
                        .toURI()))
            .tensors();
  }

  private static byte[] pixels(String name) {
    byte[] pixels = new byte[3 * H * W];
    golden.get(name).data().duplicate().clear().get(pixels);
    return pixels;
  }

  private static Picture picture() {
    return new Picture(3, H, W, pixels("picture"));
  }

  private static void assertSame(String name, Picture found) {
    byte[] expected = pixels(name);
    int different = 0;
    int most = 0;
    for (int i = 0; i < expected.length; i++) {
      int difference = Math.abs((expected[i] & 0xff) - (found.pixels()[i] & 0xff));
      different += difference > 0 ? 1 : 0;
      most = Math.max(most, difference);
    }
    assertThat(different).as("%s differs by up to %d in pixels", name, most).isZero();
  }

  @Test
  void everyOperationOfEveryStrengthIsTorchvisions() {
    int count = 0;
    for (String name : golden.keySet()) {
      String[] words = name.split("\\.");
      if (words.length == 4) { // policy.operation.strength.sign
        Operation operation = Operation.valueOf(words[1]);
        int strength = Integer.parseInt(words[2]);
        int sign = Integer.parseInt(words[3]);
        assertSame(
            name,
            words[0].equals("trivial")
                ? AutoAugment.trivial(operation, picture(), strength, sign)
                : AutoAugment.random(operation, picture(), strength, sign));
        count++;
      }
    }
    assertThat(count).isGreaterThan(500);
  }

  @Test
  void twoOperationsOneBehindTheOtherAreTorchvisionsRandAugment() {
    int count = 0;
    for (String name : golden.keySet()) {
      String[] words = name.split("\\.");
      if (words[0].equals("both")) {
        Picture now = picture();
        for (int i = 1; i < words.length; i += 2) {
          now =
              AutoAugment.random(
                  Operation.valueOf(words[i]), now, 9, Integer.parseInt(words[i + 1]));
        }
        assertSame(name, now);
        count++;
      }
    }
    assertThat(count).isGreaterThan(30);
  }
}
