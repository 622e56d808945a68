package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.LiveHeap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What many picture files take of the heap: little more than the letters of their paths. */
class ManyFilesTest {
  private static final int FILES = 10_000;
  private static final int CLASSES = 20;

  /** The folder is opened so often that what else comes and goes in this JVM counts little. */
  private static final int COPIES = 20;

  /** A reference to the classes of a file, and its place in a division. */
  private static final int REFERENCES = 4 + 4;

  /** What a file's share of everything else may be: ends and blocks of paths, the JVM's own. */
  private static final int SLACK = 8;

  /** A digest of the file, one of its contents, its size when decoded, and whether it is gray. */
  private static final int SCANNED = 8 + 8 + 4 + 1;

  @TempDir Path folder;

  /** Pictures of one pixel, each of its own colour; their paths have 24 letters. */
  private Path write(int files) throws IOException {
    for (int i = 0; i < files; i++) {
      Path file = folder.resolve("class%02d/img_%08d.bmp".formatted(i % CLASSES, i));
      if (i < CLASSES) {
        Files.createDirectories(file.getParent());
      }
      ByteBuffer bmp = ByteBuffer.allocate(58).order(ByteOrder.LITTLE_ENDIAN);
      bmp.put((byte) 'B').put((byte) 'M').putInt(58).putInt(0).putInt(54);
      bmp.putInt(40).putInt(1).putInt(1).putShort((short) 1).putShort((short) 24);
      bmp.putInt(54, i); // blue, green, red
      Files.write(file, bmp.array());
    }
    return folder;
  }

  /** What is held is what collections leave less what they leave when it is let go. */
  @Test
  void theirPathsAreWhatMemoryHolds() throws Exception {
    Path root = write(FILES);
    double letters = "class00/img_00000000.bmp".length();

    DataScan[] scans = new DataScan[COPIES];
    DataSplit[] splits = new DataSplit[COPIES];
    double counted = 0;
    for (int i = 0; i < COPIES; i++) {
      scans[i] = DataScan.of(DataFolder.open(root), (_, _) -> {});
      assertThat(scans[i].isClean()).isTrue();
      splits[i] = scans[i].clean().split(0.2, 1);
      assertThat(splits[i].train().decodedBytes()).as("a pixel each").isEqualTo(3L * FILES * 4 / 5);
      assertThat(splits[i].train().describe(0)).startsWith("class00/img_000000");
      counted += (double) splits[i].bytes() / (FILES * COPIES);
    }

    long all = LiveHeap.bytes();
    Arrays.fill(scans, null);
    long divided = LiveHeap.bytes();
    Arrays.fill(splits, null);
    long nothing = LiveHeap.bytes();
    double scanned = (double) (all - nothing) / (FILES * COPIES);
    double kept = (double) (divided - nothing) / (FILES * COPIES);
    assertThat(scanned).isLessThan(letters + REFERENCES + SCANNED + SLACK);
    assertThat(kept).isBetween(1.0, letters + REFERENCES + SLACK);
    assertThat(counted).as("what a run's memory counts").isCloseTo(kept, within(4.0));
  }
}
