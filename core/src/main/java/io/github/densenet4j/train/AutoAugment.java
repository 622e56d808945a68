package io.github.densenet4j.train;

import io.github.densenet4j.data.Picture;

/**
 * The operations of TrivialAugment (Mueller and Hutter, 2021) and RandAugment (Cubuk et al., 2020)
 * with torchvision's 31 strengths.
 */
final class AutoAugment {
  private static final int STRENGTHS = 31;

  /** What may happen to a picture. */
  private enum Operation {
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
    double strength = draws.below(STRENGTHS) / (STRENGTHS - 1.0);
    double sign = draws.happens(0.5) ? -1 : 1;
    double[] most = {0.99, 32, 32, 135, 0.99, 6};
    return apply(operation, picture, strength, sign, most);
  }

  /** Some operations of one strength, in [0, 30]. */
  static Picture random(Picture picture, Draws draws, int operations, int magnitude) {
    Picture out = picture;
    double strength = magnitude / (STRENGTHS - 1.0);
    double[] most = {
      0.3, 150.0 / 331 * picture.width(), 150.0 / 331 * picture.height(), 30, 0.9, 4
    };
    for (int i = 0; i < operations; i++) {
      Operation operation = Operation.values()[draws.below(Operation.values().length)];
      double sign = draws.happens(0.5) ? -1 : 1;
      out = apply(operation, out, strength, sign, most);
    }
    return out;
  }

  /** The largest shear, translations across and down, angle, factor and lost bits. */
  private static Picture apply(
      Operation operation, Picture picture, double strength, double sign, double[] most) {
    double factor = 1 + sign * strength * most[4];
    return switch (operation) {
      case IDENTITY -> picture;
      case SHEAR_X -> Geometry.shearedAcross(picture, sign * strength * most[0]);
      case SHEAR_Y -> Geometry.shearedDown(picture, sign * strength * most[0]);
      case TRANSLATE_X -> Geometry.moved(picture, 0, (int) (sign * strength * most[1]));
      case TRANSLATE_Y -> Geometry.moved(picture, (int) (sign * strength * most[2]), 0);
      case ROTATE -> Geometry.rotatedToNearest(picture, sign * strength * most[3]);
      case BRIGHTNESS -> Colours.brightness(picture, factor);
      case COLOUR -> Colours.saturation(picture, factor);
      case CONTRAST -> Colours.contrast(picture, factor);
      case SHARPNESS -> Colours.sharpness(picture, factor);
      case POSTERISE -> Colours.posterised(picture, 8 - (int) Math.rint(strength * most[5]));
      case SOLARISE -> Colours.solarised(picture, 255 * (1 - strength));
      case AUTO_CONTRAST -> Colours.autoContrast(picture);
      case EQUALISE -> Colours.equalised(picture);
    };
  }
}
