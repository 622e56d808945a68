package io.github.densenet4j.train;

import io.github.densenet4j.data.InputTransform;
import io.github.densenet4j.data.Picture;
import io.github.densenet4j.data.PilResize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is done to training pictures so that no two epochs see the same. Written as names with their
 * numbers between commas, {@code pad-crop:4,flip,erase:0.25}, or as one of the recipes {@code
 * cifar}, {@code imagenet}, {@code gentle} and {@code none}; both can be mixed.
 *
 * @param steps what is done, in this order
 */
public record Augmentation(List<Step> steps) {
  private static final int ATTEMPTS = 10;

  /** One thing that is done, and the defaults of its numbers. */
  public enum Kind {
    /** Moved by up to so many pixels, what comes in is black (He et al., 2016). */
    PAD_CROP(4),
    /** Left and right exchanged, with a probability. */
    FLIP(0.5),
    /** Top and bottom exchanged, with a probability. */
    FLIP_VERTICAL(0.5),
    /** A random part of at least this area, of a random shape (Szegedy et al., 2015). */
    RESIZED_CROP(0.08),
    /** Turned by up to so many degrees. */
    ROTATE(15),
    /**
     * Brightness, contrast, saturation (one number is for all three) and hue changed by up to these
     * parts.
     */
    JITTER(0.4, 0.4, 0.4, 0),
    /** One operation of TrivialAugment. */
    TRIVIAL(),
    /** So many operations of RandAugment, of this strength. */
    RAND(2, 9),
    /** A rectangle becomes the mean colour, with a probability (Zhong et al., 2020). */
    ERASE(0.25),
    /** Batches are mixed by MixUp with this alpha. */
    MIXUP(0.2),
    /** Batches are mixed by CutMix with this alpha. */
    CUTMIX(1);

    private final double[] defaults;

    Kind(double... defaults) {
      this.defaults = defaults;
    }

    String written() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A kind with its numbers.
   *
   * @param kind what is done
   * @param numbers as many as the kind has defaults
   */
  public record Step(Kind kind, List<Double> numbers) {
    /** Checks the numbers. */
    public Step {
      numbers = List.copyOf(numbers);
      double most =
          switch (kind) {
            case FLIP, FLIP_VERTICAL, RESIZED_CROP, ERASE -> 1;
            case ROTATE -> 180;
            case RAND -> 30;
            case JITTER -> 1;
            default -> 1000;
          };
      boolean alpha = kind == Kind.MIXUP || kind == Kind.CUTMIX;
      for (double n : numbers) {
        if (!(n >= 0 && n <= most) || n == 0 && (alpha || kind == Kind.RESIZED_CROP)) {
          throw new IllegalArgumentException(
              "augment "
                  + kind.written()
                  + " has the number "
                  + n
                  + ": it must be in [0, "
                  + most
                  + "]"
                  + (alpha || kind == Kind.RESIZED_CROP ? " and not 0." : "."));
        }
      }
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(kind.written());
      numbers.forEach(
          n -> text.append(':').append(n == Math.rint(n) ? "" + (long) (double) n : "" + n));
      return text.toString();
    }
  }

  /** Copies the steps. */
  public Augmentation {
    steps = List.copyOf(steps);
  }

  /** The names of the recipes. */
  public static List<String> names() {
    return List.of("cifar", "imagenet", "gentle", "none");
  }

  /**
   * An augmentation as it is written.
   *
   * @throws IllegalArgumentException naming what is unknown or out of range
   */
  public static Augmentation parse(String text) {
    List<Step> steps = new ArrayList<>();
    for (String word : text.split(",")) {
      switch (word.strip()) {
        case "none" -> {}
        case "cifar" -> steps.addAll(parse("pad-crop:4,flip").steps);
        case "imagenet" -> steps.addAll(parse("resized-crop,flip,jitter").steps);
        case "gentle" -> steps.addAll(parse("resized-crop:0.7,flip,rotate:10,jitter:0.1").steps);
        default -> steps.add(step(word.strip()));
      }
    }
    return new Augmentation(steps);
  }

