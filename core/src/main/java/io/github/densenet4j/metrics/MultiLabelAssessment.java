package io.github.densenet4j.metrics;

import java.util.ArrayList;
import java.util.List;

/**
 * How good a network is that says of each class whether it is there.
 *
 * @param images number of pictures
 * @param loss mean binary cross-entropy over pictures and classes
 * @param exact fraction of pictures with every class right
 * @param hamming fraction of all answers that are wrong
 * @param macroF1 mean over classes
 * @param micro all answers of all classes together
 * @param perClass at the thresholds
 * @param kappas Cohen's, a class; NaN where there is only one answer
 * @param rankings of each class, whatever the thresholds
 * @param calibration of all answers together: probability against presence
 */
public record MultiLabelAssessment(
    int images,
    double loss,
    Interval exact,
    double hamming,
    Interval macroF1,
    ClassMetrics micro,
    List<ClassMetrics> perClass,
    List<Double> kappas,
    List<Ranking> rankings,
    Calibration calibration) {
  private static final double SMALLEST = 1e-12;

  /**
   * Judges probabilities.
   *
   * @param probabilities (n, classes), in [0, 1]
   * @param present (n, classes)
   * @param thresholds (classes): from there on a class counts as present
   * @throws IllegalArgumentException if the lengths do not fit
   */
  public static MultiLabelAssessment of(
      double[] probabilities, boolean[] present, double[] thresholds, Bootstrap bootstrap) {
    int classes = thresholds.length;
    if (classes == 0 || probabilities.length != present.length || present.length % classes != 0) {
      throw new IllegalArgumentException(
          "%,d probabilities, %,d answers and %,d thresholds do not fit: (n, classes) each, and one a class."
              .formatted(probabilities.length, present.length, classes));
    }
    int n = present.length / classes;
    boolean[] named = new boolean[present.length];
    double loss = 0;
    int wrong = 0;
    for (int j = 0; j < named.length; j++) {
      named[j] = probabilities[j] >= thresholds[j % classes];
      wrong += named[j] != present[j] ? 1 : 0;
      double p = present[j] ? probabilities[j] : 1 - probabilities[j];
      loss -= Math.log(Math.max(p, SMALLEST));
    }
    Interval[] intervals = bootstrap.intervals(n, drawn -> figures(drawn, named, present, classes));
    long[][] counts = counts(indices(n), named, present, classes);
    List<Double> kappas = new ArrayList<>();
    List<Ranking> rankings = new ArrayList<>();
    long[] all = new long[3];
    for (int c = 0; c < classes; c++) {
      for (int k = 0; k < all.length; k++) {
        all[k] += counts[c][k];
      }
      kappas.add(kappa(counts[c], n));
      rankings.add(Ranking.of(column(probabilities, c, classes), column(present, c, classes)));
    }
    return new MultiLabelAssessment(
        n,
        loss / named.length,
        intervals[0],
        (double) wrong / named.length,
        intervals[1],
        ClassMetrics.of(all[0], all[1], all[2]),
        perClass(counts),
        kappas,
        rankings,
        Calibration.of(probabilities, present, Calibration.USUAL_BINS));
  }

  private static int[] indices(int n) {
    int[] out = new int[n];
    java.util.Arrays.setAll(out, i -> i);
    return out;
  }

  /** Exact answers and macro F1 of drawn pictures. */
  private static double[] figures(int[] drawn, boolean[] named, boolean[] present, int classes) {
    int exact = 0;
    for (int i : drawn) {
      boolean same = true;
      for (int c = 0; c < classes && same; c++) {
        same = named[i * classes + c] == present[i * classes + c];
      }
      exact += same ? 1 : 0;
    }
    List<ClassMetrics> perClass = perClass(counts(drawn, named, present, classes));
    return new double[] {(double) exact / drawn.length, ClassMetrics.macro(perClass).f1()};
  }

  /** A class: rightly named, wrongly named, missed. */
  private static long[][] counts(int[] drawn, boolean[] named, boolean[] present, int classes) {
    long[][] counts = new long[classes][3];
    for (int i : drawn) {
      for (int c = 0; c < classes; c++) {
        int j = i * classes + c;
        if (named[j] || present[j]) {
          counts[c][named[j] && present[j] ? 0 : named[j] ? 1 : 2]++;
        }
      }
    }
    return counts;
  }

  private static List<ClassMetrics> perClass(long[][] counts) {
    List<ClassMetrics> out = new ArrayList<>();
    for (long[] count : counts) {
      out.add(ClassMetrics.of(count[0], count[1], count[2]));
    }
    return out;
  }

  private static double kappa(long[] count, int n) {
    long neither = n - count[0] - count[1] - count[2];
    return new ConfusionMatrix(new long[][] {{neither, count[1]}, {count[2], count[0]}}).kappa();
  }

  private static double[] column(double[] values, int c, int classes) {
    double[] out = new double[values.length / classes];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i * classes + c];
    }
    return out;
  }

  private static boolean[] column(boolean[] values, int c, int classes) {
    boolean[] out = new boolean[values.length / classes];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i * classes + c];
    }
    return out;
  }

  /** The mean over classes. */
  public ClassMetrics macro() {
    return ClassMetrics.macro(perClass);
  }

  /** The mean over classes, weighted by how often they are present. */
  public ClassMetrics weighted() {
    return ClassMetrics.weighted(perClass);
  }

  /** Mean of ROC-AUC and average precision over the classes for which both are known. */
  public Ranking macroRanking() {
    return Assessment.meanRanking(rankings, perClass.stream().map(_ -> 1.0).toList());
  }
}
