package io.github.densenet4j;

import io.github.densenet4j.weights.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a network says of a picture.
 *
 * @param predictions every class, the most probable first
 * @param present the classes whose probability reaches their threshold, of a network for several
 *     labels at once; of others, the first
 * @param logits (classes), in the order of the classes
 */
public record Classification(
    List<Prediction> predictions, List<Prediction> present, float[] logits) {
  /** Copies the lists. */
  public Classification {
    predictions = List.copyOf(predictions);
    present = List.copyOf(present);
  }

  /** From a model's logits of one picture (classes). */
  public static Classification of(Model model, float[] logits) {
    double[] probabilities = model.output().probabilities(logits);
    List<Prediction> all = new ArrayList<>();
    for (int c = 0; c < logits.length; c++) {
      all.add(new Prediction(model.label(c), c, probabilities[c]));
    }
    all.sort(Comparator.comparingDouble((Prediction p) -> -p.probability()));
    List<Prediction> present =
        model.output().isMultiLabel()
            ? all.stream()
                .filter(p -> model.output().isPresent(p.index(), p.probability()))
                .toList()
            : all.subList(0, 1);
    return new Classification(all, present, logits);
  }

  /** The most probable class. */
  public Prediction best() {
    return predictions.getFirst();
  }

  /** The k most probable classes, or all if there are fewer. */
  public List<Prediction> top(int k) {
    return predictions.subList(0, Math.min(k, predictions.size()));
  }
}
