package io.github.densenet4j.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything about how good a network is whose classes exclude each other.
 *
 * @param images number of pictures
 * @param top1 fraction with the right class first; equal logits count against it
 * @param top5 fraction with the right class among the first five
 * @param loss mean cross-entropy
 * @param brier mean over pictures of the squared distance between probabilities and truth, in [0,
 *     2]
 * @param macroF1 mean over classes
 * @param kappa Cohen's
 * @param ece expected calibration error of the first class's probability
 * @param confusion right against named classes
 * @param rankings each class against the rest, by its probability
 * @param calibration the reliability curve
 */
public record Assessment(
    int images,
    Interval top1,
    Interval top5,
    Interval loss,
    double brier,
    Interval macroF1,
    Interval kappa,
    Interval ece,
    ConfusionMatrix confusion,
    List<Ranking> rankings,
    Calibration calibration) {
  private static final int TOP = 5;

  /** Judges outputs; the intervals come from a bootstrap over the pictures. */
  public static Assessment of(Outputs outputs, Bootstrap bootstrap) {
    int n = outputs.size();
    int classes = outputs.classes();
    int[] labels = outputs.labels();
    int[] predicted = outputs.predicted();
    int[] rank = new int[n];
    double[] normaliser = new double[n];
    double[] loss = new double[n];
    double[] confidence = new double[n];
    boolean[] right = new boolean[n];
    double brier = 0;
    for (int i = 0; i < n; i++) {
      rank[i] = outputs.rank(i);
      normaliser[i] = outputs.logNormaliser(i);
      loss[i] = normaliser[i] - outputs.logit(i, labels[i]);
      confidence[i] = Math.exp(outputs.logit(i, predicted[i]) - normaliser[i]);
      right[i] = predicted[i] == labels[i];
      for (int c = 0; c < classes; c++) {
        double distance = Math.exp(outputs.logit(i, c) - normaliser[i]) - (c == labels[i] ? 1 : 0);
        brier += distance * distance;
      }
    }
    Interval[] intervals =
        bootstrap.intervals(
            n, drawn -> figures(drawn, labels, predicted, rank, loss, confidence, right, classes));
    return new Assessment(
        n,
        intervals[0],
        intervals[1],
        intervals[2],
        brier / n,
        intervals[3],
        intervals[4],
        intervals[5],
        ConfusionMatrix.of(labels, predicted, classes),
        rankings(outputs, normaliser),
        Calibration.of(confidence, right, Calibration.USUAL_BINS));
  }

  /** Top-1, top-5, loss, macro F1, kappa and ECE of drawn pictures. */
  private static double[] figures(
      int[] drawn,
      int[] labels,
      int[] predicted,
      int[] rank,
      double[] loss,
      double[] confidence,
      boolean[] right,
      int classes) {
    int n = drawn.length;
    int first = 0;
    int amongFive = 0;
    double lossSum = 0;
    int[] theirLabels = new int[n];
    int[] theirPredicted = new int[n];
    double[] theirConfidence = new double[n];
    boolean[] theirRight = new boolean[n];
    for (int j = 0; j < n; j++) {
      int i = drawn[j];
      first += rank[i] == 0 ? 1 : 0;
      amongFive += rank[i] < TOP ? 1 : 0;
      lossSum += loss[i];
      theirLabels[j] = labels[i];
      theirPredicted[j] = predicted[i];
      theirConfidence[j] = confidence[i];
      theirRight[j] = right[i];
    }
    ConfusionMatrix confusion = ConfusionMatrix.of(theirLabels, theirPredicted, classes);
    Calibration calibration = Calibration.of(theirConfidence, theirRight, Calibration.USUAL_BINS);
    return new double[] {
      (double) first / n,
      (double) amongFive / n,
      lossSum / n,
      confusion.macro().f1(),
      confusion.kappa(),
      calibration.ece()
    };
  }

  private static List<Ranking> rankings(Outputs outputs, double[] normaliser) {
    List<Ranking> out = new ArrayList<>();
    double[] scores = new double[outputs.size()];
    boolean[] present = new boolean[outputs.size()];
    for (int c = 0; c < outputs.classes(); c++) {
      for (int i = 0; i < scores.length; i++) {
        scores[i] = Math.exp(outputs.logit(i, c) - normaliser[i]);
        present[i] = outputs.labels()[i] == c;
      }
      out.add(Ranking.of(scores, present));
    }
    return out;
  }

  /**
   * Mean of ROC-AUC and average precision over the classes for which both are known; NaN if there
   * is none.
   */
  public Ranking macroRanking() {
    return meanRanking(rankings, confusion.perClass().stream().map(_ -> 1.0).toList());
  }

  /** The same, weighted by the classes' numbers of pictures. */
  public Ranking weightedRanking() {
    return meanRanking(
        rankings, confusion.perClass().stream().map(c -> (double) c.support()).toList());
  }

  static Ranking meanRanking(List<Ranking> rankings, List<Double> weights) {
    double total = 0;
    double auc = 0;
    double precision = 0;
    for (int c = 0; c < rankings.size(); c++) {
      Ranking ranking = rankings.get(c);
      if (!Double.isNaN(ranking.rocAuc() + ranking.averagePrecision())) {
        total += weights.get(c);
        auc += weights.get(c) * ranking.rocAuc();
        precision += weights.get(c) * ranking.averagePrecision();
      }
    }
    return new Ranking(auc / total, precision / total);
  }
}
