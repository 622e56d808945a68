package io.github.densenet4j.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.densenet4j.weights.Export;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/** ONNX Runtime on an exported network, with all its optimisations. */
final class OnnxPeer implements Peer {
  private final String name;
  private final OrtSession session;
  private final OnnxTensor input;

  OnnxPeer(Task task, Path folder) throws OrtException, IOException {
    Path file = folder.resolve(task.arch() + ".onnx");
    Export.toOnnx(file, task.model(), false, false);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    name = "ONNX Runtime " + environment.getVersion();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(task.threads());
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      // its threads spin while it works, but not while another one is measured
      options.addConfigEntry("session.force_spinning_stop", "1");
      session = environment.createSession(file.toString(), options);
    }
    long[] shape = {task.batch(), task.config().channels(), task.size(), task.size()};
    input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(task.images()), shape);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public float[] result() throws OrtException {
    try (OrtSession.Result result = session.run(Map.of("images", input))) {
      FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] out = new float[values.remaining()];
      values.get(out);
      return out;
    }
  }

  @Override
  public double step() throws OrtException {
    long start = System.nanoTime();
    result();
    return (System.nanoTime() - start) * 1e-6;
  }

  @Override
  public void close() throws IOException {
    input.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime could not be closed: " + e.getMessage(), e);
    }
  }
}
