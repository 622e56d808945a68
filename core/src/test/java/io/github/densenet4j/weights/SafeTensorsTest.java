package io.github.densenet4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Model files: what goes in comes out, and what is damaged is refused by name and place. */
class SafeTensorsTest {
  @TempDir Path folder;

  private Path file(String header, int bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(8 + text.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(text.length).put(text);
    return Files.write(folder.resolve("x.safetensors"), out.array());
  }

  private static Model model() {
    DenseNetConfig config = DenseNetConfig.cifar(10, 4, true).withClasses(3);
    Weights weights = Weights.initialise(config, 9);
    for (int i = 0; i < weights.statistics().length; i++) {
      weights.statistics()[i] = i * 0.25f + 0.1f;
    }
    weights.batchesTracked(123);
    return new Model(
        config, weights, List.of("a", "b \"quoted\"", "ü"), InputTransform.imageNet(32, 32));
  }

  @Test
  void aModelComesBackBitForBit() throws IOException {
    Path file = folder.resolve("deep/er/model.safetensors");
    ModelFile.save(file, model());
    Model read = ModelFile.load(file, LoadOptions.strict());
    assertThat(read.config()).isEqualTo(model().config());
    assertThat(read.classNames()).isEqualTo(model().classNames());
    assertThat(read.input()).isEqualTo(model().input());
    assertThat(read.weights().parameters()).containsExactly(model().weights().parameters());
    assertThat(read.weights().statistics()).containsExactly(model().weights().statistics());
    assertThat(read.weights().batchesTracked()).isEqualTo(123);
    byte[] first = Files.readAllBytes(file);
    ModelFile.save(file, read);
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
    try (var files = Files.list(file.getParent())) {
      assertThat(files).as("no temporary file is left").containsExactly(file);
    }
  }

  @Test
  void theNetworkOfAFileFromElsewhereIsInferred() throws IOException {
    Path file = folder.resolve("plain.safetensors");
    ModelFile.save(file, model());
    SafeTensors read = SafeTensors.read(file);
    List<Tensor> copies =
        read.tensors().values().stream()
            .map(
                t -> {
                  byte[] bytes = new byte[t.data().capacity()];
                  t.data().get(0, bytes);
                  return new Tensor(t.name(), t.dtype(), t.shape(), ByteBuffer.wrap(bytes));
                })
            .toList();
    SafeTensors.write(file, copies, Map.of());
    Model loaded = ModelFile.load(file, LoadOptions.strict());
    assertThat(loaded.config().classes()).isEqualTo(3);
    assertThat(loaded.config().archName()).isEqualTo("cifar-bc-10-4");
    assertThat(loaded.weights().parameters()).containsExactly(model().weights().parameters());
    assertThatThrownBy(() -> ModelFile.load(file, LoadOptions.strict().withArch("cifar-bc-10-5")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("does not hold cifar-bc-10-5 (k=5")
        .hasMessageContaining("but cifar-bc-10-4 (k=4");
  }

  @Test
  void severalFilesWithAnIndex() throws IOException {
    List<Tensor> tensors = ModelFile.tensors(model().weights());
    List<String> entries = new ArrayList<>();
    for (int shard = 0; shard < 2; shard++) {
      int half = shard;
      List<Tensor> part = tensors.stream().filter(t -> tensors.indexOf(t) % 2 == half).toList();
      String name = "model-0000" + (shard + 1) + "-of-00002.safetensors";
      SafeTensors.write(folder.resolve(name), part, Map.of());
      part.forEach(t -> entries.add("\"" + t.name() + "\": \"" + name + "\""));
    }
    Path index =
        Files.writeString(
            folder.resolve("model.safetensors.index.json"),
            "{\"metadata\": {}, \"weight_map\": {" + String.join(", ", entries) + "}}");
    Model loaded = ModelFile.load(index, LoadOptions.strict());
    assertThat(loaded.weights().parameters()).containsExactly(model().weights().parameters());
    Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
    assertThatThrownBy(() -> ModelFile.load(index, LoadOptions.strict()))
        .hasMessageContaining("model-00002-of-00002.safetensors, which is not there");
  }

  @Test
  void everyTensorThatDoesNotFitIsNamed() throws IOException {
    Path file = folder.resolve("wrong.safetensors");
    List<Tensor> tensors = new ArrayList<>(ModelFile.tensors(model().weights()));
    tensors.removeIf(t -> t.name().equals("features.norm5.bias"));
    tensors.replaceAll(
        t ->
            t.name().equals("features.transition1.norm.weight")
                ? Tensor.floats(t.name(), List.of(1), new float[1], 0, 1)
                : t);
    tensors.replaceAll(
        t ->
            t.name().equals("features.norm5.weight")
                ? Tensor.floats(
                    t.name(), List.of(t.size()), filled(t.size(), Float.NaN), 0, t.size())
                : t);
    tensors.add(Tensor.floats("features.extra.weight", List.of(1), new float[1], 0, 1));
    SafeTensors.write(file, tensors, Map.of());
    assertThatThrownBy(() -> ModelFile.load(file, LoadOptions.strict()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("features.norm5.bias is missing")
        .hasMessageContaining("features.transition1.norm.weight has shape [1], expected [12]")
        .hasMessageContaining("features.norm5.weight holds values that are not finite")
        .hasMessageContaining("features.extra.weight is unexpected");
  }

  private static float[] filled(int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void aMissingClassifierIsDrawnAnewOnlyWhenAllowed() throws IOException {
    Path file = folder.resolve("backbone.safetensors");
    List<Tensor> tensors = new ArrayList<>(ModelFile.tensors(model().weights()));
    tensors.removeIf(t -> t.name().startsWith("classifier"));
    SafeTensors.write(file, tensors, Map.of());
    assertThatThrownBy(() -> ModelFile.load(file, LoadOptions.strict()))
        .hasMessageContaining("classifier.weight is missing");
    Model loaded =
        ModelFile.load(
            file, LoadOptions.strict().withAllowMissing(List.of("classifier")).withClasses(7));
    assertThat(loaded.config().classes()).isEqualTo(7);
    assertThat(slice(loaded.weights(), "features.conv0.weight"))
        .containsExactly(slice(model().weights(), "features.conv0.weight"));
    assertThat(slice(loaded.weights(), "classifier.weight")).isNotEqualTo(new float[7 * 12]);
  }

  @Test
  void otherChannelsSumOrRepeatTheStem() throws IOException {
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(file, model());
    float[] stem = slice(model().weights(), "features.conv0.weight"); // (8, 3, 3, 3)
    Model gray = ModelFile.load(file, LoadOptions.strict().withChannels(1));
    assertThat(slice(gray.weights(), "features.conv0.weight")[0])
        .isEqualTo(stem[0] + stem[9] + stem[18], org.assertj.core.data.Offset.offset(1e-5f));
    assertThat(gray.input().channels()).isEqualTo(1);
    Model four = ModelFile.load(file, LoadOptions.strict().withChannels(4));
    float[] repeated = slice(four.weights(), "features.conv0.weight"); // (8, 4, 3, 3)
    assertThat(repeated[27]).isEqualTo(stem[0] * 3 / 4);
    assertThat(repeated[9]).isEqualTo(stem[9] * 3 / 4);
    Model two = ModelFile.load(file, LoadOptions.strict().withClasses(2));
    assertThat(two.config().classes()).isEqualTo(2);
    assertThat(two.classNames()).isEmpty();
    assertThat(slice(two.weights(), "features.norm5.weight"))
        .containsExactly(slice(model().weights(), "features.norm5.weight"));
  }

  private static float[] slice(Weights weights, String name) {
    Layout.Slot slot = weights.layout().slot(name);
    return Arrays.copyOfRange(weights.store(slot), slot.at(), slot.at() + slot.size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}; 4; bytes 0 to 8",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}; 12; belong to nothing",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}; 8; needs 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}};"
            + " 4; overlap",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}; 8; leave a gap",
        "{\"a\":{\"dtype\":\"Q9\",\"shape\":[1],\"data_offsets\":[0,4]}}; 4; unknown type Q9",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4294967296],\"data_offsets\":[0,4]}};"
            + " 4; absurdly large",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}; 4; side -1",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}; 4; no data_offsets",
        "{\"a\":1}; 4; not a JSON object",
        "{\"a\":{},\"a\":{}}; 4; twice",
        "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]; 0; levels",
        "{\"a\"; 0; expected ':'",
      })
  void damageIsNamed(String header, int bytes, String message) throws IOException {
    Path file = file(header, bytes);
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("x.safetensors")
        .hasMessageContaining(message);
  }

  @Test
  void aHeaderLongerThanTheFileIsRefused() throws IOException {
    byte[] bytes = new byte[20];
    Arrays.fill(bytes, (byte) 0x7f);
    Path file = Files.write(folder.resolve("x.safetensors"), bytes);
    assertThatThrownBy(() -> SafeTensors.read(file)).hasMessageContaining("not a safetensors file");
    assertThatThrownBy(() -> SafeTensors.read(folder)).hasMessageContaining("is not a file");
  }

  @Test
  void everyTypeOfFloatIsRead() throws IOException {
    ByteBuffer halves = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    halves.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-2));
    ByteBuffer brains = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
    brains.putShort((short) (Float.floatToIntBits(-3) >> 16));
    ByteBuffer doubles = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, 0.1);
    Path file = folder.resolve("types.safetensors");
    SafeTensors.write(
        file,
        List.of(
            new Tensor("h", "F16", List.of(2L), halves),
            new Tensor("b", "BF16", List.of(1L, 1L), brains),
            new Tensor("d", "F64", List.of(), doubles)),
        Map.of("k", "v"));
    SafeTensors read = SafeTensors.read(file);
    assertThat(read.tensors().get("h").toFloats()).containsExactly(1.5f, -2);
    assertThat(read.tensors().get("b").toFloats()).containsExactly(-3);
    assertThat(read.tensors().get("d").toFloats()).containsExactly(0.1f);
    assertThat(read.metadata()).containsExactlyEntriesOf(Collections.singletonMap("k", "v"));
  }

  @Test
  void randomDamageEndsInAClearErrorOrAValidFile() throws IOException {
    Path file = folder.resolve("fuzz.safetensors");
    ModelFile.save(file, model());
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
      byte[] bad = Arrays.copyOf(good, i % 3 == 0 ? random.nextInt(good.length) : good.length);
      for (int k = 0; k < 1 + random.nextInt(4) && bad.length > 0; k++) {
        bad[random.nextInt(Math.min(bad.length, 9000))] = (byte) random.nextInt(256);
      }
      Files.write(file, bad);
      try {
        ModelFile.load(file, LoadOptions.strict());
      } catch (WeightsException e) {
        assertThat(e.getMessage()).contains("fuzz.safetensors");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(400);
  }
}
