package io.github.densenet4j.train;

import io.github.densenet4j.data.DataSplit;
import io.github.densenet4j.data.Dataset;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Whether labelled pictures are the same as before: their names, order and classes. */
final class Fingerprint {
  private static final int SHOWN = 8;

  private Fingerprint() {}

  static String of(DataSplit data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Dataset part : List.of(data.train(), data.test())) {
        digest.update(part.classNames().toString().getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < part.size(); i++) {
          digest.update(part.describe(i).getBytes(StandardCharsets.UTF_8));
          for (int label : part.labels(i)) {
            digest.update(ByteBuffer.allocate(4).putInt(0, label));
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, SHOWN);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256.", e);
    }
  }
}
