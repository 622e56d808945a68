package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.train.EpochResult;
import io.github.densenet4j.train.Evaluation;
import io.github.densenet4j.weights.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves for those who watch it from another program. */
class ConfusionFileTest {
  private static final EpochResult THIRD =
      new EpochResult(3, 0.1, 1, 0.5, new Evaluation(0.5, 1, 1, 4, 10), 10, 0, 1);

  @TempDir Path run;

  /** Pictures of the classes 0, 1, 2, 0; nobody looks at them. */
  private static final class Four implements Dataset {
    @Override
    public String name() {
      return "four";
    }

    @Override
    public int size() {
      return 4;
    }

    @Override
    public List<String> classNames() {
      return List.of("a", "b", "c");
    }

    @Override
    public int[] labels(int index) {
      return new int[] {index % 3};
    }

    @Override
    public Picture picture(int index) {
      throw new AssertionError("no picture is needed");
    }
  }

  private ConfusionFile file(Path directory, List<String> notes) {
    DenseNetConfig config = DenseNetConfig.cifar(10, 4, true).withClasses(3);
    InputTransform input = InputTransform.plain(3, 8, 8);
    Weights weights = Weights.initialise(config, 1);
    Model model = new Model(config, weights, List.of("a", "b", "c"), input);
    return new ConfusionFile(directory, model, new Four(), notes::add);
  }

  @Test
  void itHoldsTheLastValidation() throws Exception {
    assertThat(ConfusionFile.read(run)).isEmpty();
    ConfusionFile file = file(run, new ArrayList<>());
    for (int epoch = 0; epoch < 2; epoch++) {
      file.validated(0, 3, new float[] {1, 0, 0, /* b as */ 2, 0, 1, /* c */ 0, 0, 3, 9, 9, 9});
      file.validated(
          3,
          1,
          new float[] {
            /* a as */
            0, 1, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9
          });
      file.epoch(THIRD);
    }
    ConfusionFile.Last last = ConfusionFile.read(run).orElseThrow();
    assertThat(last.epoch()).isEqualTo(3);
    assertThat(last.classes()).containsExactly("a", "b", "c");
    assertThat(last.confusion()).isDeepEqualTo(new int[][] {{1, 1, 0}, {1, 0, 0}, {0, 0, 1}});
    assertThat(new RunInFolder(run).data()).containsKey("confusion");
  }

  @Test
  void whatCannotBeWrittenOrReadIsSaid() throws Exception {
    Path taken = Files.writeString(run.resolve("taken"), "a file");
    List<String> notes = new ArrayList<>();
    ConfusionFile file = file(taken, notes);
    file.epoch(THIRD);
    file.epoch(THIRD);
    assertThat(notes).hasSize(1).first().asString().contains("The run goes on.");
    Files.writeString(run.resolve("confusion.json"), "{\"epoch\":");
    assertThatThrownBy(() -> ConfusionFile.read(run)).hasMessageContaining("is damaged");
    assertThat(new RunInFolder(run).state().text()).contains("is damaged");
  }
}
