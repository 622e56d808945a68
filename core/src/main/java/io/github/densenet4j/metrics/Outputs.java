package io.github.densenet4j.metrics;

import java.util.Arrays;

/**
 * What a network said of labelled pictures, of which each shows one class.
 *
 * @param classes number of classes
 * @param logits (n, classes)
 * @param labels (n) the right classes
 */
public record Outputs(int classes, float[] logits, int[] labels) {
  /** Checks lengths and labels. */
  public Outputs {
    if (labels.length == 0 || logits.length != (long) labels.length * classes) {
      throw new IllegalArgumentException(
          "%,d labels, %,d classes and %,d logits do not fit: (n, classes) logits, n at least 1."
              .formatted(labels.length, classes, logits.length));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "Picture %,d has the class %d: classes are 0 to %d."
                .formatted(i, labels[i], classes - 1));
      }
    }
  }

  /** Number of pictures. */
  public int size() {
    return labels.length;
  }

  /** A class's logit for a picture. */
  public float logit(int i, int c) {
    return logits[i * classes + c];
  }

  /** A picture's logits (classes), a copy. */
  public float[] logitsOf(int i) {
    return Arrays.copyOfRange(logits, i * classes, (i + 1) * classes);
  }

  /** The class with the largest logit, the first of equal ones. */
  public int predicted(int i) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (logit(i, c) > logit(i, best)) {
        best = c;
      }
    }
    return best;
  }

  /** The named classes (n). */
  public int[] predicted() {
    int[] out = new int[size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = predicted(i);
    }
    return out;
  }

  /**
   * The place of the right class in the order of the logits, from 0; equal logits count against it.
   */
  public int rank(int i) {
    float right = logit(i, labels[i]);
    int ahead = 0;
    for (int c = 0; c < classes; c++) {
      ahead += c != labels[i] && !(logit(i, c) < right) ? 1 : 0;
    }
    return ahead;
  }

  /** log(sum(exp(logits))) of a picture: a softmax's normaliser. */
  public double logNormaliser(int i) {
    double largest = logit(i, predicted(i));
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp(logit(i, c) - largest);
    }
    return largest + Math.log(sum);
  }

  /** These, divided by a temperature: softer above 1, sharper below; the order stays. */
  public Outputs atTemperature(double temperature) {
    float[] scaled = new float[logits.length];
    for (int j = 0; j < scaled.length; j++) {
      scaled[j] = (float) (logits[j] / temperature);
    }
    return new Outputs(classes, scaled, labels);
  }

  /** Those of some pictures only. */
  public Outputs select(int[] pictures) {
    float[] some = new float[pictures.length * classes];
    int[] theirs = new int[pictures.length];
    for (int j = 0; j < pictures.length; j++) {
      System.arraycopy(logits, pictures[j] * classes, some, j * classes, classes);
      theirs[j] = labels[pictures[j]];
    }
    return new Outputs(classes, some, theirs);
  }

  /** These and others behind them. */
  Outputs and(Outputs more) {
    float[] all = Arrays.copyOf(logits, logits.length + more.logits.length);
    System.arraycopy(more.logits, 0, all, logits.length, more.logits.length);
    int[] theirs = Arrays.copyOf(labels, labels.length + more.labels.length);
    System.arraycopy(more.labels, 0, theirs, labels.length, more.labels.length);
    return new Outputs(classes, all, theirs);
  }
}
