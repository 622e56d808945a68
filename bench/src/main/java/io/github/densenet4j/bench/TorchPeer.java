package io.github.densenet4j.bench;

import io.github.densenet4j.weights.Export;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.ObjectMapper;

/**
 * PyTorch in a Python of its own, {@code torch_densenet.py --serve}: a line asks for a run, a line
 * answers.
 */
final class TorchPeer implements Peer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String name;

  /**
   * Starts it on a task's weights, pictures and labels, which it reads from files.
   *
   * @param options more arguments of the script
   */
  TorchPeer(Task task, Setting setting, List<String> options) throws IOException {
    Path weights = setting.folder().resolve(task.arch() + ".pth");
    Path images = setting.folder().resolve(task.arch() + ".f32");
    Path labels = setting.folder().resolve(task.arch() + ".i32");
    Export.toPyTorch(weights, task.model());
    float[] pixels = task.images();
    ByteBuffer floats = ByteBuffer.allocate(4 * pixels.length).order(ByteOrder.LITTLE_ENDIAN);
    floats.asFloatBuffer().put(pixels);
    Files.write(images, floats.array());
    ByteBuffer ints = ByteBuffer.allocate(4 * task.batch()).order(ByteOrder.LITTLE_ENDIAN);
    ints.asIntBuffer().put(task.labels());
    Files.write(labels, ints.array());
    String mode = task.mode() == Mode.INFER ? "infer" : "train";
    String text =
        ("%s --serve --arch %s --batch %d --size %d --channels %d --classes %d --threads %d"
                + " --channels-last --weights %s --images %s --labels %s")
            .formatted(
                mode,
                task.arch(),
                task.batch(),
                task.size(),
                task.config().channels(),
                task.config().classes(),
                task.threads(),
                weights,
                images,
                labels);
    List<String> arguments = new java.util.ArrayList<>(List.of(text.split(" ")));
    arguments.addAll(options);
    process =
        new ProcessBuilder(
                setting
                    .python()
                    .orElseThrow()
                    .script(setting.root(), "torch_densenet.py", arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    questions = process.outputWriter(StandardCharsets.UTF_8);
    name =
        "PyTorch "
            + JSON.readValue(answer(), String.class).replace("torch ", "")
            + (options.contains("--bf16") ? " bf16" : "");
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("torch_densenet.py ended without an answer; its message is above.");
    }
    return line;
  }

  private String ask(String question) throws IOException {
    questions.write(question);
    questions.newLine();
    questions.flush();
    return answer();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public float[] result() throws IOException {
    return JSON.readValue(ask("check"), float[].class);
  }

  @Override
  public double step() throws IOException {
    return JSON.readValue(ask("step"), double.class);
  }

  @Override
  public void close() throws IOException {
    questions.close(); // the end of its input ends it, if it works as it should
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join().destroyForcibly();
  }
}
