package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.kernel.Engine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Tasks of neighbouring convolutions overlap, but never before what they read is there. */
class BlockPipelineTest {
  private static final int COLUMNS = 400;
  private static final int REACH = 15;

  /** Marks its columns as made, after looking whether those it reads are. */
  private static final class Marker extends Product {
    private final int tileColumns;
    private final int groups;
    private final Marker before;
    private final AtomicIntegerArray made = new AtomicIntegerArray(COLUMNS);
    private volatile boolean early; // something before was still to be made when a task ran
    private volatile String missing;
    private int failing = -1;
    private BooleanSupplier held = () -> true; // until then, the first tile is not made

    Marker(Plan plan, int tileColumns, int groups, Marker before) {
      super(plan, weights(plan), new Tiles(1));
      this.tileColumns = tileColumns;
      this.groups = groups;
      this.before = before;
    }

    private static PackedWeights weights(Plan plan) {
      return new PackedWeights(plan, 32, 1, 0, 1, new int[1]);
    }

    @Override
    int divide() {
      tiles.divide(COLUMNS, tileColumns);
      return groups;
    }

    @Override
    void compute(int tile, int from, int to, int worker) {
      if (tile == failing) {
        throw new IllegalStateException("tile " + tile);
      }
      for (int c = 0; c < COLUMNS && before != null; c++) {
        boolean whole = before.isMade(c);
        if (!whole && c >= tiles.start(tile) - REACH && c < tiles.end(tile) + REACH) {
          missing = "tile " + tile + " began without column " + c;
        }
        early |= !whole;
      }
      while (tile == 0 && !held.getAsBoolean()) {
        Thread.onSpinWait();
      }
      long end = System.nanoTime() + (tile % 3 + 1) * 20_000L; // uneven work
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      for (int c = tiles.start(tile); c < tiles.end(tile); c++) {
        made.incrementAndGet(c);
      }
    }

    /** By all groups of rows, of which one thread has one. */
    boolean isMade(int column) {
      return made.get(column) == tasks() / tiles.count();
    }

    void begin() {
      for (int c = 0; c < COLUMNS; c++) {
        made.set(c, 0);
      }
      begin(Prologue.NONE, null, 0, Store.values(plan, maps(plan), 0, 1));
    }

    private static Maps maps(Plan plan) {
      return Maps.own(plan, 1, 20, Lines.plain(20));
    }
  }

  private static List<Marker> products(Engine engine) {
    return products(engine, new int[][] {{32, 1}, {112, 1}, {32, 1}, {200, 2}, {400, 2}, {30, 1}});
  }

  /** With so many columns in a tile, and groups of rows. */
  private static List<Marker> products(Engine engine, int[][] shapes) {
    DenseNetConfig config = DenseNetConfig.named("cifar-40-12");
    Plan plan =
        new Plan(
            config,
            Weights.initialise(config, 1).layout(),
            Weights.initialise(config, 1),
            engine,
            1,
            false,
            true);
    List<Marker> products = new ArrayList<>();
    Marker before = null;
    for (int[] shape : shapes) {
      before = new Marker(plan, shape[0], shape[1], before);
      products.add(before);
    }
    return products;
  }

  @Test
  void tasksWaitForWhatTheyReadAndForNothingElse() {
    for (int threads : new int[] {1, 2, 4}) {
      try (Engine.Resources engine = Engine.open(threads)) {
        List<Marker> products = products(engine.engine());
        BlockPipeline pipeline =
            new BlockPipeline(engine.engine().team(), new ArrayList<>(products), REACH);
        boolean overlap = threads == 1;
        // a busy machine may give the other threads no time for a while
        for (int run = 0; run < 20 || (!overlap && run < 2000); run++) {
          products.forEach(Marker::begin);
          pipeline.run();
          for (Marker product : products) {
            assertThat(product.missing).as("%d threads, run %d", threads, run).isNull();
            for (int c = 0; c < COLUMNS; c++) {
              assertThat(product.isMade(c)).as("column %d", c).isTrue();
            }
            overlap |= product.early;
          }
        }
        assertThat(products.stream().anyMatch(product -> product.early))
            .as("%d threads: convolutions overlap", threads)
            .isEqualTo(threads > 1);
      }
    }
  }

  /** What a thread that loses its processor has not begun, the others make. */
  @Test
  void oneThreadThatIsHeldUpHoldsUpOnlyThoseWhoReadWhatItMakes() {
    try (Engine.Resources engine = Engine.open(2)) {
      List<Marker> products = products(engine.engine(), new int[][] {{32, 1}, {32, 1}, {32, 1}});
      BlockPipeline pipeline =
          new BlockPipeline(engine.engine().team(), new ArrayList<>(products), REACH);
      Marker last = products.get(2);
      products.getFirst().held = () -> last.isMade(COLUMNS / 2 - 1) && last.isMade(COLUMNS - 1);
      products.forEach(Marker::begin);
      Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), pipeline::run);
      for (int c = 0; c < COLUMNS; c++) {
        assertThat(last.isMade(c)).as("column %d", c).isTrue();
      }
    }
  }

  @Test
  void failureOfATaskIsThrownAndNobodyWaitsForEver() {
    try (Engine.Resources engine = Engine.open(2)) {
      List<Marker> products = products(engine.engine());
      BlockPipeline pipeline =
          new BlockPipeline(engine.engine().team(), new ArrayList<>(products), REACH);
      products.get(1).failing = 2;
      products.forEach(Marker::begin);
      Assertions.assertTimeoutPreemptively(
          Duration.ofSeconds(60),
          () ->
              assertThatThrownBy(pipeline::run)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessage("tile 2"));
    }
  }
}
