package io.github.densenet4j.cli;

import io.github.densenet4j.data.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Reads pictures one ahead, in a thread beside the one that classifies them; the first while the
 * model is still being read.
 */
final class PicturesAhead {
  private final List<Path> files;
  private int next;
  private FutureTask<Picture> reading;

  /** Begins to read the first picture. */
  PicturesAhead(List<Path> files) {
    this.files = files;
    begin();
  }

  private void begin() {
    if (next < files.size()) {
      Path file = files.get(next++);
      reading = new FutureTask<>(() -> Picture.read(file));
      Thread thread = new Thread(reading, "pictures");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /**
   * The next picture.
   *
   * @throws IOException if it could not be read
   */
  Picture next() throws IOException, InterruptedException {
    FutureTask<Picture> done = reading;
    try {
      return done.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    } finally {
      begin();
    }
  }
}
