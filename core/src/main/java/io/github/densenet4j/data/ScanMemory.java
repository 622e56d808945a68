package io.github.densenet4j.data;

import io.github.densenet4j.weights.AtomicFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Which picture files were found to be good, by their path, size and time of change: so that
 * whoever goes on with a run need not decode them all again. 21 bytes a file, sorted by a digest of
 * the three.
 */
public final class ScanMemory {
  private static final int MAGIC = 0x5343414f;

  private final long[] keys;
  private final long[] digests;
  private final int[] decoded;
  private final boolean[] gray;

  private ScanMemory(long[] keys) {
    this.keys = keys;
    this.digests = new long[keys.length];
    this.decoded = new int[keys.length];
    this.gray = new boolean[keys.length];
  }

  /** Nothing is known. */
  public static ScanMemory none() {
    return new ScanMemory(new long[0]);
  }

  /**
   * Files in any order. One that was listed twice is remembered once.
   *
   * @param count of the files, at the beginning of the arrays
   */
  static ScanMemory of(long[] keys, long[] digests, int[] decoded, boolean[] gray, int count) {
    long[] sorted = Arrays.copyOf(keys, count);
    Arrays.sort(sorted);
    int distinct = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[distinct++] = sorted[i];
      }
    }
    ScanMemory memory = new ScanMemory(Arrays.copyOf(sorted, distinct));
    for (int i = 0; i < count; i++) {
      int at = memory.find(keys[i]);
      memory.digests[at] = digests[i];
      memory.decoded[at] = decoded[i];
      memory.gray[at] = gray[i];
    }
    return memory;
  }

  /** Number of files. */
  public int size() {
    return keys.length;
  }

  /** The key of a file as it is now; 0 stands for no key. */
  static long key(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    byte[] path = file.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer all = ByteBuffer.allocate(path.length + 16).put(path).putLong(now.size());
    all.putLong(now.lastModifiedTime().to(TimeUnit.NANOSECONDS));
    return digest(all.array());
  }

  /** 64 bits of a cryptographic digest: a million files meet by chance once in 40 million scans. */
  static long digest(byte[] bytes) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes)).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }

  /** Where a file stands, negative if it is not known as it is now. */
  int find(long key) {
    return Arrays.binarySearch(keys, key);
  }

  /** The digest of a file's contents. */
  long digest(int at) {
    return digests[at];
  }

  /** Bytes of a file's picture when it is decoded. */
  int decoded(int at) {
    return decoded[at];
  }

  /** Whether a file's picture is gray. */
  boolean gray(int at) {
    return gray[at];
  }

  // ---- with a run

  /** Writes everything. */
  public void writeTo(OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    data.writeInt(MAGIC);
    data.writeInt(keys.length);
    for (int i = 0; i < keys.length; i++) {
      data.writeLong(keys[i]);
      data.writeLong(digests[i]);
      data.writeInt(decoded[i]);
      data.writeBoolean(gray[i]);
    }
    data.flush();
  }

  /** Writes a file as a whole. */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, this::writeTo);
  }

  /** What was written; nothing if there is no such file or it is cut off: then all is looked at. */
  public static ScanMemory read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return none();
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      boolean known = in.readInt() == MAGIC;
      int size = in.readInt();
      if (!known || size < 0 || Files.size(file) != 8 + 21L * size) {
        return none();
      }
      ScanMemory memory = new ScanMemory(new long[size]);
      for (int i = 0; i < size; i++) {
        memory.keys[i] = in.readLong();
        memory.digests[i] = in.readLong();
        memory.decoded[i] = in.readInt();
        memory.gray[i] = in.readBoolean();
      }
      return memory;
    } catch (EOFException _) {
      return none();
    }
  }
}