  private static Step step(String word) {
    String[] parts = word.split(":");
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(k -> k.written().equals(parts[0]))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "augment is '%s': it must be %s or of %s, with numbers as in pad-crop:4."
                            .formatted(
                                word,
                                String.join(", ", names()),
                                String.join(
                                    ", ",
                                    Arrays.stream(Kind.values()).map(Kind::written).toList()))));
    List<Double> numbers = new ArrayList<>();
    for (double d : kind.defaults) {
      numbers.add(d);
    }
    if (parts.length - 1 > numbers.size()) {
      throw new IllegalArgumentException(
          "augment is '%s': %s takes %d numbers at most."
              .formatted(word, parts[0], numbers.size()));
    }
    try {
      for (int i = 1; i < parts.length; i++) {
        numbers.set(i - 1, Double.valueOf(parts[i]));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "augment is '" + word + "': numbers follow the name, as in pad-crop:4.", e);
    }
    if (kind == Kind.JITTER && parts.length == 2) { // one number is for all three
      numbers.set(1, numbers.getFirst());
      numbers.set(2, numbers.getFirst());
    }
    return new Step(kind, numbers);
  }

  @Override
  public String toString() {
    return steps.isEmpty() ? "none" : String.join(",", steps.stream().map(Step::toString).toList());
  }

  // ---- pictures

  /** How training pictures are prepared for a network's input. */
  Preparation preparation(InputTransform input) {
    return (picture, key, out, at) -> {
      Draws draws = new Draws(key);
      Picture now = changed(picture, input, draws);
      input.normalise(now.pixels(), 0, out, at);
      for (Step step : steps) {
        if (step.kind == Kind.ERASE && draws.happens(step.numbers.getFirst())) {
          erase(out, at, input, draws);
        }
      }
    };
  }

  private Picture changed(Picture picture, InputTransform input, Draws draws) {
    Picture now = null;
    for (Step step : steps) {
      if (step.kind == Kind.RESIZED_CROP) {
        now = resizedCrop(picture.toChannels(input.channels()), input, step, draws);
      }
    }
    now = now == null ? input.fit(picture) : now;
    for (Step step : steps) {
      now = changed(now, step, draws);
    }
    return now;
  }

  private static Picture changed(Picture now, Step step, Draws draws) {
    double first = step.numbers.isEmpty() ? 0 : step.numbers.getFirst();
    return switch (step.kind) {
      case PAD_CROP -> {
        int range = 2 * (int) first + 1;
        int down = draws.below(range) - (int) first;
        yield Geometry.moved(now, down, draws.below(range) - (int) first);
      }
      case FLIP -> draws.happens(first) ? Geometry.mirrored(now) : now;
      case FLIP_VERTICAL -> draws.happens(first) ? Geometry.upsideDown(now) : now;
      case ROTATE -> Geometry.rotated(now, draws.between(-first, first));
      case JITTER -> jitter(now, step.numbers, draws);
      case TRIVIAL -> AutoAugment.trivial(now, draws);
      case RAND -> AutoAugment.random(now, draws, (int) first, (int) (double) step.numbers.get(1));
      case RESIZED_CROP, ERASE, MIXUP, CUTMIX -> now; // before, behind or beyond one picture
    };
  }

  /** torchvision's RandomResizedCrop: ten attempts, then the middle. */
  private static Picture resizedCrop(
      Picture picture, InputTransform input, Step step, Draws draws) {
    int h = picture.height();
    int w = picture.width();
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = (double) h * w * draws.between(step.numbers.getFirst(), 1);
      double ratio = Math.exp(draws.between(Math.log(3 / 4.0), Math.log(4 / 3.0)));
      int cutW = (int) Math.rint(Math.sqrt(area * ratio));
      int cutH = (int) Math.rint(Math.sqrt(area / ratio));
      if (cutW > 0 && cutH > 0 && cutW <= w && cutH <= h) {
        int top = draws.below(h - cutH + 1);
        return resized(Geometry.cut(picture, top, draws.below(w - cutW + 1), cutH, cutW), input);
      }
    }
    return input.fit(picture);
  }

  private static Picture resized(Picture picture, InputTransform input) {
    int h = input.height();
    int w = input.width();
    PilResize resize =
        new PilResize(picture.height(), picture.width(), h, w, input.interpolation(), 0, 0, h, w);
    return picture.resized(resize, h, w);
  }

  private static Picture jitter(Picture picture, List<Double> ranges, Draws draws) {
    Picture now = picture;
    int[] order = {0, 1, 2, 3};
    for (int i = order.length - 1; i > 0; i--) {
      int j = draws.below(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    for (int which : order) {
      double range = ranges.get(which);
      double change = draws.between(-range, range);
      if (range > 0) {
        now =
            switch (which) {
              case 0 -> Colours.brightness(now, 1 + change);
              case 1 -> Colours.contrast(now, 1 + change);
              case 2 -> Colours.saturation(now, 1 + change);
              default -> Colours.hue(now, change);
            };
      }
    }
    return now;
  }

  /** torchvision's RandomErasing with its scales and shapes, to the normalisation's mean. */
  private static void erase(float[] out, int at, InputTransform input, Draws draws) {
    int h = input.height();
    int w = input.width();
    for (int i = 0; i < ATTEMPTS; i++) {
      double area = (double) h * w * draws.between(0.02, 0.33);
      double ratio = Math.exp(draws.between(Math.log(0.3), Math.log(3.3)));
      int rows = (int) Math.rint(Math.sqrt(area * ratio));
      int columns = (int) Math.rint(Math.sqrt(area / ratio));
      if (rows < h && columns < w) {
        int top = draws.below(h - rows + 1);
        int left = draws.below(w - columns + 1);
        for (int c = 0; c < input.channels(); c++) {
          for (int y = top; y < top + rows; y++) {
            int from = at + (c * h + y) * w + left;
            Arrays.fill(out, from, from + columns, 0);
          }
        }
        return;
      }
    }
  }

  /** Whether the network sees every picture the same in every epoch, and by itself. */
  boolean isNone() {
    return steps.isEmpty();
  }

  // ---- batches

  /**
   * What happens to batches as a whole; of MixUp and CutMix together each batch gets one.
   *
   * @param key of all that is random about it
   */
  BatchChange change(long key, InputTransform input) {
    List<BatchChange> changes = new ArrayList<>();
    int floats = input.channels() * input.height() * input.width();
    for (Step step : steps) {
      if (step.kind == Kind.MIXUP) {
        changes.add(Mixing.mixUp(step.numbers.getFirst(), key, floats));
      } else if (step.kind == Kind.CUTMIX) {
        changes.add(
            Mixing.cutMix(
                step.numbers.getFirst(), key, input.channels(), input.height(), input.width()));
      }
    }
    if (changes.size() <= 1) {
      return changes.isEmpty() ? BatchChange.NONE : changes.getFirst();
    }
    return batch ->
        changes
            .get(
                new Draws(io.github.densenet4j.Randomness.key(~key, batch.number))
                    .below(changes.size()))
            .apply(batch);
  }
}
