package io.github.densenet4j.cli;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/**
 * The command line with a collector beside it: collects garbage again and again and prints the most
 * that was ever left, in MiB. For the serial collector.
 */
final class PeakHeap {
  private static final List<String> HEAP =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .map(MemoryPoolMXBean::getName)
          .toList();

  private PeakHeap() {}

  public static void main(String[] args) throws InterruptedException {
    Collector collector = new Collector(Long.getLong("pause", 20));
    collector.start();
    int code = Main.commandLine(args).execute(args);
    collector.interrupt();
    collector.join();
    System.out.printf("peak live heap: %.1f MiB%n", collector.peak / 1048576.0);
    System.exit(code);
  }

  private static final class Collector extends Thread {
    private final long pause;
    private volatile long peak;

    Collector(long pause) {
      super("collector");
      this.pause = pause;
    }

    @Override
    public void run() {
      while (!isInterrupted()) {
        System.gc();
        peak = Math.max(peak, left());
        try {
          Thread.sleep(pause);
        } catch (InterruptedException _) {
          interrupt(); // the end
        }
      }
    }

    /** What the last collection of everything left. */
    private static long left() {
      long left = 0;
      for (GarbageCollectorMXBean bean :
          ManagementFactory.getPlatformMXBeans(GarbageCollectorMXBean.class)) {
        GcInfo info = bean.getLastGcInfo();
        if (info != null && bean.getName().equals("MarkSweepCompact")) {
          left = HEAP.stream().mapToLong(p -> info.getMemoryUsageAfterGc().get(p).getUsed()).sum();
        }
      }
      return left;
    }
  }
}
