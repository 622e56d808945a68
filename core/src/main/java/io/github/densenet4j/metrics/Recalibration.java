package io.github.densenet4j.metrics;

import io.github.densenet4j.Randomness;
import java.util.Arrays;

/**
 * What temperature scaling brings, judged on pictures that it was not fitted on.
 *
 * @param temperature by which logits are to be divided
 * @param crossFitted whether there were no pictures for validation: then each half of the pictures
 *     is judged at the temperature of the other half, and {@code temperature} is fitted on both
 * @param loss mean cross-entropy afterwards
 * @param calibration the reliability curve afterwards
 */
public record Recalibration(
    double temperature, boolean crossFitted, double loss, Calibration calibration) {

  /** Fits on validation pictures, judges on test pictures. */
  public static Recalibration of(Outputs test, Outputs validation) {
    double temperature = TemperatureScaling.fit(validation);
    return of(test.atTemperature(temperature), temperature, false);
  }

  /**
   * Fits on one half of the pictures and judges on the other, both ways.
   *
   * @param test at least 2 pictures
   */
  public static Recalibration crossFitted(Outputs test) {
    int n = test.size();
    int[] order = Randomness.permutation(Randomness.key(1, n), n); // files are often sorted
    int[] one = Arrays.copyOfRange(order, 0, n / 2);
    int[] other = Arrays.copyOfRange(order, n / 2, n);
    Outputs half = test.select(one);
    Outputs rest = test.select(other);
    Outputs halfScaled = half.atTemperature(TemperatureScaling.fit(rest));
    Outputs restScaled = rest.atTemperature(TemperatureScaling.fit(half));
    return of(halfScaled.and(restScaled), TemperatureScaling.fit(test), true);
  }

  private static Recalibration of(Outputs scaled, double temperature, boolean crossFitted) {
    Assessment judged = Assessment.of(scaled, new Bootstrap(1, 0.95, 1));
    return new Recalibration(temperature, crossFitted, judged.loss().value(), judged.calibration());
  }
}
