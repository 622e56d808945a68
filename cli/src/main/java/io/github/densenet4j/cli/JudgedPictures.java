package io.github.densenet4j.cli;

import io.github.densenet4j.DenseNet;
import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.LabelledData;
import io.github.densenet4j.report.Evaluated;
import io.github.densenet4j.report.Evaluated.Views;
import java.io.IOException;
import java.util.Optional;

/**
 * The pictures that a run's model is judged by.
 *
 * @param data test pictures if the run did not validate with them, else its validation pictures
 * @param validation the run's validation pictures if they are others: for temperature and
 *     thresholds
 * @param remark what is to be known about a judgement by these pictures
 */
record JudgedPictures(Dataset data, Optional<Dataset> validation, String remark) {
  /**
   * Those of a run.
   *
   * @param found all that there are
   * @param split what the run learned from and validated with
   */
  static JudgedPictures of(LabelledData found, DataSplit split) {
    if (found.test().isPresent() && found.validation().isPresent()) {
      return new JudgedPictures(
          found.test().get(),
          found.validation(),
          "Test pictures, which had no part in training or in choosing the best model.");
    }
    return new JudgedPictures(
        split.test(),
        Optional.empty(),
        "The run's validation pictures: the best model was chosen by them, so the figures flatter"
            + " it a little. Data with val/ and test/ folders avoid that.");
  }

  /** Judges a network by them. */
  Evaluated judge(DenseNet net, Views views) throws IOException {
    return Evaluated.of(net, data, views, validation);
  }
}
