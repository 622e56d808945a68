package io.github.densenet4j.weights;

import static io.github.densenet4j.weights.ForeignFilesTest.fixture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Initialisation;
import io.github.densenet4j.StemType;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and hostile files end in a clear error: no crash, no hang, no flood of memory. */
class HostileFilesTest {
  /** Fixed allowance of the readers for small files, see {@link ZipCheckpoint}. */
  private static final long MOST_BYTES = 200L << 20;

  @TempDir private Path folder;

  // ---- a corpus of known attacks

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Path zip(String name, Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.setLevel(java.util.zip.Deflater.BEST_SPEED);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    return Files.write(folder.resolve(name), bytes.toByteArray());
  }

  private void refused(Path file, String... parts) {
    assertThatThrownBy(() -> ModelFile.load(file, LoadOptions.strict()))
        .isInstanceOf(WeightsException.class)
        .message()
        .contains(file.getFileName().toString())
        .satisfies(message -> assertThat(parts).allMatch(message::contains));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\u0080\u0002cposix\\n"
            + "system\\n"
            + "(X\u0002\\0\\0\\0lstR. | posix.system | torch.save(model.state_dict()",
        "\u0080\u0002cbuiltins\\neval\\n(X\u0002\\0\\0\\01+tR. | builtins.eval | nothing was run",
        "\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093\u008c\u0002ls\u0085R. | os.system |"
            + " nothing was run",
        "\u0080\u0002ctorch._utils\\n_rebuild_qtensor\\n)R. | torch._utils._rebuild_qtensor | byte",
        "\u0080\u0002(ibuiltins\\neval\\n. | opcode 0x69 | byte 3",
        "\u0080\u0002X\u00ff\u00ff\u00ff\u007fabc. | 2,147,483,647 bytes are announced | remain",
        "\u0080\u0002B\u00ff\u00ff\u00ff\u00ffabc. | 4,294,967,295 bytes are announced | remain",
        "\u0080\u0002\u008a\u00ff. | 255 bytes are announced | remain",
        "\u0080\u0002j\u00ff\u00ff\u00ff\u00ff. | 4294967295 | not given yet",
        "\u0080\u0002t. | mark is missing | byte 2",
        "\u0080\u0002(u. | value is missing | byte",
        "\u0080\u0009. | protocol 9 | known are up to 5",
        "\u0080\u0002]q\u0000h\u0000a. | no tensors by name | state_dict",
        "\u0080\u0002}q\u0000X\u0005\\0\\0\\0modelh\u0000s. | no tensors by name | state_dict",
      })
  void hostilePickles(String pickle, String first, String second) throws IOException {
    byte[] bytes = latin(pickle.replace("\\n", "\n").replace("\\0", "\0"));
    refused(zip("attack.pt", Map.of("archive/data.pkl", bytes)), first, second);
  }

  @Test
  void everyAllowedCallIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/formats.md"));
    assertThat(TorchObjects.allowedCalls()).allMatch(call -> page.contains("\n    " + call + "\n"));
  }

  @Test
  void nestedReferencesDoNotMultiply() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(latin("\u0080\u0002]q\0")); // a list of lists of lists, each twice the last
    for (int i = 1; i < 100; i++) {
      pickle.writeBytes(latin("]q")); // the next list
      pickle.write(i);
      pickle.writeBytes(latin("(h"));
      pickle.write(i - 1);
      pickle.write('h');
      pickle.write(i - 1);
      pickle.write('e');
    }
    pickle.writeBytes(latin("}X\5\0\0\0model"));
    pickle.writeBytes(latin("h\143s"));
    pickle.write('.');
    refused(zip("laughs.pt", Map.of("archive/data.pkl", pickle.toByteArray())));
  }

  @Test
  void aTensorBeyondItsStorageIsRefused() throws IOException {
    for (String size : new String[] {"K\u0009\u0085K\u0001\u0085", "K\u0004\u0085K\u0002\u0085"}) {
      byte[] pickle =
          latin(
              "\u0080\u0002}X\1\0\0\0actorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storage"
                  + "ctorch\nFloatStorage\nX\1\0\0\0"
                  + "0X\3\0\0\0cpuK\4tQK\0"
                  + size
                  + "\u0089}tRs.");
      Map<String, byte[]> entries = new LinkedHashMap<>();
      entries.put("archive/data.pkl", pickle);
      entries.put("archive/data/0", new byte[16]);
      refused(zip("beyond.pt", entries), "tensor a of shape", "a storage with 4");
    }
  }

  @Test
  void zipBombsAreRefusedBeforeTheyExpand() throws IOException {
    long before = allocated();
    refused(zip("bomb.pt", Map.of("archive/data.pkl", new byte[300 << 20])), "expands to far more");
    assertThat(allocated() - before).as("bytes for making and refusing it").isLessThan(700L << 20);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      emptyValue = "",
      value = {
        "~~ | an empty file",
        "hello, world, I am a text file | not a file of weights",
        "PK\u0003\u0004. | damaged or cut off zip",
        "\u0089HDF\\r\\n\u001a\\n | HDF5",
        "{\"a\": 1} | no weight_map",
        "{\"weight_map\": {\"a\": \"../../etc/passwd\"}} | only files in its own directory",
        "{\"weight_map\": {\"a\": \"gone.safetensors\"}} | which is not there",
        "\u0008\u0007:\u00ff\u00ff\u00ff\u00ff\u0007 | ONNX",
        "\u0080\u0002K\u0001. | not one of torch.save",
      })
  void filesThatAreSomethingElse(String content, String message) throws IOException {
    Path file =
        Files.write(
            folder.resolve("file.bin"), latin(content.replace("\\n", "\n").replace("\\r", "\r")));
    refused(file, message);
  }

  /** Six dictionaries, each with a thousand names for the one before: 10^15 ways to the first. */
  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void manyWaysToTheSameNothingAreWalkedOnce() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(latin("\u0080\2}q\0" + "0")); // remembered as number 0, dropped
    for (int level = 1; level < 6; level++) {
      pickle.writeBytes(latin("}q" + (char) level + "("));
      for (int i = 0; i < 1000; i++) {
        pickle.writeBytes(latin("X\4\0\0\0" + (1000 + i) + "h" + (char) (level - 1)));
      }
      pickle.writeBytes(latin("u0"));
    }
    pickle.writeBytes(latin("h\5."));
    refused(zip("ways.pt", Map.of("archive/data.pkl", pickle.toByteArray())), "no tensors by name");
  }

  /** A byte that makes an object of a hundred, many times. */
  @Test
  void fewBytesDoNotMakeManyObjects() throws IOException {
    byte[] pickle = new byte[30 << 20];
    Arrays.fill(pickle, (byte) '}');
    pickle[0] = (byte) 0x80;
    pickle[1] = 2;
    long before = allocated();
    assertThatThrownBy(
            () ->
                Checkpoint.of(
                    folder.resolve("objects.pt"),
                    ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("more than 2,000,000 steps");
    byte[] onnx = new byte[20 << 20]; // a node with an attribute with a list of small numbers
    ByteBuffer out = ByteBuffer.wrap(onnx);
    out.put((byte) 8).put((byte) 8); // ir_version
    for (int field : new int[] {7, 1, 5, 8}) { // graph, node, attribute, ints
      int left = onnx.length - out.position() - 5;
      out.put((byte) (field << 3 | 2));
      for (int i = 0; i < 4; i++) {
        out.put((byte) (left >> 7 * i & 0x7f | (i < 3 ? 0x80 : 0)));
      }
    }
    assertThatThrownBy(
            () ->
                Checkpoint.of(
                    folder.resolve("numbers.onnx"),
                    ByteBuffer.wrap(onnx).order(ByteOrder.LITTLE_ENDIAN)))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("more than 1,000,000 numbers");
    assertThat(allocated() - before).isLessThan(600L << 20);
  }

  @Test
  void aDirectoryAndAMissingFileAreNamed() {
    refused(folder, "is a directory");
    refused(folder.resolve("none.pt"), "is not there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict.pt", "legacy.pt", "tiny.h5", "tiny.keras", "imagenet.onnx"})
  void everyTruncationIsRefused(String name) throws IOException {
    byte[] good = Files.readAllBytes(fixture(name));
    for (int i = 0; i < 40; i++) {
      Path file = folder.resolve("cut-" + name);
      Files.write(file, Arrays.copyOf(good, (int) ((long) good.length * i / 40)));
      refused(file);
    }
  }

  // ---- a hundred thousand random ones

  /** Well below a minute on the machine that it was written on; hanging is what must not happen. */
  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void randomDamage() throws IOException {
    Random random = new Random(20_170_722);
    Model tiny = tiny();
    Path saved = folder.resolve("tiny");
    int refused = 0;
    ModelFile.save(saved, tiny);
    refused += damage("fuzz.safetensors", Files.readAllBytes(saved), 35_000, random);
    Export.toPyTorch(saved, tiny);
    refused += damage("fuzz.pt", Files.readAllBytes(saved), 20_000, random);
    Export.toOnnx(saved, tiny, true, true);
    refused += damage("fuzz.onnx", Files.readAllBytes(saved), 23_000, random);
    refused += damage("legacy.pt", Files.readAllBytes(fixture("legacy.pt")), 15_000, random);
    refused += damage("fuzz.h5", Files.readAllBytes(fixture("tiny.weights.h5")), 1_000, random);
    refused += damagePickles(tiny, 6_000, random);
    assertThat(refused).isGreaterThan(40_000);
  }

  /** Small files leave the time for many of them. */
  private static Model tiny() {
    DenseNetConfig config =
        new DenseNetConfig(
            1,
            List.of(1, 1),
            2,
            1,
            0.5,
            StemType.CIFAR,
            false,
            1,
            2,
            0,
            1e-5,
            0.1,
            Initialisation.KAIMING);
    return new Model(
        config, Weights.initialise(config, 1), List.of(), InputTransform.plain(1, 8, 8));
  }

  private int damage(String name, byte[] good, int count, Random random) throws IOException {
    Path file = folder.resolve(name);
    int refused = 0;
    for (int i = 0; i < count; i++) {
      byte[] bad = Arrays.copyOf(good, i % 4 == 0 ? random.nextInt(good.length) : good.length);
      mutate(bad, random);
      boolean zip = bad.length > 1 && bad[0] == 'P' && bad[1] == 'K'; // only those need a file
      if (zip) {
        Files.write(file, bad);
      }
      refused += isRefused(file, zip ? null : ByteBuffer.wrap(bad)) ? 1 : 0;
    }
    return refused;
  }

  /** Damage inside an intact zip file reaches the pickle reader. */
  private int damagePickles(Model tiny, int count, Random random) throws IOException {
    Path intact = folder.resolve("intact.pt");
    Export.toPyTorch(intact, tiny);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(intact.toFile())) {
      for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
        entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
      }
    }
    String pickle = entries.keySet().stream().filter(n -> n.endsWith("data.pkl")).findFirst().get();
    byte[] good = entries.get(pickle);
    int refused = 0;
    for (int i = 0; i < count; i++) {
      entries.put(pickle, mutate(good.clone(), random));
      Path file = zip("pickle.pt", entries);
      refused += isRefused(file, null) ? 1 : 0;
    }
    return refused;
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    for (int k = 0; k < 1 + random.nextInt(5) && bytes.length > 0; k++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> { // a huge or negative number
          if (at + 8 <= bytes.length) {
            ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(at, random.nextLong() >> random.nextInt(64));
          }
        }
        default -> { // a piece of itself elsewhere
          int length = Math.min(random.nextInt(40), bytes.length - at);
          int from = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, from, bytes, at, length);
        }
      }
    }
    return bytes;
  }

  private static boolean isRefused(Path file, ByteBuffer bytes) throws IOException {
    long before = allocated();
    boolean refused = false;
    try {
      ModelFile.load(
          bytes == null
              ? Checkpoint.read(file)
              : Checkpoint.of(file, bytes.order(ByteOrder.LITTLE_ENDIAN)),
          LoadOptions.strict());
    } catch (WeightsException e) {
      assertThat(e.getMessage()).contains(file.getFileName().toString());
      refused = true;
    }
    assertThat(allocated() - before).as("bytes taken").isLessThan(MOST_BYTES);
    return refused;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
