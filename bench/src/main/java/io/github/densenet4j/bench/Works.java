package io.github.densenet4j.bench;

import io.github.densenet4j.bench.Speed.Kind;
import io.github.densenet4j.bench.Speed.Opponent;
import java.util.ArrayList;
import java.util.List;

/** All works, in the order of the table, and the goals that were set before they were measured. */
final class Works {
  private Works() {}

  static List<Work> all() {
    List<Work> all = new ArrayList<>();
    all.add(inference("densenet121-b1", "densenet121", 224, 1, 2, Goal.ratio(0.80, 0.58)));
    all.add(inference("densenet121-b1-t1", "densenet121", 224, 1, 1, Goal.ratio(0.75, 0.60)));
    all.add(inference("densenet121-b16", "densenet121", 224, 16, 2, Goal.ratio(0.75, 0.50)));
    all.add(inference("densenet201-b1", "densenet201", 224, 1, 2, Goal.ratio(0.80, 0.60)));
    all.add(inference("densenet161-b1", "densenet161", 224, 1, 2, Goal.ratio(0.80, 0.60)));
    all.add(inference("cifar-b16", "cifar-bc-100-12", 32, 16, 2, null));
    all.add(inference("d2l-b16", "d2l", 96, 16, 2, null));
    all.add(
        new Speed(
            "densenet121-train",
            new Task(Mode.TRAIN, "densenet121", 224, 16, 2),
            List.of(
                new Opponent(Kind.TORCH, Goal.ratio(0.65, 0.50)),
                new Opponent(Kind.TORCH_BF16, null))));
    all.add(training("cifar-train", "cifar-bc-100-12", 32, 64, Goal.ratio(0.45, 0.30)));
    all.add(training("d2l-train", "d2l", 96, 128, Goal.ratio(1 / 2.0, 1 / 3.0)));
    all.add(new ResidentMemory());
    all.add(new ColdStart());
    all.add(new Growth());
    return all;
  }

  /** Beside ONNX Runtime, the fastest of the others, and PyTorch. */
  private static Work inference(
      String name, String arch, int size, int batch, int threads, Goal goal) {
    return new Speed(
        name,
        new Task(Mode.INFER, arch, size, batch, threads),
        List.of(new Opponent(Kind.ONNX_RUNTIME, goal), new Opponent(Kind.TORCH, null)));
  }

  private static Work training(String name, String arch, int size, int batch, Goal goal) {
    return new Speed(
        name, new Task(Mode.TRAIN, arch, size, batch, 2), List.of(new Opponent(Kind.TORCH, goal)));
  }
}
