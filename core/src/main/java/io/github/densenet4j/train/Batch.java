package io.github.densenet4j.train;

/** Pictures and targets that go through the network together; filled again and again. */
final class Batch {
  final float[] images; // (n, C, H, W)
  final float[] targets; // (n, classes), 1 for what is there
  final int classes;
  int number; // of the epoch's batches, from 0
  int first; // position of the first picture in the epoch
  int n;

  Batch(int pictures, int floats, int classes) {
    long values = (long) pictures * floats;
    if (values > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "A batch of "
              + pictures
              + " pictures has more than 2,147,483,583 values: use a smaller --batch.");
    }
    this.images = new float[(int) values];
    this.targets = new float[Math.multiplyExact(pictures, classes)];
    this.classes = classes;
  }

  /**
   * How many pictures have a right class among the k largest logits; equal logits count against it.
   * Right is the class with the largest target: of mixed pictures the one that shows most.
   */
  int hits(float[] logits, int k) {
    int hits = 0;
    for (int i = 0; i < n; i++) {
      int at = i * classes;
      float most = 0;
      for (int c = 0; c < classes; c++) {
        most = Math.max(most, targets[at + c]);
      }
      float right = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        if (most > 0 && targets[at + c] == most) {
          right = Math.max(right, logits[at + c]);
        }
      }
      int ahead = 0;
      for (int c = 0; c < classes; c++) {
        boolean itself = targets[at + c] == most && logits[at + c] == right;
        ahead += !itself && !(logits[at + c] < right) ? 1 : 0;
      }
      hits += most > 0 && ahead < k ? 1 : 0;
    }
    return hits;
  }
}
