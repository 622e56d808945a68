package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.DenseNetConfig;
import io.github.densenet4j.Layout;
import io.github.densenet4j.Weights;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.kernel.Team;
import io.github.densenet4j.weights.SafeTensors;
import io.github.densenet4j.weights.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimisers, schedules and losses against PyTorch's values, colours against Pillow's. */
class TrainingGoldenTest {
  private static Map<String, Tensor> golden;

  @BeforeAll
  static void read() throws Exception {
    golden =
        SafeTensors.read(
                Path.of(
                    TrainingGoldenTest.class
                        .getResource("/training/training_golden.safetensors")
                        .toURI()))
            .tensors();
  }

  private static float[] values(String name) throws Exception {
    return golden.get(name).toFloats();
  }

  // ---- optimisers

  /** Steps on 37 parameters of some network's store, compared behind each. */
  private static void check(String name, BiFunction<Weights, Team, Optimiser> make)
      throws Exception {
    check(name, make, (gradients, weights) -> null);
  }

  private static void check(
      String name,
      BiFunction<Weights, Team, Optimiser> make,
      BiFunction<float[], Weights, float[]> around)
      throws Exception {
    Weights weights = new Weights(Layout.of(DenseNetConfig.cifar(10, 4, true)));
    float[] start = values("start");
    System.arraycopy(start, 0, weights.parameters(), 0, start.length);
    float[] expected = values(name);
    float[] all = values("gradients");
    float[] rates = values("rates");
    try (Team team = new Team(2)) {
      Optimiser optimiser = make.apply(weights, team);
      float[] gradients = new float[weights.parameters().length];
      for (int step = 0; step < rates.length; step++) {
        System.arraycopy(all, step * start.length, gradients, 0, start.length);
        around.apply(gradients, null);
        optimiser.step(gradients, rates[step]);
        float[] averaged = around.apply(gradients, weights);
        float[] actual = averaged == null ? weights.parameters() : averaged;
        for (int i = 0; i < start.length; i++) {
          // a few roundings of values below 8 a step, and the constants in single precision
          assertThat(actual[i])
              .as("%s, step %d, parameter %d", name, step, i)
              .isCloseTo(expected[step * start.length + i], within(4e-6f));
        }
      }
      assertThat(optimiser.steps()).isEqualTo(rates.length);
    }
  }

  private static List<ParameterGroup> all(Weights weights) {
    return ParameterGroup.all(weights.parameters().length);
  }

  @Test
  void optimisersStepAsPyTorchs() throws Exception {
    check("sgd", (w, team) -> new Sgd(w, team, 0.9, 1e-2, false, all(w)));
    check("nesterov", (w, team) -> new Sgd(w, team, 0.9, 1e-2, true, all(w)));
    check("adamw", (w, team) -> new AdamW(w, team, 0.9, 0.99, 0.05, all(w)));
    List<ParameterGroup> groups =
        List.of(new ParameterGroup(0, 20, 0.1f, 0), new ParameterGroup(20, 37, 1, 1));
    check("groups", (w, team) -> new Sgd(w, team, 0.9, 1e-2, true, groups));
  }

  @Test
  void clippingAndAveragingAreTorchs() throws Exception {
    check(
        "clipped",
        (w, team) -> new Sgd(w, team, 0, 0, false, all(w)),
        (gradients, weights) -> {
          if (weights == null) {
            GradientClip.apply(gradients, ParameterGroup.all(gradients.length), 1.5);
          }
          return null;
        });
    Average[] average = new Average[1];
    check(
        "average",
        (w, team) -> {
          average[0] = new Average(w, 0.7);
          return new Sgd(w, team, 0, 0, false, all(w));
        },
        (gradients, weights) -> {
          if (weights == null) {
            return null;
          }
          average[0].follow(weights);
          return average[0].weights().parameters();
        });
  }

  // ---- schedules

