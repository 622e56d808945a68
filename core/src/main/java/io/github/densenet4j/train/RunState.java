package io.github.densenet4j.train;

import io.github.densenet4j.Weights;
import java.util.ArrayList;
import java.util.List;

/** Where a run stands: all of it that changes besides the weights and the optimiser. */
final class RunState {
  /** The epoch in work, from 0. */
  int epoch;

  /** Its next step, from 0. */
  int step;

  /** Sum of the losses of this epoch's pictures so far. */
  double loss;

  /** Pictures of this epoch so far that were named rightly. */
  int hits;

  /** Pictures of this epoch so far. */
  int done;

  /** The epochs behind it. */
  final List<EpochResult> history = new ArrayList<>();

  /** Begins the next epoch. */
  void nextEpoch() {
    epoch++;
    step = 0;
    loss = 0;
    hits = 0;
    done = 0;
  }

  /** The losses of validation so far. */
  List<Double> losses() {
    return history.stream().map(result -> result.validation().loss()).toList();
  }

  /** The epoch with the best validation so far, an index of the history; -1 before the first. */
  int bestEpoch() {
    int best = -1;
    for (int i = 0; i < history.size(); i++) {
      if (best < 0 || history.get(i).validation().top1() > history.get(best).validation().top1()) {
        best = i;
      }
    }
    return best;
  }

  /** Whether so many epochs have passed without a better model. */
  boolean isExhausted(int patience) {
    return patience > 0 && history.size() - 1 - bestEpoch() >= patience;
  }

  /**
   * All that a run holds.
   *
   * @param weights that learn
   * @param optimiser of them
   * @param average of them, or null
   */
  record Parts(Weights weights, Optimiser optimiser, Average average) {
    /** The weights that validation judges: the average, if there is one. */
    Weights judged() {
      return average == null ? weights : average.weights();
    }
  }
}
