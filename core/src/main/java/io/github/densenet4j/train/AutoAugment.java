package io.github.densenet4j.train;

import io.github.densenet4j.data.Picture;

/**
 * The operations of TrivialAugment (Mueller and Hutter, 2021) and RandAugment (Cubuk et al., 2020)
 * with torchvision's 31 strengths.
 */
final class AutoAugment {
  private static final int STRENGTHS = 31;

  /** What may happen to a picture. */
  enum Operation {
    IDENTITY,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y,
    ROTATE,
    BRIGHTNESS,
    COLOUR,
    CONTRAST,
    SHARPNESS,
    POSTERISE,
    SOLARISE,
    AUTO_CONTRAST,
    EQUALISE
  }

  private AutoAugment() {}

  /** One operation of any strength. */
  static Picture trivial(Picture picture, Draws draws) {
    Operation operation = Operation.values()[draws.below(Operation.values().length)];
    int strength = draws.below(STRENGTHS);
    return trivial(operation, picture, strength, draws.happens(0.5) ? -1 : 1);
  }

  /** An operation of TrivialAugment of a strength in [0, 30], to one side or the other. */
  static Picture trivial(Operation operation, Picture picture, int strength, int sign) {
    double[] most = {0.99, 32, 32, 135, 0.99, 6};
    return apply(operation, picture, strength, sign, most);
  }

  /** Some operations of one strength, in [0, 30]. */
  static Picture random(Picture picture, Draws draws, int operations, int magnitude) {
    Picture out = picture;
    for (int i = 0; i < operations; i++) {
      Operation operation = Operation.values()[draws.below(Operation.values().length)];
      out = random(operation, out, magnitude, draws.happens(0.5) ? -1 : 1);
    }
    return out;
  }

  /** An operation of RandAugment of a strength in [0, 30], to one side or the other. */
  static Picture random(Operation operation, Picture picture, int strength, int sign) {
    double[] most = {
      0.3, 150.0 / 331 * picture.width(), 150.0 / 331 * picture.height(), 30, 0.9, 4
    };
    return apply(operation, picture, strength, sign, most);
  }

  /** One of 31 values from 0 to the most, as torch.linspace rounds them. */
  private static double magnitude(double most, int strength) {
    float end = (float) most;
    float step = end / (STRENGTHS - 1);
    return strength < STRENGTHS / 2 ? step * strength : end - step * (STRENGTHS - 1 - strength);
  }

  /** The largest shear, translations across and down, angle, factor and lost bits. */
  private static Picture apply(
      Operation operation, Picture picture, int strength, int sign, double[] most) {
    double factor = 1 + sign * magnitude(most[4], strength);
    return switch (operation) {
      case IDENTITY -> picture;
      case SHEAR_X -> Geometry.shearedAcross(picture, sign * magnitude(most[0], strength));
      case SHEAR_Y -> Geometry.shearedDown(picture, sign * magnitude(most[0], strength));
      case TRANSLATE_X -> Geometry.moved(picture, 0, (int) (sign * magnitude(most[1], strength)));
      case TRANSLATE_Y -> Geometry.moved(picture, (int) (sign * magnitude(most[2], strength)), 0);
      case ROTATE -> Geometry.rotatedToNearest(picture, sign * magnitude(most[3], strength));
      case BRIGHTNESS -> Colours.brightness(picture, factor);
      case COLOUR -> Colours.saturation(picture, factor);
      case CONTRAST -> Colours.contrast(picture, factor);
      case SHARPNESS -> Colours.sharpness(picture, factor);
      case POSTERISE ->
          Colours.posterised(picture, 8 - (int) Math.rint(strength * most[5] / (STRENGTHS - 1)));
      case SOLARISE -> Colours.solarised(picture, 255 - 8.5 * strength);
      case AUTO_CONTRAST -> Colours.autoContrast(picture);
      case EQUALISE -> Colours.equalised(picture);
    };
  }
}
