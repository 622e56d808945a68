package io.github.densenet4j;

/** How the weights of a new network are drawn. */
public enum Initialisation {
  /**
   * torchvision's: convolutions Kaiming normal over the fan-in, linear weight uniform in
   * +-1/sqrt(fan-in), biases of convolutions likewise, linear bias 0.
   */
  KAIMING,
  /**
   * Dive into Deep Learning's: Xavier uniform for convolutions and the linear layer, biases as
   * PyTorch's default.
   */
  XAVIER
}
