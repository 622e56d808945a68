package io.github.densenet4j.weights;

import static io.github.densenet4j.weights.ForeignFilesTest.fixture;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.densenet4j.DenseNet;
import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Randomness;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written here is read elsewhere, and comes back bit for bit. */
class ExportTest {
  /** What the interchange promises; in fact these networks agree to a few float32 roundings. */
  private static final float TOLERANCE = 1e-4f;

  @TempDir private Path folder;

  private static Model model(DenseNetConfig config, int side) {
    Weights weights = Weights.initialise(config, 3);
    float[] statistics = weights.statistics();
    for (int i = 0; i < statistics.length; i++) {
      statistics[i] += 0.5f * Randomness.uniform(9, i);
    }
    weights.batchesTracked(17);
    List<String> names = IntStream.range(0, config.classes()).mapToObj(c -> "class " + c).toList();
    InputTransform input =
        config.channels() == 3
            ? InputTransform.imageNet(side, side)
            : InputTransform.plain(config.channels(), side, side);
    return new Model(config, weights, names, input);
  }

  private static Model named(String arch) {
    DenseNetConfig config = DenseNetConfig.named(arch).withClasses(10);
    return model(config, arch.startsWith("cifar") ? 32 : arch.equals("d2l") ? 96 : 64);
  }

  private static float[] images(Model model, int n, float scale) {
    int floats = n * model.config().channels() * model.input().height() * model.input().width();
    float[] x = new float[floats];
    for (int i = 0; i < floats; i++) {
      x[i] = scale == 1 ? (float) Randomness.gaussian(4, i) : scale * Randomness.uniform(4, i);
    }
    return x;
  }

  private static float[] ours(Model model, float[] x, int n) {
    float[] out = new float[n * model.config().classes()];
    try (Engine.Resources engine = Engine.open(2)) {
      new DenseNet(model.config(), model.weights(), engine.engine())
          .logits(x, n, model.input().height(), model.input().width(), out);
    }
    return out;
  }

  private static float[] onnxRuntime(Path file, Model model, float[] x, int n) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] shape = {n, model.config().channels(), model.input().height(), model.input().width()};
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), shape);
        OrtSession.Result result = session.run(Map.of("images", input))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] out = new float[values.remaining()];
      values.get(out);
      return out;
    }
  }

  @ParameterizedTest
  @CsvSource({"densenet121, 1", "densenet121, 3", "cifar-bc-40-12, 2", "cifar-40-12, 1", "d2l, 2"})
  void onnxRuntimeGivesTheSameLogits(String arch, int n) throws IOException, OrtException {
    Model model = named(arch);
    Path file = folder.resolve("m.onnx");
    Export.toOnnx(file, model, false, false);
    float[] x = images(model, n, 1);
    float[] expected = ours(model, x, n);
    assertThat(onnxRuntime(file, model, x, n))
        .containsExactly(expected, org.assertj.core.data.Offset.offset(TOLERANCE));
  }

  @Test
  void theGraphNormalisesAndGivesProbabilitiesIfAsked() throws IOException, OrtException {
    Model rgb = named("cifar-bc-22-12");
    Model model = rgb.withInput(InputTransform.named("caffe", 3, 32, 32));
    float[] pixels = images(model, 1, 255);
    int area = 32 * 32;
    float[] x = new float[pixels.length];
    for (int i = 0; i < x.length; i++) {
      double mean = model.input().mean().get(i / area);
      double std = model.input().std().get(i / area);
      int reversed = (2 - i / area) * area + i % area; // blue first
      x[i] = (float) ((pixels[reversed] / 255.0 - mean) / std);
    }
    float[] logits = ours(model, x, 1);
    Path file = folder.resolve("p.onnx");
    for (OutputTransform output :
        List.of(OutputTransform.softmax(), OutputTransform.sigmoid(List.of()))) {
      Export.toOnnx(file, model.withOutput(output), true, true);
      double[] expected = output.probabilities(logits);
      float[] found = onnxRuntime(file, model, pixels, 1);
      for (int c = 0; c < found.length; c++) {
        assertThat((double) found[c])
            .isCloseTo(expected[c], org.assertj.core.data.Offset.offset(1e-5));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pt", "onnx", "safetensors"})
  void everythingComesBackBitForBit(String format) throws IOException {
    Model model =
        named("cifar-bc-22-12")
            .withOutput(OutputTransform.sigmoid(java.util.Collections.nCopies(10, 0.25)));
    Path file = folder.resolve("model." + format);
    switch (format) {
      case "pt" -> Export.toPyTorch(file, model);
      case "onnx" -> Export.toOnnx(file, model, false, false);
      default -> ModelFile.save(file, model);
    }
    Model read = ModelFile.load(file, LoadOptions.strict());
    assertThat(read.config()).isEqualTo(model.config());
    assertThat(read.classNames()).isEqualTo(model.classNames());
    assertThat(read.input()).isEqualTo(model.input());
    assertThat(read.output()).isEqualTo(model.output());
    assertThat(read.weights().parameters()).containsExactly(model.weights().parameters());
    assertThat(read.weights().statistics()).containsExactly(model.weights().statistics());
  }

  /** PyTorch keeps them so, to map files; keys and their order are torchvision's. */
  @Test
  void pyTorchsFileIsAlignedAndUncompressed() throws IOException {
    Path file = folder.resolve("model.pt");
    Export.toPyTorch(file, ModelFile.load(fixture("state_dict.pt"), LoadOptions.strict()));
    byte[] bytes = java.nio.file.Files.readAllBytes(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
        assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
      }
    }
    // a local header: "PK\3\4", 26 bytes on the lengths of name and extra field
    for (int i = 0; i + 30 < bytes.length; i++) {
      if (bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 3 && bytes[i + 3] == 4) {
        int name = (bytes[i + 26] & 0xff) | (bytes[i + 27] & 0xff) << 8;
        int extra = (bytes[i + 28] & 0xff) | (bytes[i + 29] & 0xff) << 8;
        assertThat((i + 30 + name + extra) % 64).isZero();
      }
    }
    assertThat(Checkpoint.read(file).tensors().keySet())
        .containsExactlyElementsOf(Checkpoint.read(fixture("state_dict.pt")).tensors().keySet());
  }
}
