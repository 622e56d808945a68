package io.github.densenet4j;

/**
 * A part of the network with choices of its own: where its statistics come from, and whether it
 * learns.
 */
abstract sealed class Part permits Stem, DenseBlock, Transition, Head {
  final String name;
  boolean batchStatistics;
  boolean frozen;

  Part(String name) {
    this.name = name;
  }
}
