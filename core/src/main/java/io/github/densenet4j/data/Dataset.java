package io.github.densenet4j.data;

import java.util.List;

/** Labelled pictures of one size. Safe for reading by several threads. */
public interface Dataset {
  /** What it is called in messages. */
  String name();

  /** Number of pictures. */
  int size();

  /** Channels of a picture: 1 or 3. */
  int channels();

  /** Height of a picture in pixels. */
  int height();

  /** Width of a picture in pixels. */
  int width();

  /** A name for each class. */
  List<String> classNames();

  /** The class of a picture, from 0. */
  int label(int index);

  /** Writes a picture's pixels, unsigned bytes (C,H,W), to {@code out} from {@code at}. */
  void pixels(int index, byte[] out, int at);
}
