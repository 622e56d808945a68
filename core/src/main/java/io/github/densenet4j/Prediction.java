package io.github.densenet4j;

/**
 * A class that a picture may show.
 *
 * @param label the class's name; its index if it has none
 * @param index the class, from 0
 * @param probability in [0, 1]
 */
public record Prediction(String label, int index, double probability) {}
