package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.densenet4j.download.DownloadCache;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataTest {
  @TempDir Path folder;

  private Path idx(String name, int extra, int... header) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    int size = 1;
    for (int i = 0; i < header.length; i++) {
      out.writeInt(header[i]);
      size *= i == 0 ? 1 : header[i];
    }
    for (int i = 0; i < size + extra; i++) {
      out.write(i % 3);
    }
    return Files.write(folder.resolve(name), bytes.toByteArray());
  }

  @Test
  void theSampleIsTheFullSetsInEqualShares() throws IOException {
    DataSplit split = FashionMnist.sample();
    assertThat(split.train().size()).isEqualTo(10_000);
    assertThat(split.test().size()).isEqualTo(2_000);
    int[] counts = new int[10];
    for (int i = 0; i < split.train().size(); i++) {
      counts[split.train().label(i)]++;
    }
    assertThat(counts).containsOnly(1000);
    assertThat(split.train().classNames()).contains("Ankle boot");
    assertThat(split.test().picture(7).pixels()).hasSize(784).contains(0);
    assertThat(split.test().height()).isEqualTo(28);
  }

  @Test
  void theFullSetIsFoundWhereDebianPutsIt() throws IOException {
    assumeTrue(
        Files.isDirectory(Path.of("/usr/share/datasets/fashion-mnist")),
        "SKIPPED: the Debian package dataset-fashion-mnist is not installed");
    DataSplit full = FashionMnist.full(null, new DownloadCache(folder, null, null), (_, _) -> {});
    assertThat(full.train().size()).isEqualTo(60_000);
    assertThat(full.test().size()).isEqualTo(10_000);
  }

  @Test
  void damagedIdxFilesAreRefusedBeforeTraining() throws IOException {
    Path labels = idx("labels", 0, 0x801, 4);
    assertThatThrownBy(
            () -> IdxDataset.read("x", idx("cut", -5, 0x803, 4, 3, 3), labels, List.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("announces 36 bytes, 31 are there");
    assertThatThrownBy(
            () -> IdxDataset.read("x", idx("long", 2, 0x803, 4, 3, 3), labels, List.of()))
        .hasMessageContaining("too long");
    assertThatThrownBy(() -> IdxDataset.read("x", idx("few", 0, 0x803, 3, 3, 3), labels, List.of()))
        .hasMessageContaining("3 pictures")
        .hasMessageContaining("4 labels");
    assertThatThrownBy(() -> IdxDataset.read("x", labels, labels, List.of()))
        .hasMessageContaining("0x00000801, expected 0x00000803");
    byte[] huge =
        ByteBuffer.allocate(20).putInt(0x803).putInt(0x7fffffff).putInt(3).putInt(3).array();
    Path absurd = Files.write(folder.resolve("huge"), huge);
    assertThatThrownBy(() -> IdxDataset.read("x", absurd, labels, List.of()))
        .hasMessageContaining("announces");
    assertThatThrownBy(
            () -> IdxDataset.read("x", idx("ok", 0, 0x803, 4, 3, 3), labels, List.of("a", "b")))
        .hasMessageContaining("label 2")
        .hasMessageContaining("2 classes");
    Path gzip =
        Files.write(
            folder.resolve("bad.gz"),
            new byte[] {0x1f, (byte) 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    assertThatThrownBy(() -> IdxDataset.read("x", gzip, labels, List.of()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bad.gz");
    assertThatThrownBy(() -> IdxDataset.readDirectory(folder))
        .hasMessageContaining("train-images-idx3-ubyte");
  }

  @Test
  void resizingIsPillows() throws Exception {
    // resize.bin: cases of h, w, outH, outW, the source and Pillow's result
    // (make_resize_golden.py).
    try (DataInputStream in =
        new DataInputStream(DataTest.class.getResourceAsStream("/resize/resize.bin"))) {
      int cases = in.readInt();
      assertThat(cases).isGreaterThan(6);
      for (int c = 0; c < cases; c++) {
        int h = in.readInt();
        int w = in.readInt();
        int outH = in.readInt();
        int outW = in.readInt();
        byte[] source = in.readNBytes(h * w);
        byte[] expected = in.readNBytes(outH * outW);
        PilResize resize = new PilResize(h, w, outH, outW);
        byte[] actual = new byte[outH * outW];
        resize.apply(source, 0, actual, 0, new byte[resize.scratch()], 0);
        assertThat(actual).as("%d x %d to %d x %d", h, w, outH, outW).isEqualTo(expected);
      }
    }
  }

  @Test
  void picturesAreReadAsStored() throws IOException {
    BufferedImage gray = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(1, 1, 0, 77);
    Path file = folder.resolve("gray.png");
    ImageIO.write(gray, "png", file.toFile());
    Picture read = Picture.read(file);
    assertThat(read.channels()).isEqualTo(1);
    assertThat(read.pixels()[4]).isEqualTo((byte) 77);
    assertThat(read.toChannels(3).pixels()).hasSize(18);
    BufferedImage colour = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    colour.setRGB(0, 0, 0x80ff6420);
    Path second = folder.resolve("colour.png");
    ImageIO.write(colour, "png", second.toFile());
    Picture rgb = Picture.read(second);
    assertThat(rgb.pixels()).containsExactly((byte) 0xff, 0, (byte) 0x64, 0, (byte) 0x20, 0);
    int luma = (255 * 19595 + 100 * 38470 + 32 * 7471 + 0x8000) >> 16;
    assertThat(rgb.toChannels(1).pixels()[0]).isEqualTo((byte) luma);
    Path text = Files.writeString(folder.resolve("text.png"), "not a picture");
    assertThatThrownBy(() -> Picture.read(text))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("text.png");
  }

  @Test
  void imageNetsTransformCutsTheMiddle() {
    InputTransform input = InputTransform.imageNet(224, 224);
    assertThat(input.shortSide()).isEqualTo(256);
    byte[] pixels = new byte[3 * 300 * 500];
    java.util.Arrays.fill(pixels, (byte) 255);
    float[] out = input.apply(new Picture(3, 300, 500, pixels));
    assertThat(out).hasSize(3 * 224 * 224);
    assertThat(out[0]).isCloseTo((1 - 0.485f) / 0.229f, within(1e-5f));
    assertThat(out[2 * 224 * 224]).isCloseTo((1 - 0.406f) / 0.225f, within(1e-5f));
  }

  @Test
  void numpysArraysAreRead() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1, 3), }\n";
    ByteBuffer out = ByteBuffer.allocate(10 + header.length() + 24).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
        .putShort((short) header.length());
    out.put(header.getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 0; i < 6; i++) {
      out.putFloat(i);
    }
    Path file = Files.write(folder.resolve("x.npy"), out.array());
    assertThat(Npy.read(file).shape()).containsExactly(1, 2, 1, 3);
    assertThat(Npy.read(file).values()).containsExactly(0, 1, 2, 3, 4, 5);
    Path cut =
        Files.write(
            folder.resolve("cut.npy"), java.util.Arrays.copyOf(out.array(), out.capacity() - 3));
    assertThatThrownBy(() -> Npy.read(cut))
        .hasMessageContaining("needs 24 bytes")
        .hasMessageContaining("21 are there");
    Path other = Files.writeString(folder.resolve("other.npy"), "something else entirely");
    assertThatThrownBy(() -> Npy.read(other)).hasMessageContaining("not a NumPy array");
  }
}
