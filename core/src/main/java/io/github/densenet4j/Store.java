package io.github.densenet4j;

import io.github.densenet4j.Memory.Sums;

/**
 * Puts a product's result into maps and, where batch statistics are wanted, takes them on the way.
 */
final class Store implements Sink {
  private final Plan plan;
  private final Maps maps;
  private final int firstRow;
  private final int rows;
  private final Rows target;
  private final Sums mean;
  private final Sums m2;
  private Dropout dropout;
  private boolean statistics;
  private Tiles tiles;

  private Store(Plan plan, Maps maps, int firstRow, int rows, boolean gradient) {
    this.plan = plan;
    this.maps = maps;
    this.firstRow = firstRow;
    this.rows = rows;
    this.target = gradient ? maps.gradientRows(firstRow) : maps.rows(firstRow);
    if (gradient) {
      maps.gradientsBack();
    } else {
      maps.valuesThere();
    }
    long tileSums = gradient ? 0 : (long) rows * Product.maximumTiles(maps, plan.images);
    this.mean = plan.memory.sums("tile means", tileSums);
    this.m2 = plan.memory.sums("tile squares", tileSums);
  }

  /** Stores values into rows [firstRow, firstRow + rows) of maps. */
  static Store values(Plan plan, Maps maps, int firstRow, int rows) {
    return new Store(plan, maps, firstRow, rows, false);
  }

  /** Stores gradients as they are. */
  static Store gradients(Plan plan, Maps maps, int firstRow, int rows) {
    return new Store(plan, maps, firstRow, rows, true);
  }

  /** Drops values on their way, before the statistics. */
  void dropout(Dropout value) {
    dropout = value;
  }

  /** Whether the next result's batch statistics are taken. */
  void statistics(boolean wanted) {
    statistics = wanted;
  }

  @Override
  public void begin(Tiles tiles) {
    this.tiles = tiles;
  }

  @Override
  public void take(
      float[] tile, int at, int pitch, int row, int rowCount, int column, int p, int index) {
    for (int r = 0; r < rowCount; r++) {
      System.arraycopy(tile, at + r * pitch, target.array(), target.at(row + r, column), p);
    }
    taken(row, rowCount, column, p, index);
  }

  /** As {@link #take}, for a tile that was written into {@link #target} itself. */
  void taken(int row, int rowCount, int column, int p, int index) {
    if (dropout != null) {
      dropout.apply(target, row, rowCount, column, p);
    }
    if (statistics) {
      plan.engine
          .kernels()
          .moments(
              target.array(),
              target.at(row, column),
              target.pitch(),
              rowCount,
              p,
              mean.array(),
              m2.array(),
              index * rows + row);
    }
  }

  Rows target() {
    return target;
  }

  @Override
  public void end() {
    if (statistics) {
      maps.statistics(firstRow, firstRow + rows, mean.array(), m2.array(), tiles);
    }
  }
}
