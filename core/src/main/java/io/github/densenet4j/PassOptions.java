package io.github.densenet4j;

import java.util.Arrays;
import java.util.List;

/**
 * What a {@link Pass} is built for.
 *
 * @param images the most pictures of one batch; at least 1
 * @param height of the pictures in pixels
 * @param width of the pictures in pixels
 * @param record whether what the backward pass needs is kept
 * @param recompute for each dense block, whether its bottleneck outputs are computed again in the
 *     backward pass instead of being kept (Pleiss et al., 2017), and with those of the first one
 *     what is behind the stem's convolution; empty for none
 * @param inputGradient whether the gradient of the pictures will be asked for
 * @param first how many of the network's first parts are left out: their features enter instead of
 *     pictures
 */
public record PassOptions(
    int images,
    int height,
    int width,
    boolean record,
    List<Boolean> recompute,
    boolean inputGradient,
    int first) {

  /** Checks the numbers. */
  public PassOptions {
    if (images < 1) {
      throw new IllegalArgumentException("images is " + images + ": it must be at least 1.");
    }
    if (first < 0 || first > 0 && inputGradient) {
      throw new IllegalArgumentException(
          "first is " + first + ": it must be at least 0, and 0 for the gradient of the pictures.");
    }
    recompute = List.copyOf(recompute);
  }

  /** Forward and backward, everything kept. */
  public static PassOptions training(int images, int height, int width) {
    return new PassOptions(images, height, width, true, List.of(), false, 0);
  }

  /** Forward only. */
  public static PassOptions inference(int images, int height, int width) {
    return new PassOptions(images, height, width, false, List.of(), false, 0);
  }

  /** The same with the bottlenecks of all blocks recomputed, or none: {@code memory_efficient}. */
  public PassOptions withRecompute(boolean all) {
    Boolean[] each = new Boolean[64];
    Arrays.fill(each, all);
    return withRecompute(List.of(each));
  }

  /**
   * The same with the bottlenecks of some blocks recomputed: one choice a block, the others are
   * kept.
   */
  public PassOptions withRecompute(List<Boolean> blocks) {
    return new PassOptions(images, height, width, record, blocks, inputGradient, first);
  }

  /** The same with the gradient of the pictures. */
  public PassOptions withInputGradient() {
    return new PassOptions(images, height, width, record, recompute, true, first);
  }

  /**
   * The same without the network's first parts: {@link Pass#forward} then takes the features that
   * {@link FrozenParts} of as many parts make.
   */
  public PassOptions behind(int parts) {
    return new PassOptions(images, height, width, record, recompute, inputGradient, parts);
  }

  /** Whether a pass made for this takes so many pictures of that size. */
  boolean covers(int n, int h, int w) {
    return n <= images && h == height && w == width;
  }

  boolean recomputes(int block) {
    return block < recompute.size() && recompute.get(block);
  }
}
