package io.github.densenet4j.data;

/** In what order a network takes the colours. */
public enum ChannelOrder {
  /** Red first. */
  RGB,
  /** Blue first, as networks that came from Caffe. */
  BGR
}
