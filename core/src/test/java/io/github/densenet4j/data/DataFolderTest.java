package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labelled pictures in every form that is read. */
class DataFolderTest {
  @TempDir Path folder;

  /** A picture of its own colour and size. */
  private Path png(String name, int colour) throws IOException {
    BufferedImage image = new BufferedImage(4 + colour % 3, 5, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < image.getWidth(); x++) {
      image.setRGB(x, x % 5, 0x010203 * colour);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void classFoldersMayBeNestedAndAreDividedByClass() throws IOException {
    for (int i = 0; i < 10; i++) {
      png("Crack/Imgs/" + i + ".png", 1 + i);
      png("Fine/" + i + ".PNG", 51 + i);
    }
    for (int i = 0; i < 5; i++) {
      png("Worn/a/b/" + i + ".png", 101 + i);
    }
    Files.writeString(folder.resolve("Fine/notes.txt"), "no picture");
    LabelledData data = DataFolder.open(folder);
    assertThat(data.isUndivided()).isTrue();
    assertThat(data.train().classNames()).containsExactly("Crack", "Fine", "Worn");
    assertThat(data.train().size()).isEqualTo(25);
    DataSplit split = data.split(0.2, 7);
    assertThat(counts(split.test())).containsExactly(2, 2, 1);
    assertThat(counts(split.train())).containsExactly(8, 8, 4);
    assertThat(names(split.test())).isEqualTo(names(data.split(0.2, 7).test()));
    assertThat(names(split.test())).isNotEqualTo(names(data.split(0.2, 8).test()));
    Set<String> both = new HashSet<>(names(split.train()));
    both.addAll(names(split.test()));
    assertThat(both).as("every picture is on one side").hasSize(25);
    Picture picture = data.train().picture(0);
    assertThat(picture.height()).isEqualTo(5);
    assertThatThrownBy(() -> data.split(1, 7)).hasMessageContaining("val-split is 1.0");
  }

  private static int[] counts(Dataset data) {
    int[] counts = new int[data.classNames().size()];
    for (int i = 0; i < data.size(); i++) {
      counts[data.label(i)]++;
    }
    return counts;
  }

  private static List<String> names(Dataset data) {
    return java.util.stream.IntStream.range(0, data.size()).mapToObj(data::describe).toList();
  }

  @Test
  void foldersThatAreDividedStayDivided() throws IOException {
    png("train/a/1.png", 1);
    png("train/a/2.png", 2);
    png("train/b/1.png", 3);
    png("val/b/1.png", 4);
    png("test/a/1.png", 5);
    png("test/b/2.png", 6);
    LabelledData data = DataFolder.open(folder);
    assertThat(data.split(0.5, 1).train().size()).isEqualTo(3);
    assertThat(data.split(0.5, 1).test().describe(0)).endsWith("1.png");
    assertThat(data.validation().orElseThrow().label(0)).isEqualTo(1);
    assertThat(data.test().orElseThrow().size()).isEqualTo(2);
    png("val/c/1.png", 7);
    assertThatThrownBy(() -> DataFolder.open(folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("'c'")
        .hasMessageContaining("[a, b]");
  }

  @Test
  void whatIsWrongIsListedAndCanBeLeftOut() throws IOException {
    for (int i = 0; i < 4; i++) {
      png("a/" + i + ".png", 1 + i);
      png("b/" + i + ".png", 11 + i);
    }
    Files.writeString(folder.resolve("a/broken.png"), "no picture");
    Files.createFile(folder.resolve("b/empty.png"));
    Files.copy(folder.resolve("a/0.png"), folder.resolve("b/same.png"));
    png("lonely/1.png", 99);
    DataScan scan = DataScan.of(DataFolder.open(folder), (done, total) -> {});
    assertThat(scan.isClean()).isFalse();
    assertThat(scan.unreadable()).hasSize(1).first().asString().contains("broken.png");
    assertThat(scan.empty()).containsExactly("b/empty.png");
    assertThat(scan.duplicates()).containsExactly("b/same.png (of a/0.png)");
    assertThat(scan.smallClasses()).hasToString("[lonely (1)]");
    assertThat(scan.lines()).contains("1 unreadable pictures:", "1 empty files:");
    LabelledData clean = scan.clean();
    assertThat(clean.train().classNames()).containsExactly("a", "b");
    assertThat(counts(clean.train())).containsExactly(4, 4);
    assertThat(clean.train().channels()).isEqualTo(3);
  }

  @Test
  void aSecondScanLooksOnlyAtWhatChanged() throws IOException {
    for (int i = 0; i < 4; i++) {
      png("a/" + i + ".png", i);
      png("b/" + i + ".png", 10 + i);
    }
    DataScan first = DataScan.of(DataFolder.open(folder), (done, total) -> {});
    assertThat(first.isClean()).isTrue();
    Path kept = folder.resolve("run/scan.bin");
    first.memory().write(kept);
    assertThat(ScanMemory.read(kept).size()).isEqualTo(8);
    // content that no decoder takes, hidden behind the same size and time: it is not read again
    Path hidden = folder.resolve("a/1.png");
    java.nio.file.attribute.FileTime time = Files.getLastModifiedTime(hidden);
    byte[] bytes = Files.readAllBytes(hidden);
    Files.write(hidden, new byte[bytes.length]);
    Files.setLastModifiedTime(hidden, time);
    assertThat(again(kept).isClean()).isTrue();
    assertThat(again(kept).clean().train().channels()).isEqualTo(3);
    Files.setLastModifiedTime(hidden, java.nio.file.attribute.FileTime.fromMillis(5));
    assertThat(again(kept).unreadable()).hasSize(1).first().asString().contains("1.png");
    Files.write(hidden, bytes);
    Files.copy(folder.resolve("b/2.png"), folder.resolve("b/copy.png"));
    assertThat(again(kept).duplicates()).containsExactly("b/copy.png (of b/2.png)");
    LabelledData before = DataFolder.open(folder);
    Files.delete(folder.resolve("b/3.png"));
    assertThat(DataScan.of(before, ScanMemory.read(kept), (_, _) -> {}).unreadable())
        .containsExactly("b/3.png is not there.");
    Files.write(kept, Arrays.copyOf(Files.readAllBytes(kept), 100));
    assertThat(ScanMemory.read(kept).size()).as("cut off: everything is looked at").isZero();
  }

  private DataScan again(Path kept) throws IOException {
    return DataScan.of(DataFolder.open(folder), ScanMemory.read(kept), (_, _) -> {});
  }

  @Test
  void aScanKnowsWhetherAllPicturesAreGray() throws IOException {
    for (int i = 0; i < 4; i++) {
      BufferedImage image = new BufferedImage(3, 3, BufferedImage.TYPE_BYTE_GRAY);
      image.getRaster().setSample(1, 1, 0, 50 + i);
      Path file = folder.resolve(i % 2 + "/" + i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
    DataScan scan = DataScan.of(DataFolder.open(folder), (done, total) -> {});
    assertThat(scan.isClean()).isTrue();
    assertThat(scan.clean().train().channels()).isEqualTo(1);
  }

  @Test
  void csvNamesFilesWithOneLabelOrSeveral() throws IOException {
    png("x/one, two.png", 1);
    png("x/2.png", 2);
    png("x/3.png", 3);
    Path single =
        Files.writeString(
            folder.resolve("labels.csv"), "file,label\n\"x/one, two.png\",b\r\nx/2.png,a\n\n");
    Dataset one = DataFolder.open(folder).train();
    assertThat(one.classNames()).containsExactly("a", "b");
    assertThat(one.multiLabel()).isFalse();
    assertThat(one.label(0)).isEqualTo(1);
    assertThat(one.picture(0).width()).isEqualTo(5);
    Files.writeString(single, "x/2.png,edge|hole\nx/3.png,\nx/one.png,hole\n");
    Dataset several = DataFolder.open(single).train();
    assertThat(several.multiLabel()).isTrue();
    assertThat(several.labels(0)).containsExactly(0, 1);
    assertThat(several.labels(1)).isEmpty();
    DataScan scan = DataScan.of(LabelledData.undivided(several), (done, total) -> {});
    assertThat(scan.unreadable()).containsExactly("x/one.png is not there.");
    Files.writeString(single, "x/2.png,a,b\n");
    assertThatThrownBy(() -> DataFolder.open(single)).hasMessageContaining("line 1 has 3 fields");
    Files.writeString(single, "\"x/2.png,a\n");
    assertThatThrownBy(() -> DataFolder.open(single)).hasMessageContaining("quote");
  }

  @Test
  void cifarsBinaryFilesAreRead() throws IOException {
    ByteArrayOutputStream ten = new ByteArrayOutputStream();
    for (int i = 0; i < 3; i++) {
      ten.write(i);
      byte[] pixels = new byte[3072];
      Arrays.fill(pixels, 1024, 2048, (byte) (200 + i));
      ten.write(pixels);
    }
    Path inside = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    Files.write(inside.resolve("data_batch_1.bin"), ten.toByteArray());
    Files.write(inside.resolve("test_batch.bin"), Arrays.copyOf(ten.toByteArray(), 3073));
    LabelledData data = DataFolder.open(folder);
    assertThat(data.train().size()).isEqualTo(3);
    assertThat(data.train().classNames().get(data.train().label(2))).isEqualTo("bird");
    assertThat(data.train().picture(1).pixels()[1024]).isEqualTo((byte) 201);
    assertThat(data.test().orElseThrow().size()).isEqualTo(1);
    Files.write(inside.resolve("test_batch.bin"), new byte[3000]);
    assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("multiple of 3,073");
    Path hundred = Files.createDirectories(folder.resolve("hundred"));
    byte[] record = new byte[3074];
    record[0] = 4;
    record[1] = 77;
    Files.write(hundred.resolve("train.bin"), record);
    Files.write(hundred.resolve("test.bin"), record);
    assertThat(DataFolder.open(hundred).train().label(0)).isEqualTo(77);
  }

  private void npy(String name, String type, String shape, byte[] data) throws IOException {
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n".formatted(type, shape);
    ByteBuffer out =
        ByteBuffer.allocate(10 + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.putShort((short) header.length()).put(header.getBytes()).put(data);
    Files.write(folder.resolve(name), out.array());
  }

  @Test
  void numpysPairsAreMapped() throws IOException {
    byte[] pixels = new byte[2 * 4 * 5 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    npy("images.npy", "|u1", "(2, 4, 5, 3)", pixels);
    npy("labels.npy", "<i2", "(2,)", new byte[] {1, 0, 0, 0});
    Dataset data = DataFolder.open(folder).train();
    assertThat(data.name()).isEqualTo(folder.getFileName().toString());
    assertThat(data.label(0)).isEqualTo(1);
    Picture second = data.picture(1);
    assertThat(second.channels()).isEqualTo(3);
    assertThat(second.pixels()[1]).as("row 0, column 1 of red").isEqualTo((byte) 63);
    assertThat(second.pixels()[20]).as("row 0, column 0 of green").isEqualTo((byte) 61);
    npy("labels.npy", "|u1", "(2, 3)", new byte[] {1, 0, 1, 0, 0, 0});
    Dataset several = DataFolder.open(folder).train();
    assertThat(several.multiLabel()).isTrue();
    assertThat(several.labels(0)).containsExactly(0, 2);
    npy("labels.npy", "<i8", "(3,)", new byte[24]);
    assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("a label for each");
    npy("labels.npy", "<i8", "(2,)", new byte[15]);
    assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("16 bytes");
    npy("labels.npy", "<i8", "(1,)", new byte[8]);
    npy("images.npy", "<f4", "(1,)", new byte[4]);
    assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("astype('uint8')");
  }

  @Test
  void aPlaceWithoutDataIsSaid() {
    assertThatThrownBy(() -> DataFolder.open(folder)).hasMessageContaining("one a class");
    assertThatThrownBy(() -> DataFolder.open(folder.resolve("x.csv")))
        .hasMessageContaining("neither a directory nor");
  }
}
