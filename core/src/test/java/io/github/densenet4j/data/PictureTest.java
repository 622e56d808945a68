package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.weights.SafeTensors;
import io.github.densenet4j.weights.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole files of every kind give Pillow's pixels. */
class PictureTest {
  @TempDir private Path folder;

  private static Path pictures() {
    try {
      return Path.of(PictureTest.class.getResource("/pictures/rgb.png").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SafeTensors golden() throws IOException {
    return SafeTensors.read(pictures().resolve("pictures_golden.safetensors"));
  }

  static Stream<String> files() throws IOException {
    return golden().tensors().keySet().stream()
        .filter(name -> name.endsWith(".rgb"))
        .map(name -> name.substring(0, name.length() - 4));
  }

  @ParameterizedTest
  @MethodSource("files")
  void pillowsPixels(String file) throws IOException {
    SafeTensors golden = golden();
    Picture picture = Picture.read(pictures().resolve(file));
    for (int channels : new int[] {3, 1}) {
      Tensor expected = golden.tensors().get(file + (channels == 3 ? ".rgb" : ".gray"));
      byte[] theirs = new byte[expected.size()];
      expected.data().get(0, theirs);
      Picture ours = picture.toChannels(channels);
      assertThat(ours.height()).isEqualTo(expected.shape().get(channels == 3 ? 1 : 0).intValue());
      if (file.equals("lossy.webp")) {
        // TwelveMonkeys repeats chroma where libwebp smooths it: the luma is the same
        assertThat(meanDifference(ours.pixels(), theirs)).isLessThan(channels == 3 ? 4 : 0.25);
      } else {
        assertThat(ours.pixels()).containsExactly(theirs);
      }
    }
  }

  private static double meanDifference(byte[] a, byte[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xff) - (b[i] & 0xff));
    }
    return sum / a.length;
  }

  @Test
  void streamsAndImagesInMemory() throws IOException {
    byte[] bytes = Files.readAllBytes(pictures().resolve("rgb.png"));
    Picture read = Picture.read(new ByteArrayInputStream(bytes), "a stream");
    BufferedImage image = new BufferedImage(51, 37, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 37; y++) {
      for (int x = 0; x < 51; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | read.pixels()[(c * 37 + y) * 51 + x] & 0xff;
        }
        image.setRGB(x, y, rgb);
      }
    }
    assertThat(Picture.of(image).pixels()).containsExactly(read.pixels());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline-420.jpg",
        "progressive-420.jpg",
        "gray.jpg",
        "cmyk.jpg",
        "rgb.png",
        "palette.png",
        "palette.gif",
        "rgb.bmp",
        "lzw.tiff",
        "lossless.webp",
        "lossy.webp"
      })
  void whatIsCutOffIsAnError(String name) throws IOException {
    byte[] good = Files.readAllBytes(pictures().resolve(name));
    for (int part = 0; part < 10; part++) {
      Path file = folder.resolve("cut-" + name);
      Files.write(file, Arrays.copyOf(good, good.length * part / 10));
      assertThatThrownBy(() -> Picture.read(file))
          .as("%d tenths", part)
          .isInstanceOf(DataException.class)
          .hasMessageContaining("cut-" + name);
    }
  }

  @Test
  void absurdSizesAreRefusedBeforeMemoryIsTaken() throws IOException {
    byte[] png = Files.readAllBytes(pictures().resolve("rgb.png"));
    ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000); // the header's width and height
    Path file = Files.write(folder.resolve("huge.png"), png);
    assertThatThrownBy(() -> Picture.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("huge.png");
  }

  @Test
  void whatIsNoPictureIsNamed() throws IOException {
    Path text =
        Files.writeString(folder.resolve("notes.jpg"), "no picture", StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Picture.read(text)).hasMessageContaining("notes.jpg is not a picture");
    Path empty = Files.write(folder.resolve("empty.png"), new byte[0]);
    assertThatThrownBy(() -> Picture.read(empty)).hasMessageContaining("is an empty file");
    assertThatThrownBy(() -> Picture.read(folder)).hasMessageContaining("is a directory");
    assertThatThrownBy(() -> Picture.read(folder.resolve("none.png")))
        .hasMessageContaining("is not there");
  }

  @Test
  void randomDamageIsAnErrorOrAPicture() throws IOException {
    Random random = new Random(11);
    for (String name : files().toList()) {
      byte[] good = Files.readAllBytes(pictures().resolve(name));
      for (int i = 0; i < 30; i++) {
        byte[] bad = good.clone();
        for (int k = 0; k < 1 + random.nextInt(6); k++) {
          bad[random.nextInt(Math.min(bad.length, 600))] = (byte) random.nextInt(256);
        }
        try {
          assertThat(Picture.read(new ByteArrayInputStream(bad), name).pixels()).isNotEmpty();
        } catch (DataException e) {
          assertThat(e.getMessage()).contains(name);
        }
      }
    }
  }
}
