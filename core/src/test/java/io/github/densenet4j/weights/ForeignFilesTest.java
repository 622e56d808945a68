package io.github.densenet4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.StemType;
import io.github.densenet4j.data.OutputTransform;
import io.github.densenet4j.kernel.Engine;
import io.github.densenet4j.kernel.ScalarKernels;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.weights.Inspection.Status;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch, Keras and their exporters wrote give the logits that they gave there. */
class ForeignFilesTest {
  /**
   * Float32 arithmetic in another order: logits of these tiny networks are of size 1, PyTorch
   * itself differs by this much from one batch size to another.
   */
  private static final float TOLERANCE = 2e-5f;

  static Path fixture(String name) {
    try {
      return Path.of(ForeignFilesTest.class.getResource("/checkpoints/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void check(Model model, String golden, String input, String logits)
      throws IOException {
    SafeTensors expected = SafeTensors.read(fixture(golden));
    Tensor x = expected.tensors().get(input);
    List<Long> shape = x.shape();
    int n = shape.get(0).intValue();
    float[] out = new float[n * model.config().classes()];
    try (Team team = new Team(1)) {
      new DenseNet(model.config(), model.weights(), new Engine(new ScalarKernels(), team))
          .logits(x.toFloats(), n, shape.get(2).intValue(), shape.get(3).intValue(), out);
    }
    float[] theirs = expected.tensors().get(logits).toFloats();
    assertThat(out).hasSize(theirs.length);
    for (int i = 0; i < out.length; i++) {
      assertThat(out[i]).as("logit %d", i).isCloseTo(theirs[i], within(theirs[i]));
    }
  }

  private static org.assertj.core.data.Offset<Float> within(float value) {
    return org.assertj.core.data.Offset.offset(TOLERANCE * Math.max(1, Math.abs(value)));
  }

  @ParameterizedTest
  @CsvSource({
    "state_dict.pt, 'torchvision, timm', ''",
    "legacy.pt, 'torchvision, timm', ''",
    "protocol4.pt, 'torchvision, timm', ''",
    "module.pt, 'torchvision, timm', ''",
    "module_legacy.pt, 'torchvision, timm', ''",
    "torchscript.pt, 'torchvision, timm', ''",
    "data_parallel.pt, 'torchvision, timm', ''",
    "old_names.pt, torchvision (old names), ''",
    "wrapped.pt, 'torchvision, timm', model",
    "ema.pt, 'torchvision, timm', state_dict_ema",
    "chexnet.pt, 'torchvision, timm', state_dict",
    "monai.pt, MONAI, ''",
    "gpleiss.pt, efficient_densenet_pytorch (gpleiss), ''",
    "views.pt, 'torchvision, timm', ''",
    "views_legacy.pt, 'torchvision, timm', ''"
  })
  void pyTorch(String file, String names, String from) throws IOException {
    Inspection inspection = ModelFile.inspect(fixture(file), LoadOptions.strict());
    assertThat(inspection.names()).isEqualTo(names);
    assertThat(inspection.checkpoint().from()).isEqualTo(from);
    assertThat(inspection.fits()).isTrue();
    Model model = ModelFile.load(fixture(file), LoadOptions.strict());
    assertThat(model.config().growthRate()).isEqualTo(4);
    assertThat(model.config().blocks()).containsExactly(2, 1);
    assertThat(model.config().bottleneck()).isEqualTo(2);
    assertThat(model.config().stem()).isEqualTo(StemType.IMAGENET);
    check(model, "torch_golden.safetensors", "imagenet.input", "imagenet.logits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"half", "bfloat16", "double"})
  void otherTypes(String type) throws IOException {
    Model model = ModelFile.load(fixture(type + ".pt"), LoadOptions.strict());
    check(model, "torch_golden.safetensors", "imagenet.input", type + ".logits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cifar_plain.pt", "cifar_bc.pt", "cifar_plain.onnx", "cifar_bc.onnx", "d2l.onnx"})
  void otherStems(String file) throws IOException {
    String network = file.substring(0, file.indexOf('.')).replace("_external", "");
    Model model = ModelFile.load(fixture(file), LoadOptions.strict());
    assertThat(model.config().stem())
        .isEqualTo(network.equals("d2l") ? StemType.D2L : StemType.CIFAR);
    assertThat(model.config().hasBottleneck()).isEqualTo(network.equals("cifar_bc"));
    assertThat(model.config().compression()).isEqualTo(network.equals("cifar_plain") ? 1 : 0.5);
    check(model, "torch_golden.safetensors", network + ".input", network + ".logits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"imagenet.onnx", "imagenet_merged.onnx"})
  void onnx(String file) throws IOException {
    Model model = ModelFile.load(fixture(file), LoadOptions.strict());
    assertThat(model.config().bnEps()).isEqualTo(1e-5);
    check(model, "torch_golden.safetensors", "onnx.input", "onnx.logits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny.h5", "tiny_weights_old.h5", "tiny.weights.h5", "tiny.keras"})
  void keras(String file) throws IOException {
    Model model = ModelFile.load(fixture(file), LoadOptions.strict());
    assertThat(model.config().bnEps()).isEqualTo(1.001e-5);
    assertThat(model.config().blocks()).containsExactly(2, 1, 2, 1);
    check(model, "tiny_keras_golden.safetensors", "input", "logits");
  }

  @Test
  void labelsBesideTheWeights() throws IOException {
    assertThat(ModelFile.load(fixture("wrapped.pt"), LoadOptions.strict()).classNames())
        .containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void torchXRayVision() throws IOException {
    Model model = ModelFile.load(fixture("xray.pt"), LoadOptions.strict());
    assertThat(model.config().channels()).isEqualTo(1);
    assertThat(model.classNames()).startsWith("Atelectasis", "Cardiomegaly");
    assertThat(model.output().kind()).isEqualTo(OutputTransform.Kind.CALIBRATED);
    // a probability of exactly its threshold is 0.5; without one, always
    float atThreshold = (float) Math.log(0.2 / 0.8);
    double[] p = model.output().probabilities(new float[] {9, atThreshold, -9, 0, 3});
    assertThat(p[1]).isCloseTo(0.5, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(p[4]).isEqualTo(0.5);
    check(model, "torch_golden.safetensors", "xray.input", "xray.logits");
  }

  @Test
  void modelsOfTheFirstFormatKeepLoading() throws Exception {
    Path file = Path.of(getClass().getResource("/formats/model-v1.safetensors").toURI());
    Model model = ModelFile.load(file, LoadOptions.strict());
    assertThat(model.classNames()).containsExactly("crack", "dent", "good");
    assertThat(model.config().dropRate()).isEqualTo(0.2);
    assertThat(model.weights().batchesTracked()).isEqualTo(42);
    assertThat(model.input().shortSide()).isEqualTo(14);
    assertThat(model.output()).isEqualTo(OutputTransform.softmax());
    float[] x = new float[120];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    float[] out = new float[3];
    try (Team team = new Team(1)) {
      new DenseNet(model.config(), model.weights(), new Engine(new ScalarKernels(), team))
          .logits(x, 1, 12, 10, out);
    }
    // what the program of that time printed; kernels may round in another way since
    float[] then = {-1.204781E-4f, 0.10798902f, -0.31740287f};
    assertThat(out).containsExactly(then, org.assertj.core.data.Offset.offset(1e-6f));
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    Inspection inspection =
        ModelFile.inspect(fixture("old_names.pt"), LoadOptions.strict().withArch(null));
    assertThat(inspection.with(Status.MISSING)).isEmpty();
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () ->
                ModelFile.load(
                    fixture("state_dict.pt"), LoadOptions.strict().withArch("densenet121")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("densenet121")
        .hasMessageContaining("k=4, blocks [2, 1]");
  }
}
