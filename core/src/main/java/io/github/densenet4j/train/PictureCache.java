package io.github.densenet4j.train;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Picture;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decoded pictures of a data set, as many as fit into a number of bytes. An epoch visits every
 * picture once in a random order, so throwing the least recently used one out would throw out just
 * what comes next: the first that fit stay.
 */
final class PictureCache {
  /** What an entry takes besides its pixels. */
  private static final int OVERHEAD = 128;

  private final Dataset data;
  private final AtomicLong free;
  private final ConcurrentHashMap<Integer, Picture> pictures = new ConcurrentHashMap<>();

  /**
   * A cache.
   *
   * @param bytes at most this many; at least 0
   */
  PictureCache(Dataset data, long bytes) {
    this.data = data;
    this.free = new AtomicLong(data.isDecoded() ? 0 : bytes);
  }

  /** The bytes that a cache of all pictures takes; 0 if nobody knows how large they are. */
  static long bytes(Dataset data) {
    return data.decodedBytes() == 0 ? 0 : data.decodedBytes() + (long) OVERHEAD * data.size();
  }

  /** A picture, decoded now or kept. */
  Picture picture(int index) throws IOException {
    Picture kept = pictures.get(index);
    if (kept != null) {
      return kept;
    }
    Picture picture = data.picture(index);
    long bytes = picture.pixels().length + OVERHEAD;
    if (free.get() >= bytes && free.addAndGet(-bytes) >= 0) {
      pictures.put(index, picture);
    }
    return picture;
  }

  /** Number of pictures kept. */
  int size() {
    return pictures.size();
  }
}
