package io.github.densenet4j;

/** How a picture enters the network. */
public enum StemType {
  /** 7x7 convolution with stride 2, BN, ReLU, 3x3 max pool with stride 2 (paper, Table 1). */
  IMAGENET,
  /** A bare 3x3 convolution at full resolution: no BN, no ReLU, no pool (paper, section 3). */
  CIFAR,
  /** As {@link #IMAGENET} with a bias in the convolution (Dive into Deep Learning, section 8.7). */
  D2L
}
