package io.github.densenet4j.bench;

import java.io.IOException;

/** One who does a work on given weights and pictures: this library, or another one. */
interface Peer extends AutoCloseable {
  /** Name and version. */
  String name();

  /**
   * One run: the logits of an inference, or the loss of a training step. Before any other run,
   * since a step changes the weights.
   */
  float[] result() throws Exception;

  /** Milliseconds of one run. */
  double step() throws Exception;

  @Override
  void close() throws IOException;
}