  @ParameterizedTest
  @ValueSource(
      strings = {
        "step:5:0.3",
        "step",
        "multi-step:3:7",
        "cosine",
        "one-cycle",
        "one-cycle:0.25:10:100",
        "plateau:0.5:2"
      })
  void schedulesAreTorchs(String text) throws Exception {
    Schedule schedule = Schedule.parse(text);
    assertThat(schedule).hasToString(text);
    List<Double> losses = new ArrayList<>();
    for (float loss : values("plateau.losses")) {
      losses.add((double) loss);
    }
    float[] expected = values("schedule." + text);
    for (int i = 0; i < expected.length; i++) {
      assertThat(schedule.factor(i, expected.length, 5, losses.subList(0, i / 5)))
          .as("step %d", i)
          .isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void warmUpIsTorchsLinearRise() throws Exception {
    Recipe recipe =
        Recipe.named("default").with("epochs", 12).with("warmup", 2).with("schedule", "cosine");
    float[] expected = values("warm");
    for (int i = 0; i < expected.length; i++) {
      assertThat(recipe.factor(i / 5, i % 5, 5, List.of()))
          .as("step %d", i)
          .isCloseTo(expected[i], within(1e-6));
    }
    assertThat(expected).hasSize(60);
  }

  // ---- losses

  @Test
  void lossesAndTheirGradientsAreTorchs() throws Exception {
    float[] labels = values("labels");
    int n = labels.length;
    int classes = 5;
    float[] one = new float[n * classes];
    for (int i = 0; i < n; i++) {
      one[i * classes + (int) labels[i]] = 1;
    }
    List<Double> weights = new ArrayList<>();
    for (float weight : values("weights")) {
      weights.add((double) weight);
    }
    float[] several = values("several");
    check("cross_entropy", new SoftmaxLoss(0, List.of()), one);
    check("smoothed", new SoftmaxLoss(0.1, List.of()), one);
    check("weighted", new SoftmaxLoss(0, weights), one);
    check("weighted_smoothed", new SoftmaxLoss(0.2, weights), one);
    check("mixed_targets", new SoftmaxLoss(0.1, List.of()), values("mixed"));
    check("focal", new FocalLoss(2, List.of()), one);
    check("focal_half", new FocalLoss(0.5, List.of()), one);
    check("binary", new BinaryLoss(List.of()), several);
    check("binary_weighted", new BinaryLoss(weights), several);
  }

  private static void check(String name, Loss loss, float[] targets) throws Exception {
    float[] logits = values("logits");
    int classes = 5;
    int n = logits.length / classes;
    float[] gradient = new float[logits.length];
    double total = loss.weight(targets, n, classes);
    double value = loss.sum(logits, targets, n, classes, total, gradient) / total;
    assertThat(value).as(name).isCloseTo(values("loss." + name)[0], within(2e-6));
    float[] expected = values("gradient." + name);
    for (int i = 0; i < expected.length; i++) {
      assertThat(gradient[i]).as("%s, %d", name, i).isCloseTo(expected[i], within(1e-6f));
    }
  }

  // ---- pictures

  private static void check(String name, UnaryOperator<Picture> change, double mostDifferent)
      throws Exception {
    Picture picture = new Picture(3, 11, 13, bytes("picture"));
    byte[] actual = change.apply(picture).pixels();
    byte[] expected = bytes("op." + name);
    int different = 0;
    for (int i = 0; i < expected.length; i++) {
      different += Math.abs((actual[i] & 0xff) - (expected[i] & 0xff)) > 1 ? 1 : 0;
      if (mostDifferent == 0) {
        assertThat(actual[i] & 0xff).as("%s, %d", name, i).isEqualTo(expected[i] & 0xff);
      }
    }
    assertThat((double) different / expected.length).as(name).isLessThanOrEqualTo(mostDifferent);
  }

  private static byte[] bytes(String name) throws Exception {
    float[] values = values(name);
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (int) values[i];
    }
    return out;
  }

  @Test
  void coloursArePillows() throws Exception {
    for (double f : new double[] {0.6, 1.7}) {
      check("brightness:" + f, p -> Colours.brightness(p, f), 0);
    }
    for (double f : new double[] {0.3, 1.9}) {
      check("contrast:" + f, p -> Colours.contrast(p, f), 0);
    }
    for (double f : new double[] {0.2, 1.8}) {
      check("saturation:" + f, p -> Colours.saturation(p, f), 0);
    }
    for (double f : new double[] {0.1, 1.9}) {
      check("sharpness:" + f, p -> Colours.sharpness(p, f), 0);
    }
    check("posterise:3", p -> Colours.posterised(p, 3), 0);
    check("solarise:128", p -> Colours.solarised(p, 128), 0);
    check("auto-contrast", Colours::autoContrast, 0);
    check("equalise", Colours::equalised, 0);
  }

  @Test
  void pixelsMoveAsPillowMovesThem() throws Exception {
    check("move:3:-2", p -> Geometry.moved(p, 3, -2), 0);
    check("shear-across:0.3", p -> Geometry.shearedAcross(p, 0.3), 0);
    check("shear-down:-0.25", p -> Geometry.shearedDown(p, -0.25), 0);
    // Pillow computes in fixed point: a pixel on the border of two may fall to the other
    check("rotate-nearest:25", p -> Geometry.rotatedToNearest(p, 25), 0.03);
    check("rotate:-17", p -> Geometry.rotated(p, -17), 0.03);
  }
}
