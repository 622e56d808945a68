package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.weights.SafeTensors;
import io.github.densenet4j.weights.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pictures become what Pillow, torchvision and timm make of them. */
class InputTransformTest {
  /** One rounding of (x/255 - mean)/std in another order; values are at most 3. */
  private static final Offset<Float> ROUNDING = Offset.offset(1e-6f);

  private static SafeTensors golden() throws IOException, URISyntaxException {
    return SafeTensors.read(
        Path.of(
            InputTransformTest.class.getResource("/resize/transforms_golden.safetensors").toURI()));
  }

  private static Picture picture(Tensor t) {
    byte[] pixels = new byte[t.size()];
    t.data().get(0, pixels);
    return new Picture(3, t.shape().get(1).intValue(), t.shape().get(2).intValue(), pixels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"61x83", "83x61", "20x45", "1x1", "31x200"})
  void torchvisionsAndTimmsPipelines(String name) throws Exception {
    Picture picture = picture(golden().tensors().get(name));
    for (String transform : List.of("imagenet", "timm-bicubic")) {
      float[] expected = golden().tensors().get(name + "." + transform).toFloats();
      assertThat(InputTransform.named(transform, 3, 28, 28).apply(picture))
          .as(transform)
          .containsExactly(expected, ROUNDING);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"83x61", "20x45"})
  void torchvisionsTenCrops(String name) throws Exception {
    Picture picture = picture(golden().tensors().get(name));
    float[] ten = golden().tensors().get(name + ".tencrop").toFloats();
    List<float[]> crops = InputTransform.imageNet(28, 28).tenCrops(picture);
    for (int i = 0; i < 10; i++) {
      float[] expected = java.util.Arrays.copyOfRange(ten, i * 2352, (i + 1) * 2352);
      assertThat(crops.get(i)).as("crop %d", i).containsExactly(expected, ROUNDING);
    }
  }

  @Test
  void bicubicIsPillowsToTheLastBit() throws Exception {
    int cases = 0;
    for (Tensor expected : golden().tensors().values()) {
      String[] parts = expected.name().split("\\.");
      if (parts.length != 3) {
        continue;
      }
      Picture in = picture(golden().tensors().get(parts[0]));
      Picture out = picture(expected);
      PilResize resize =
          new PilResize(
              in.height(),
              in.width(),
              out.height(),
              out.width(),
              Interpolation.BICUBIC,
              0,
              0,
              out.height(),
              out.width());
      byte[] channel = new byte[out.height() * out.width()];
      for (int c = 0; c < 3; c++) {
        resize.apply(
            in.pixels(), c * in.height() * in.width(), channel, 0, new byte[resize.scratch()], 0);
        assertThat(channel)
            .as(expected.name())
            .containsExactly(
                java.util.Arrays.copyOfRange(
                    out.pixels(), c * channel.length, (c + 1) * channel.length));
      }
      cases++;
    }
    assertThat(cases).isEqualTo(30);
  }

  @Test
  void aPartOfAResizeIsThatPartOfTheWhole() {
    byte[] in = new byte[40 * 30];
    new java.util.Random(2).nextBytes(in);
    for (int[] size : new int[][] {{20, 25}, {40, 25}, {57, 30}, {40, 30}, {80, 61}}) {
      PilResize whole = new PilResize(40, 30, size[0], size[1]);
      byte[] all = new byte[size[0] * size[1]];
      whole.apply(in, 0, all, 0, new byte[whole.scratch()], 0);
      PilResize part =
          new PilResize(40, 30, size[0], size[1], Interpolation.BILINEAR, 3, 5, 11, 13);
      byte[] cut = new byte[11 * 13];
      part.apply(in, 0, cut, 0, new byte[part.scratch()], 0);
      for (int y = 0; y < 11; y++) {
        for (int x = 0; x < 13; x++) {
          assertThat(cut[y * 13 + x]).isEqualTo(all[(y + 3) * size[1] + x + 5]);
        }
      }
    }
    assertThatThrownBy(() -> new PilResize(4, 4, 8, 8, Interpolation.BILINEAR, 0, 0, 9, 8))
        .hasMessageContaining("9 x 8");
  }

  @Test
  void namedTransforms() {
    byte[] pixels = {(byte) 255, 0, 102}; // one pixel: red, green, blue
    Picture picture = new Picture(3, 1, 1, pixels);
    float[] caffe = InputTransform.named("caffe", 3, 1, 1).apply(picture);
    assertThat(caffe[0]).isCloseTo((102 - 103.94f) * 0.017f, Offset.offset(1e-5f));
    assertThat(caffe[2]).isCloseTo((255 - 123.68f) * 0.017f, Offset.offset(1e-5f));
    Picture gray = new Picture(1, 1, 1, new byte[] {(byte) 255});
    assertThat(InputTransform.named("xray", 1, 1, 1).apply(gray)[0])
        .isCloseTo(1024, Offset.offset(1e-3f));
    Picture black = new Picture(1, 1, 1, new byte[1]);
    assertThat(InputTransform.named("xray", 1, 1, 1).apply(black)[0])
        .isCloseTo(-1024, Offset.offset(1e-3f));
    assertThat(InputTransform.named("none", 3, 1, 1).apply(picture))
        .containsExactly(new float[] {1, 0, 0.4f}, Offset.offset(1e-7f));
    assertThat(InputTransform.named("cifar10", 3, 1, 1).apply(picture)[0])
        .isCloseTo((1 - 0.4914f) / 0.2023f, Offset.offset(1e-5f));
    assertThat(InputTransform.named("imagenet", 1, 224, 224).mean().getFirst())
        .isCloseTo(0.449, Offset.offset(1e-9));
    assertThat(InputTransform.named("imagenet", 3, 224, 224).shortSide()).isEqualTo(256);
    assertThat(InputTransform.named("imagenet", 3, 224, 224).withSize(112, 112).shortSide())
        .isEqualTo(128);
    assertThatThrownBy(() -> InputTransform.named("vgg", 3, 224, 224))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("imagenet, timm-bicubic, caffe, xray, cifar10, none");
  }
}
