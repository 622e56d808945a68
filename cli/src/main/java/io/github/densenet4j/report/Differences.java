package io.github.densenet4j.report;

import io.github.densenet4j.metrics.Bootstrap;
import io.github.densenet4j.metrics.Interval;
import io.github.densenet4j.report.Comparison.Difference;
import io.github.densenet4j.report.Comparison.Predictions;
import io.github.densenet4j.report.Comparison.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the differences of runs from chance, figure by figure. Who compares many pairs finds
 * something by chance: so all verdicts on a figure together are wrong with 5 % at most, by Holm's
 * step-down method ("A simple sequentially rejective multiple test procedure", 1979): the clearest
 * of m differences must hold at the level 1 - 0.05/m, the next at 1 - 0.05/(m-1), and so on to the
 * first that does not.
 */
final class Differences {
  static final double ERROR = 0.05;
  private static final List<String> FIGURES = List.of("top1", "loss");

  /** Draws for each pair, so that ten lie beyond either end of the widest interval. */
  private static final int DRAWS_A_PAIR = 400;

  private final List<Run> runs;

  /** Two runs and what is known about their difference. */
  private record Pair(Run first, Run second, Evidence evidence, boolean paired) {}

  Differences(List<Run> runs) {
    this.runs = runs;
  }

  /** Of each pair of runs as far as both were evaluated, in the order of the runs. */
  List<Difference> all() {
    Map<Run, double[][]> draws = draws();
    List<Difference> out = new ArrayList<>();
    for (int figure = 0; figure < FIGURES.size(); figure++) {
      out.addAll(holm(FIGURES.get(figure), pairs(figure, draws)));
    }
    return out;
  }

  // ---- evidence

  /** Top-1 and loss of every draw, for runs that share their pictures with another run. */
  private Map<Run, double[][]> draws() {
    int pairs = runs.size() * (runs.size() - 1) / 2;
    Bootstrap usual = Bootstrap.usual();
    Bootstrap bootstrap =
        new Bootstrap(
            Math.max(usual.replicates(), DRAWS_A_PAIR * pairs), usual.level(), usual.seed());
    Map<Run, double[][]> out = new IdentityHashMap<>();
    for (Run run : runs) {
      List<Run> same = runs.stream().filter(other -> samePictures(run, other)).toList();
      if (same.size() > 1 && !out.containsKey(run)) {
        double[][] drawn =
            bootstrap.replicates(
                same.getFirst().predictions().orElseThrow().labels().length,
                indices -> means(same, indices));
        for (int r = 0; r < same.size(); r++) {
          out.put(same.get(r), new double[][] {drawn[2 * r], drawn[2 * r + 1]});
        }
      }
    }
    return out;
  }

  private static boolean samePictures(Run a, Run b) {
    return a.predictions().isPresent()
        && b.predictions().isPresent()
        && Arrays.equals(a.predictions().get().labels(), b.predictions().get().labels());
  }

  /** Top-1 and loss of each run: all are shown the same draw, as all saw the same pictures. */
  private static double[] means(List<Run> same, int[] drawn) {
    double[] out = new double[2 * same.size()];
    for (int r = 0; r < same.size(); r++) {
      Predictions of = same.get(r).predictions().orElseThrow();
      double loss = 0;
      int hits = 0;
      for (int i : drawn) {
        hits += of.ranks()[i] == 0 ? 1 : 0;
        loss += of.losses()[i];
      }
      out[2 * r] = (double) hits / drawn.length;
      out[2 * r + 1] = loss / drawn.length;
    }
    return out;
  }

  private List<Pair> pairs(int figure, Map<Run, double[][]> draws) {
    List<Pair> out = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      for (int j = i + 1; j < runs.size(); j++) {
        Run a = runs.get(i);
        Run b = runs.get(j);
        if (samePictures(a, b)) {
          double value = mean(a, figure) - mean(b, figure);
          out.add(
              new Pair(
                  a,
                  b,
                  Evidence.Paired.of(value, draws.get(a)[figure], draws.get(b)[figure]),
                  true));
        } else if (hasInterval(a, figure) && hasInterval(b, figure)) {
          Interval of = a.figures().get(FIGURES.get(figure));
          Interval and = b.figures().get(FIGURES.get(figure));
          out.add(new Pair(a, b, Evidence.Independent.of(of, and), false));
        }
      }
    }
    return out;
  }

  private static double mean(Run run, int figure) {
    int[] all = new int[run.predictions().orElseThrow().labels().length];
    Arrays.setAll(all, i -> i);
    return means(List.of(run), all)[figure];
  }

  private static boolean hasInterval(Run run, int figure) {
    Interval interval = run.figures().get(FIGURES.get(figure));
    return interval != null && !Double.isNaN(interval.low() + interval.high());
  }

  // ---- verdicts

  private static List<Difference> holm(String figure, List<Pair> pairs) {
    List<Pair> clearest = new ArrayList<>(pairs);
    clearest.sort(Comparator.comparingDouble(pair -> pair.evidence.p()));
    Map<Pair, Difference> verdicts = new IdentityHashMap<>();
    boolean real = true;
    double level = 1 - ERROR;
    for (int i = 0; i < clearest.size(); i++) {
      Pair pair = clearest.get(i);
      level = real ? 1 - ERROR / (clearest.size() - i) : level; // behind the first doubt it stays
      Interval interval = pair.evidence.at(level);
      real &= !interval.contains(0);
      verdicts.put(
          pair,
          new Difference(
              figure, pair.first.name(), pair.second.name(), interval, level, pair.paired, real));
    }
    return pairs.stream().map(verdicts::get).toList();
  }
}
