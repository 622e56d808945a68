package io.github.densenet4j;

import io.github.densenet4j.kernel.Team;

/**
 * Where a batch comes in: from (N,C,H,W) to the first rows of maps. What enters are pictures, or
 * the features that parts which are left out have made; then batch statistics are taken, a picture
 * a tile.
 */
final class Entry {
  private static final int ROWS = 8;

  private final Plan plan;
  private final Maps maps;
  private final int rows;
  private final Store store;
  private final Tiles planes = new Tiles(1);
  private final Team.Task task = this::put;
  private float[] values;
  private int from;

  /** Into rows [0, rows) of maps. */
  Entry(Plan plan, Maps maps, int rows) {
    this.plan = plan;
    this.maps = maps;
    this.rows = rows;
    this.store = Store.values(plan, maps, 0, rows);
  }

  int rows() {
    return rows;
  }

  Maps maps() {
    return maps;
  }

  /** Values of one picture. */
  int floats() {
    return Math.multiplyExact(rows, maps.area());
  }

  /** Takes n pictures from an array's place; their batch statistics only if somebody wants them. */
  void put(float[] values, int from, int n, boolean statistics) {
    this.values = values;
    this.from = from;
    planes.divide(n * maps.area(), maps.area());
    store.statistics(statistics);
    store.begin(planes);
    plan.engine.team().run(task, (rows + ROWS - 1) / ROWS);
    store.end();
    if (!statistics) {
      maps.withoutStatistics(0, rows);
    }
    this.values = null;
  }

  private void put(int index, int worker) {
    int area = maps.area();
    int row = index * ROWS;
    int count = Math.min(ROWS, rows - row);
    boolean plain = maps.lines.winograd() == null; // as pictures are
    float[] ordered = plain ? null : plan.engine.team().scratch(worker, count * area);
    for (int n = 0; n < maps.images(); n++) {
      int at = from + (n * rows + row) * area;
      if (plain) {
        store.take(values, at, area, row, count, n * area, area, n);
      } else {
        maps.lines.order(values, at, ordered, 0, count * maps.height);
        store.take(ordered, 0, area, row, count, n * area, area, n);
      }
    }
  }
}
