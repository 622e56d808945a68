package io.github.densenet4j.train;

import io.github.densenet4j.FrozenParts;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.InputTransform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Sends every training picture through the frozen parts once and keeps what they make of it: in the
 * heap if it fits there, else in a file if it fits there, else not at all.
 */
final class KeptFeatures {
  /**
   * Bytes that features may take.
   *
   * @param heap in memory
   * @param disk in a file
   */
  record Room(long heap, long disk) {}

  private static final String FILE = "features.tmp";

  /** Pictures of a batch. */
  static final int TOGETHER = 16;

  private final TrainingStep step;
  private final FrozenParts frozen;
  private final Dataset data;
  private final Workers workers;
  private final BooleanSupplier stopped;
  private final Consumer<String> note;

  /**
   * Work to be done.
   *
   * @param step whose frozen parts run; told when features come in place of pictures
   * @param stopped asked between batches: nothing is kept then
   * @param note told where features are kept, or why not
   */
  KeptFeatures(
      TrainingStep step,
      Dataset data,
      Workers workers,
      BooleanSupplier stopped,
      Consumer<String> note) {
    this.step = step;
    this.frozen = step.frozen();
    this.data = data;
    this.workers = workers;
    this.stopped = stopped;
    this.note = note;
  }

  /** What a run may take: its share of the heap, half of what is free on its disk. */
  static Room room(HeapPlan heap, Path run) throws IOException {
    return new Room(heap.roomForFeatures(), Files.getFileStore(run).getUsableSpace() / 2);
  }

  /**
   * Computes all features.
   *
   * @param run the directory of the run
   * @return null if there is no room, or the run was stopped
   */
  FeatureStore compute(Room room, Path run) throws IOException {
    long bytes = FeatureStore.bytes(data.size(), frozen.floats());
    String what = "%,d MiB of features behind the frozen parts".formatted((bytes >> 20) + 1);
    if (bytes > Math.max(room.heap, room.disk)) {
      note.accept(
          what
              + " fit neither into memory nor on the disk: they are computed again in every epoch."
              + " A larger heap (DENSENET_JAVA_OPTS=-Xmx...) makes this faster.");
      return null;
    }
    FeatureStore store;
    if (bytes <= room.heap) {
      store = FeatureStore.inHeap(data.size(), frozen.floats());
      note.accept(what + " are computed once and kept in memory.");
    } else {
      store = FeatureStore.inFile(run.resolve(FILE), frozen.floats());
      note.accept(what + " are computed once and kept in " + run.resolve(FILE) + ".");
    }
    boolean whole = false;
    try {
      whole = fill(store);
    } finally {
      if (!whole) {
        store.close();
      }
    }
    if (!whole) {
      return null;
    }
    step.featuresCome();
    return store;
  }

  /** Whether it came to the end. */
  private boolean fill(FeatureStore store) throws IOException {
    InputTransform input = step.input();
    int floats = input.channels() * input.height() * input.width();
    Source plain = Source.of(new PictureCache(data, 0), Preparation.plain(input));
    Loader loader = new Loader(plain, data, floats, TOGETHER, workers);
    int together = Math.min(TOGETHER, data.size());
    float[] features = new float[Math.multiplyExact(together, frozen.floats())];
    loader.begin(Loader.Walk.plain(data.size(), together));
    for (Batch b = loader.next(); b != null; b = loader.next()) {
      if (stopped.getAsBoolean()) {
        loader.end();
        return false;
      }
      frozen.forward(b.images, b.n, features);
      try {
        for (int i = 0; i < b.n; i++) {
          store.keep(b.first + i, features, i * frozen.floats());
        }
      } catch (IOException e) {
        loader.end();
        note.accept(
            "The features could not be kept (%s): they are computed again in every epoch."
                .formatted(e.getMessage()));
        return false;
      }
    }
    return true;
  }
}
