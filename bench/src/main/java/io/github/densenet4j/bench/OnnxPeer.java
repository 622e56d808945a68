package io.github.densenet4j.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime on an exported network, with all its optimisations. */
final class OnnxPeer implements AutoCloseable {
  private final OrtSession session;
  private final OnnxTensor input;

  OnnxPeer(Path file, float[] images, long[] shape, int threads) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      // its threads spin while it works, but not while the other one is measured
      options.addConfigEntry("session.force_spinning_stop", "1");
      session = environment.createSession(file.toString(), options);
    }
    input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), shape);
  }

  /** The logits. */
  float[] run() {
    try (OrtSession.Result result = session.run(Map.of("images", input))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] out = new float[values.remaining()];
      values.get(out);
      return out;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws OrtException {
    input.close();
    session.close();
  }
}
