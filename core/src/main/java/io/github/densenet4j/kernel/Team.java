package io.github.densenet4j.kernel;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed number of threads that work through numbered tasks together.
 *
 * <p>A network's phases last tens of microseconds, too short for a queue: between two phases the
 * workers spin briefly, then park, so that an idle team uses no processor time. The caller works
 * too. Each begins with a part of the tasks of its own, the same part of every phase, so that what
 * it made in one phase is still in its cache in the next, and then helps the others. So which
 * thread takes which task is left to chance; callers make results independent of it by giving each
 * task its own output.
 *
 * <p>Safe for use by several threads: concurrent calls of {@link #run} take turns, so that never
 * more than {@link #threads()} threads compute. The workers are daemon threads and end when the
 * team is closed or no longer reachable.
 */
public final class Team implements AutoCloseable {
  /** One phase of work. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does one part of the work.
     *
     * @param index the part, from 0
     * @param worker the thread's number in the team, from 0: no two calls at the same time have the
     *     same
     */
    void run(int index, int worker);
  }

  private static final Cleaner CLEANER = Cleaner.create();
  private static final long SPIN_NANOS = 100_000;

  private final int threads;
  private final State state;
  private final float[][] scratch;
  private final float[][][] rows;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Cleaner.Cleanable cleanable;

  /**
   * A team.
   *
   * @param threads number of threads, the caller included; 0 for all processors
   * @throws IllegalArgumentException if it is negative or above 1024
   */
  public Team(int threads) {
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException(
          "threads is " + threads + ": it must be in 0 (all processors) to 1024.");
    }
    int processors = Runtime.getRuntime().availableProcessors();
    this.threads = threads == 0 ? processors : threads;
    this.scratch = new float[this.threads][0];
    this.rows = new float[this.threads][0][0];
    // With more threads than processors a spinning worker only takes time from a working one.
    this.state = new State(this.threads > processors ? 0 : SPIN_NANOS, this.threads - 1);
    for (int i = 0; i < this.threads - 1; i++) {
      state.workers[i] = new Worker(state, i + 1);
    }
    for (Worker worker : state.workers) {
      worker.start();
    }
    this.cleanable = CLEANER.register(this, state::stop);
  }

  /** Number of threads, the caller included. */
  public int threads() {
    return threads;
  }

  /**
   * Runs tasks 0 to count-1 and returns when all are done. Tasks must not call this method.
   *
   * @throws RuntimeException or Error: the first that a task threw
   */
  public void run(Task task, int count) {
    if (turn.isHeldByCurrentThread()) {
      throw new IllegalStateException("A task of a team must not run tasks in the same team.");
    }
    turn.lock();
    try {
      if (threads == 1 || count <= 1) {
        for (int i = 0; i < count; i++) {
          task.run(i, 0);
        }
      } else {
        state.run(task, count);
      }
    } finally {
      turn.unlock();
    }
  }

  /**
   * A worker's own scratch of at least the given number of floats, with unspecified contents. Only
   * for use inside a task.
   */
  public float[] scratch(int worker, int floats) {
    if (scratch[worker].length < floats) {
      scratch[worker] = new float[floats];
    }
    return scratch[worker];
  }

  /**
   * A worker's own rows, at least so many of at least so many floats, with unspecified contents.
   * Only for use inside a task.
   */
  public float[][] rows(int worker, int count, int floats) {
    float[][] own = rows[worker];
    if (own.length < count || own[0].length < floats) {
      rows[worker] = own = new float[Math.max(own.length, count)][floats];
    }
    return own;
  }

  /** Ends the worker threads. A closed team must not be used again. */
  @Override
  public void close() {
    cleanable.clean();
  }

  /**
   * What workers share with the team; holds no reference to the team, so that a forgotten team can
   * be collected.
   */
  private static final class State {
    // For each part of the tasks. High half: number of the phase. Low half: next task. One word, so
    // that a late worker cannot take a task of a new phase.
    final AtomicLong[] tickets;
    final AtomicInteger done = new AtomicInteger();
    final AtomicReference<Throwable> failure = new AtomicReference<>();
    final long spinNanos;
    final Worker[] workers;
    volatile Task task;
    volatile int count;
    volatile boolean stopped;

    State(long spinNanos, int workers) {
      this.spinNanos = spinNanos;
      this.workers = new Worker[workers];
      this.tickets = new AtomicLong[workers + 1];
      Arrays.setAll(tickets, i -> new AtomicLong(Integer.MAX_VALUE));
    }

    void run(Task task, int count) {
      if (stopped) {
        throw new IllegalStateException("The team is closed.");
      }
      long phase = tickets[0].get() >>> 32;
      for (AtomicLong ticket : tickets) {
        ticket.set(phase << 32 | Integer.MAX_VALUE); // closed while task and count change
      }
      this.task = task;
      this.count = count;
      done.set(0);
      long next = (phase + 1 & 0x7fffffffL) << 32;
      for (int i = 0; i < tickets.length; i++) {
        tickets[i].set(next | first(i, count));
      }
      int helpers = Math.min(workers.length, count - 1);
      for (int i = 0; i < helpers; i++) {
        workers[i].wake();
      }
      work(0);
      int spins = 0;
      while (done.get() < count) {
        Thread.onSpinWait();
        if (++spins > 10_000) {
          Thread.yield();
        }
      }
      Throwable thrown = failure.getAndSet(null);
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown != null) {
        throw (RuntimeException) thrown;
      }
    }

    /** Where a part of the tasks begins. */
    private int first(int part, int count) {
      return (int) ((long) count * part / tickets.length);
    }

    /** Takes tasks until none is left, its own first; returns whether there was one. */
    boolean work(int worker) {
      boolean worked = false;
      for (int i = 0; i < tickets.length; i++) {
        worked |= work((worker + i) % tickets.length, worker);
      }
      return worked;
    }

    private boolean work(int part, int worker) {
      boolean worked = false;
      AtomicLong ticket = tickets[part];
      while (true) {
        long now = ticket.get();
        int index = (int) now;
        Task current = task;
        if (index >= first(part + 1, count)) {
          return worked;
        }
        if (ticket.compareAndSet(now, now + 1)) {
          worked = true;
          try {
            current.run(index, worker);
          } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
          } finally {
            done.incrementAndGet();
          }
        }
      }
    }

    void stop() {
      stopped = true;
      for (Worker worker : workers) {
        LockSupport.unpark(worker.thread);
      }
    }
  }

  private static final class Worker implements Runnable {
    private final State state;
    private final int number;
    private final Thread thread;
    private volatile boolean parked;

    Worker(State state, int number) {
      this.state = state;
      this.number = number;
      this.thread = new Thread(this, "densenet4j-" + number);
      thread.setDaemon(true);
    }

    void start() {
      thread.start();
    }

    void wake() {
      if (parked) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void run() {
      long idleSince = System.nanoTime();
      while (!state.stopped) {
        if (state.work(number)) {
          idleSince = System.nanoTime();
        } else if (System.nanoTime() - idleSince < state.spinNanos) {
          Thread.onSpinWait();
        } else {
          parked = true;
          // Looks again after saying that it is parked: a caller sees either the word or the work
          // taken.
          if (!state.work(number) && !state.stopped) {
            LockSupport.park(state);
          }
          parked = false;
          idleSince = System.nanoTime();
        }
      }
    }
  }
}
