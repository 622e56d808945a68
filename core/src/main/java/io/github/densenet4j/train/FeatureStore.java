package io.github.densenet4j.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The features that frozen parts make of each training picture, kept for all later epochs: in the
 * heap, or in a file beside the run, which goes with it.
 */
final class FeatureStore implements Source, AutoCloseable {
  /** What an array takes besides its values. */
  private static final int OVERHEAD = 16;

  private final int floats;
  private final float[][] kept; // null if they are in the file
  private final Path file;
  private final FileChannel channel; // null if they are in the heap

  private FeatureStore(int floats, float[][] kept, Path file, FileChannel channel) {
    this.floats = floats;
    this.kept = kept;
    this.file = file;
    this.channel = channel;
  }

  /** The bytes of so many pictures' features. */
  static long bytes(int pictures, int floats) {
    return pictures * (4L * floats + OVERHEAD);
  }

  /** An empty store in the heap. */
  static FeatureStore inHeap(int pictures, int floats) {
    return new FeatureStore(floats, new float[pictures][], null, null);
  }

  /** An empty store in a file; what a killed process left there is overwritten. */
  static FeatureStore inFile(Path file, int floats) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    return new FeatureStore(floats, null, file, channel);
  }

  /** Values of one picture. */
  int floats() {
    return floats;
  }

  /** Keeps a picture's features. */
  void keep(int index, float[] features, int at) throws IOException {
    if (kept != null) {
      kept[index] = new float[floats];
      System.arraycopy(features, at, kept[index], 0, floats);
      return;
    }
    ByteBuffer bytes = buffer();
    bytes.asFloatBuffer().put(features, at, floats);
    for (long to = place(index); bytes.hasRemaining(); ) {
      to += channel.write(bytes, to);
    }
  }

  @Override
  public void write(int index, long key, float[] out, int at) throws IOException {
    if (kept != null) {
      System.arraycopy(kept[index], 0, out, at, floats);
      return;
    }
    ByteBuffer bytes = buffer();
    for (long from = place(index); bytes.hasRemaining(); ) {
      int n = channel.read(bytes, from);
      if (n < 0) {
        throw new IOException(file + " was cut off while the run was using it: resume the run.");
      }
      from += n;
    }
    bytes.flip().asFloatBuffer().get(out, at, floats);
  }

  private ByteBuffer buffer() {
    return ByteBuffer.allocate(Math.multiplyExact(4, floats)).order(ByteOrder.nativeOrder());
  }

  private long place(int index) {
    return 4L * floats * index;
  }

  /** Forgets everything. */
  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      Files.deleteIfExists(file);
    }
  }
}
