package io.github.densenet4j.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Models for other programs. Each file is written as a whole or not at all. */
public final class Export {
  private Export() {}

  /**
   * A PyTorch state_dict under torchvision's keys, for {@code torch.load(weights_only=True)} and
   * {@code load_state_dict}.
   *
   * @throws IOException if it cannot be written
   */
  public static void toPyTorch(Path file, Model model) throws IOException {
    List<Tensor> tensors = ModelFile.tensors(model.weights());
    TorchWriter.write(file, tensors, ModelDescription.of(model));
  }

  /**
   * An ONNX model (opset 17) with any batch size: {@code images} (batch, C, H, W) to {@code logits}
   * or {@code probabilities} (batch, classes).
   *
   * @param normalise whether the graph takes pixels from 0 to 255, red first, and normalises them
   *     itself; otherwise it takes normalised ones
   * @param probabilities whether it ends with the model's softmax or sigmoid
   * @throws WeightsException if the model's output has no counterpart in ONNX
   * @throws IOException if it cannot be written
   */
  public static void toOnnx(Path file, Model model, boolean normalise, boolean probabilities)
      throws IOException {
    OnnxWriter.write(file, model, normalise, probabilities);
  }
}
