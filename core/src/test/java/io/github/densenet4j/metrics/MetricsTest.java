package io.github.densenet4j.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every figure beside scikit-learn's: resources/metrics/make_metrics.py. */
class MetricsTest {
  /** Sums of some hundred doubles in another order. */
  private static final double ROUNDING = 1e-12;

  /** SciPy's bounded minimisation stops near the root of the machine's precision. */
  private static final double MINIMISED = 1e-6;

  private static final Map<String, double[]> EXPECTED = new HashMap<>();
  private static Outputs outputs;
  private static Assessment found;

  @BeforeAll
  static void read() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                MetricsTest.class.getResourceAsStream("/metrics/metrics.txt"),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        EXPECTED.put(
            words[0], Arrays.stream(words).skip(1).mapToDouble(Double::parseDouble).toArray());
      }
    }
    outputs = new Outputs(7, floats("logits"), ints("labels"));
    found = Assessment.of(outputs, Bootstrap.usual());
  }

  private static float[] floats(String name) {
    double[] values = EXPECTED.get(name);
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  private static int[] ints(String name) {
    return Arrays.stream(EXPECTED.get(name)).mapToInt(v -> (int) v).toArray();
  }

  private static boolean[] booleans(String name) {
    double[] values = EXPECTED.get(name);
    boolean[] out = new boolean[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] == 1;
    }
    return out;
  }

  private static void check(String name, double... values) {
    assertThat(values).as(name).containsExactly(EXPECTED.get(name), within(ROUNDING));
  }

  private static <T> double[] each(List<T> list, ToDoubleFunction<T> figure) {
    return list.stream().mapToDouble(figure).toArray();
  }

  @Test
  void accuracyAndLoss() {
    check("top1", found.top1().value());
    check("top5", found.top5().value());
    check("loss", found.loss().value());
    check("brier", found.brier());
  }

  @Test
  void confusionAndPerClass() {
    check(
        "confusion",
        Arrays.stream(found.confusion().counts())
            .flatMapToLong(Arrays::stream)
            .asDoubleStream()
            .toArray());
    List<ClassMetrics> perClass = found.confusion().perClass();
    check("precision", each(perClass, ClassMetrics::precision));
    check("recall", each(perClass, ClassMetrics::recall));
    check("f1", each(perClass, ClassMetrics::f1));
    check("support", each(perClass, ClassMetrics::support));
    ClassMetrics macro = found.confusion().macro();
    check("macro", macro.precision(), macro.recall(), macro.f1());
    ClassMetrics weighted = found.confusion().weighted();
    check("weighted", weighted.precision(), weighted.recall(), weighted.f1());
    check("kappa", found.confusion().kappa());
    assertThat(found.macroF1().value()).isEqualTo(macro.f1());
  }

  @Test
  void rankings() {
    check("roc_auc", each(found.rankings(), Ranking::rocAuc));
    check("average_precision", each(found.rankings(), Ranking::averagePrecision));
    check("roc_auc_macro", found.macroRanking().rocAuc());
    check("roc_auc_weighted", found.weightedRanking().rocAuc());
    check("average_precision_macro", found.macroRanking().averagePrecision());
    check("average_precision_weighted", found.weightedRanking().averagePrecision());
  }

  @Test
  void calibrationAndTemperature() {
    List<Calibration.Bin> bins = found.calibration().bins();
    check("reliability_count", each(bins, Calibration.Bin::count));
    check("reliability_accuracy", each(bins, Calibration.Bin::accuracy));
    check("reliability_confidence", each(bins, Calibration.Bin::confidence));
    check("ece", found.ece().value());
    check("mce", found.calibration().mce());
    double temperature = TemperatureScaling.fit(outputs);
    assertThat(temperature).isCloseTo(EXPECTED.get("temperature")[0], within(MINIMISED));
    Assessment scaled =
        Assessment.of(outputs.atTemperature(temperature), new Bootstrap(1, 0.95, 1));
    assertThat(scaled.loss().value())
        .as("the scaled logits are floats")
        .isCloseTo(EXPECTED.get("temperature_loss")[0], within(1e-6));
    assertThat(scaled.top1().value()).isEqualTo(found.top1().value());
    assertThat(scaled.ece().value()).isLessThan(0.5 * found.ece().value());
  }

  @Test
  void severalLabelsAtOnce() {
    double[] scores = EXPECTED.get("ml_scores");
    boolean[] present = booleans("ml_present");
    double[] thresholds = EXPECTED.get("ml_thresholds");
    MultiLabelAssessment several =
        MultiLabelAssessment.of(scores, present, thresholds, Bootstrap.usual());
    check("ml_roc_auc", each(several.rankings(), Ranking::rocAuc));
    check("ml_average_precision", each(several.rankings(), Ranking::averagePrecision));
    check("ml_roc_auc_macro", several.macroRanking().rocAuc());
    check("ml_average_precision_macro", several.macroRanking().averagePrecision());
    check("ml_f1", each(several.perClass(), ClassMetrics::f1));
    for (Map.Entry<String, ClassMetrics> mean :
        Map.of(
                "ml_macro", several.macro(),
                "ml_weighted", several.weighted(),
                "ml_micro", several.micro())
            .entrySet()) {
      ClassMetrics m = mean.getValue();
      check(mean.getKey(), m.precision(), m.recall(), m.f1());
    }
    check("ml_exact", several.exact().value());
    check("ml_hamming", several.hamming());
    check("ml_kappa", each(several.kappas(), k -> k));
    assertThat(several.exact().contains(several.exact().value())).isTrue();
  }

  @Test
  void thresholdsReachTheBestF1ThatThereIs() {
    double[] scores = EXPECTED.get("ml_scores");
    boolean[] present = booleans("ml_present");
    double[] chosen = Thresholds.bestF1(scores, present, 5);
    MultiLabelAssessment several =
        MultiLabelAssessment.of(scores, present, chosen, new Bootstrap(1, 0.95, 1));
    check("ml_best_f1", each(several.perClass(), ClassMetrics::f1));
    assertThat(Thresholds.bestF1(new double[] {0.2, 0.9}, new boolean[2], 1))
        .as("a class that is never present")
        .containsExactly(0.5);
    assertThat(Thresholds.bestF1(new double[] {0, 0}, new boolean[] {true, true}, 1)[0])
        .as("never 0: a model takes thresholds in (0, 1)")
        .isPositive();
  }

  @Test
  void temperatureOfSeveralLabels() {
    assertThat(TemperatureScaling.fit(floats("ml_logits"), booleans("ml_present")))
        .isCloseTo(EXPECTED.get("ml_temperature")[0], within(MINIMISED));
  }

  @Test
  void whatIsAllRightHasTheLowestTemperature() {
    Outputs allRight = new Outputs(2, new float[] {1, 0, 0, 1}, new int[] {0, 1});
    assertThat(TemperatureScaling.fit(allRight)).isCloseTo(1e-3, within(1e-6));
    Outputs allWrong = new Outputs(2, new float[] {1, 0, 0, 1}, new int[] {1, 0});
    assertThat(TemperatureScaling.fit(allWrong)).isCloseTo(1e3, within(1e-3));
  }

  @Test
  void anIntervalOfAccuracyIsThatOfTheBinomialDistribution() {
    double p = found.top1().value();
    double half = 1.96 * Math.sqrt(p * (1 - p) / 400);
    // the 2.5th of 1000 draws from each end is itself uncertain by about a tenth of the half width
    assertThat(found.top1().low()).isCloseTo(p - half, within(0.15 * half));
    assertThat(found.top1().high()).isCloseTo(p + half, within(0.15 * half));
    assertThat(Assessment.of(outputs, Bootstrap.usual()).top1()).isEqualTo(found.top1());
  }

  /** Of intervals of 90 % about nine of ten hold the truth. */
  @Test
  void intervalsCoverAsOftenAsTheySay() {
    int covered = 0;
    java.util.Random random = new java.util.Random(5);
    int trials = 300;
    for (int t = 0; t < trials; t++) {
      double[] values = random.doubles(80).toArray(); // mean 0.5
      Interval interval =
          new Bootstrap(300, 0.9, t)
              .intervals(
                  80,
                  drawn ->
                      new double[] {Arrays.stream(drawn).mapToDouble(i -> values[i]).sum() / 80})[
              0];
      covered += interval.contains(0.5) ? 1 : 0;
    }
    // binomial(300, 0.9) has a deviation of 5.2; the percentile method covers slightly too seldom
    assertThat(covered).isBetween(250, 285);
  }

  @Test
  void equalLogitsCountAgainstTheNetwork() {
    Outputs tied = new Outputs(3, new float[6], new int[] {0, 2});
    Assessment a = Assessment.of(tied, new Bootstrap(1, 0.95, 1));
    assertThat(a.top1().value()).isZero();
    assertThat(a.top5().value()).as("three classes").isEqualTo(1);
    assertThat(a.loss().value()).isCloseTo(Math.log(3), within(ROUNDING));
  }

  @Test
  void aClassWithoutPicturesHasNoRankingAndDoesNotSpoilTheMean() {
    Outputs few = new Outputs(3, new float[] {2, 1, 0, 0, 1, 2, 5, 1, 0}, new int[] {0, 1, 0});
    Assessment a = Assessment.of(few, new Bootstrap(10, 0.95, 1));
    assertThat(a.rankings().get(2).rocAuc()).isNaN();
    assertThat(a.rankings().get(2).averagePrecision()).isNaN();
    assertThat(a.macroRanking().rocAuc()).isEqualTo((1 + a.rankings().get(1).rocAuc()) / 2);
  }

  @Test
  void whatDoesNotFitIsSaid() {
    assertThatThrownBy(() -> new Outputs(3, new float[5], new int[2]))
        .hasMessageContaining("(n, classes)");
    assertThatThrownBy(() -> new Outputs(3, new float[3], new int[] {3}))
        .hasMessageContaining("class 3")
        .hasMessageContaining("0 to 2");
    assertThatThrownBy(() -> Ranking.of(new double[2], new boolean[3]))
        .hasMessageContaining("one each a picture");
    assertThatThrownBy(() -> new Bootstrap(0, 0.95, 1)).hasMessageContaining("replicates");
  }
}
