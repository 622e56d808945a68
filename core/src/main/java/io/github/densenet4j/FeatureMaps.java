package io.github.densenet4j;

/**
 * What a part of a network makes of one picture.
 *
 * @param name of the part, e.g. {@code features.denseblock3}
 * @param channels of the maps
 * @param height in pixels
 * @param width in pixels
 * @param values (channels, height, width), as the next part reads them: before its normalisation
 */
public record FeatureMaps(String name, int channels, int height, int width, float[] values) {
  /** The value of a channel at a place. */
  public float at(int channel, int row, int column) {
    return values[(channel * height + row) * width + column];
  }
}
