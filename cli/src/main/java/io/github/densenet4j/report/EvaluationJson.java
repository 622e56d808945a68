package io.github.densenet4j.report;

import io.github.densenet4j.metrics.Assessment;
import io.github.densenet4j.metrics.Calibration;
import io.github.densenet4j.metrics.ClassMetrics;
import io.github.densenet4j.metrics.Interval;
import io.github.densenet4j.metrics.MultiLabelAssessment;
import io.github.densenet4j.metrics.Ranking;
import io.github.densenet4j.metrics.Recalibration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An evaluation as JSON: fractions of 1, null where a figure is not defined. */
public final class EvaluationJson {
  private EvaluationJson() {}

  /** All figures. */
  public static Map<String, Object> of(Evaluated e) {
    Assessment a = e.assessment();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("top1", a.top1().value());
    out.put("top5", a.top5().value());
    out.put("loss", number(a.loss().value()));
    out.put("images", a.images());
    out.put("images_per_s", Math.round(e.imagesPerSecond() * 10) / 10.0);
    out.put("data", e.data().name());
    out.put("macro", means(a.confusion().macro(), a.macroRanking()));
    out.put("weighted", means(a.confusion().weighted(), a.weightedRanking()));
    out.put("kappa", number(a.kappa().value()));
    out.put("brier", number(a.brier()));
    out.put("confidence_intervals", intervals(e));
    out.put("calibration", calibration(a.calibration()));
    e.recalibration().ifPresent(r -> out.put("temperature_scaling", recalibration(r)));
    out.put(
        "per_class", perClass(e.classNames(), a.confusion().perClass(), a.rankings(), List.of()));
    out.put("confusion", a.confusion().counts());
    e.several().ifPresent(m -> out.put("multi_label", several(e, m)));
    return out;
  }

  private static Map<String, Object> intervals(Evaluated e) {
    Assessment a = e.assessment();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("level", e.bootstrap().level());
    out.put("replicates", e.bootstrap().replicates());
    out.put("top1", interval(a.top1()));
    out.put("top5", interval(a.top5()));
    out.put("loss", interval(a.loss()));
    out.put("macro_f1", interval(a.macroF1()));
    out.put("kappa", interval(a.kappa()));
    out.put("ece", interval(a.ece()));
    return out;
  }

  private static List<Double> interval(Interval i) {
    List<Double> out = new ArrayList<>();
    out.add(number(i.low()));
    out.add(number(i.high()));
    return out;
  }

  private static Map<String, Object> means(ClassMetrics c, Ranking ranking) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("precision", c.precision());
    out.put("recall", c.recall());
    out.put("f1", c.f1());
    out.put("roc_auc", number(ranking.rocAuc()));
    out.put("average_precision", number(ranking.averagePrecision()));
    return out;
  }

  private static Map<String, Object> calibration(Calibration calibration) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("ece", number(calibration.ece()));
    out.put("mce", number(calibration.mce()));
    List<Map<String, Object>> bins = new ArrayList<>();
    for (Calibration.Bin bin : calibration.bins()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("low", bin.low());
      fields.put("high", bin.high());
      fields.put("count", bin.count());
      fields.put("confidence", bin.confidence());
      fields.put("accuracy", bin.accuracy());
      bins.add(fields);
    }
    out.put("bins", bins);
    return out;
  }

  private static Map<String, Object> recalibration(Recalibration r) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("temperature", r.temperature());
    out.put("fitted_on", r.crossFitted() ? "the other half of the pictures" : "validation");
    out.put("loss", number(r.loss()));
    out.put("calibration", calibration(r.calibration()));
    return out;
  }

  /**
   * A row a class.
   *
   * @param thresholds one a class, or empty
   */
  private static List<Map<String, Object>> perClass(
      List<String> names,
      List<ClassMetrics> metrics,
      List<Ranking> rankings,
      List<Double> thresholds) {
    List<Map<String, Object>> out = new ArrayList<>();
    for (int c = 0; c < metrics.size(); c++) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("class", names.get(c));
      fields.put("support", metrics.get(c).support());
      fields.putAll(means(metrics.get(c), rankings.get(c)));
      if (!thresholds.isEmpty()) {
        fields.put("threshold", thresholds.get(c));
      }
      out.add(fields);
    }
    return out;
  }

  private static Map<String, Object> several(Evaluated e, MultiLabelAssessment m) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("loss", number(m.loss()));
    out.put("exact", m.exact().value());
    out.put("exact_interval", interval(m.exact()));
    out.put("hamming_loss", m.hamming());
    out.put("macro", means(m.macro(), m.macroRanking()));
    out.put("macro_f1_interval", interval(m.macroF1()));
    Map<String, Object> micro = new LinkedHashMap<>();
    micro.put("precision", m.micro().precision());
    micro.put("recall", m.micro().recall());
    micro.put("f1", m.micro().f1());
    out.put("micro", micro);
    out.put("calibration", calibration(m.calibration()));
    out.put(
        "per_class",
        perClass(e.classNames(), m.perClass(), m.rankings(), e.model().output().thresholds()));
    return out;
  }

  /** JSON has no NaN and no infinity. */
  private static Double number(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
