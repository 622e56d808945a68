package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.Randomness;
import io.github.densenet4j.data.DataException;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.Picture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoaderTest {
  /** Pictures of one pixel that count how often they are read. */
  private static final class Counting implements Dataset {
    final AtomicInteger reads = new AtomicInteger();
    int broken = -1;
    int millis;

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public int size() {
      return 23;
    }

    @Override
    public List<String> classNames() {
      return List.of("even", "odd");
    }

    @Override
    public int[] labels(int index) {
      return new int[] {index % 2};
    }

    @Override
    public Picture picture(int index) throws IOException {
      reads.incrementAndGet();
      if (index == broken) {
        throw new DataException("17.png is not there.");
      }
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return new Picture(1, 1, 1, new byte[] {(byte) index});
    }
  }

  /** The pixel plus something random. */
  private static final Preparation NOISE =
      (picture, key, out, at) -> out[at] = picture.pixels()[0] + Randomness.uniform(key, 0);

  private static List<float[]> walk(Counting data, int workers, long cache, int epochs)
      throws IOException {
    List<float[]> seen = new ArrayList<>();
    try (Workers threads = new Workers(workers)) {
      Loader loader =
          new Loader(Source.of(new PictureCache(data, cache), NOISE), data, 1, 4, threads);
      for (int epoch = 0; epoch < epochs; epoch++) {
        int[] order = Randomness.permutation(epoch, data.size());
        loader.begin(new Loader.Walk(order, i -> Randomness.key(5, i), 4, 0, BatchChange.NONE));
        for (Batch b = loader.next(); b != null; b = loader.next()) {
          seen.add(Arrays.copyOf(b.images, b.n));
          for (int i = 0; i < b.n; i++) {
            assertThat(b.targets[2 * i + (int) b.images[i] % 2]).isEqualTo(1);
            assertThat(b.targets[2 * i + 1 - (int) b.images[i] % 2]).isZero();
          }
        }
      }
    }
    return seen;
  }

  @Test
  void anyNumberOfWorkersAndAnyCacheGiveTheSame() throws IOException {
    List<float[]> one = walk(new Counting(), 1, 0, 2);
    assertThat(one).hasSize(12);
    assertThat(one.get(5)).as("the last batch is smaller").hasSize(3);
    for (int workers : new int[] {2, 3, 8}) {
      for (long cache : new long[] {0, 700, 1 << 20}) {
        List<float[]> other = walk(new Counting(), workers, cache, 2);
        assertThat(other).usingRecursiveComparison().isEqualTo(one);
      }
    }
  }

  @Test
  void theCacheIsBounded() throws IOException {
    Counting all = new Counting();
    walk(all, 2, 1 << 20, 3);
    assertThat(all.reads).hasValue(23);
    Counting five = new Counting();
    walk(five, 1, 5 * 129 + 10, 3);
    assertThat(five.reads).as("5 of 23 are kept").hasValue(23 + 2 * 18);
    Counting none = new Counting();
    walk(none, 2, 0, 3);
    assertThat(none.reads).hasValue(69);
  }

  @Test
  void waitingIsMeasured() throws IOException {
    Counting slow = new Counting();
    slow.millis = 10;
    try (Workers threads = new Workers(1)) {
      Loader loader = new Loader(Source.of(new PictureCache(slow, 0), NOISE), slow, 1, 4, threads);
      loader.begin(Loader.Walk.plain(23, 4));
      while (loader.next() != null) {}
      assertThat(loader.waitSeconds()).isBetween(0.2, 5.0);
    }
  }

  @Test
  void aPictureThatVanishedIsNamed() {
    Counting data = new Counting();
    data.broken = 17;
    assertThatThrownBy(() -> walk(data, 2, 0, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("17.png is not there")
        .hasMessageContaining("resume");
  }

  @Test
  void aWalkCanBeginInItsMiddle() throws IOException {
    Counting data = new Counting();
    try (Workers threads = new Workers(2)) {
      Loader loader = new Loader(Source.of(new PictureCache(data, 0), NOISE), data, 1, 4, threads);
      int[] order = Randomness.permutation(3, 23);
      loader.begin(new Loader.Walk(order, i -> 9, 4, 4, BatchChange.NONE));
      Batch first = loader.next();
      assertThat(first.number).isEqualTo(4);
      assertThat((int) first.images[0]).isEqualTo(order[16]);
      loader.begin(Loader.Walk.plain(23, 4));
      assertThat((int) loader.next().images[0]).isZero();
    }
  }
}
