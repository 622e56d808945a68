package io.github.densenet4j;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;

/** What is alive on the heap, to the byte. */
public final class LiveHeap {
  private LiveHeap() {}

  /**
   * Bytes that collections leave: as they end, since afterwards each thread's first allocation
   * takes a buffer of up to hundreds of kilobytes. What a reference queue still held goes with the
   * next collection, and the serial collector leaves no dead objects between others in one of four:
   * the least of five counts.
   */
  public static long bytes() throws InterruptedException {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least =
          Math.min(
              least,
              ManagementFactory.getMemoryPoolMXBeans().stream()
                  .filter(pool -> pool.getType() == MemoryType.HEAP)
                  .map(MemoryPoolMXBean::getCollectionUsage)
                  .mapToLong(usage -> usage == null ? 0 : usage.getUsed())
                  .sum());
      Thread.sleep(10); // for those who clean up behind them
    }
    return least;
  }
}
