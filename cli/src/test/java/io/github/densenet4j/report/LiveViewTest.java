package io.github.densenet4j.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveViewTest {
  private static final String EPOCHS = "epoch,lr,train_loss,val_top1,seconds\n1,0.1,1.5,0.5,10\n";

  @TempDir Path run;

  @Test
  void theOpenPageFollowsTheRunAndOutlivesTheServer() throws Exception {
    Path history = run.resolve("history.csv");
    try (Browser browser = Browser.start()) {
      try (LiveView view = LiveView.start(new RunInFolder(run), 0)) {
        browser.size(1200, 900).open(view.address().toString());
        assertThat(browser.one("#live").getText()).contains("no epoch has ended yet");
        Files.writeString(history, EPOCHS);
        waitFor(() -> browser.all("#timings tbody tr").size() == 1);
        Files.writeString(history, "2,0.1,0.7,0.75,11\n3,0.1", StandardOpenOption.APPEND);
        waitFor(() -> browser.all("#timings tbody tr").size() == 2);
        assertThat(browser.one("#live").getText()).contains("2 epochs have ended");
        assertThat(browser.all(".matrix")).isEmpty();
        Files.writeString(
            run.resolve("confusion.json"),
            "{\"epoch\":2,\"classes\":[\"cat\",\"dog\"],\"confusion\":[[7,1],[2,5]]}");
        waitFor(() -> browser.all(".matrix td[data-n]").size() == 4);
        assertThat(browser.one("#cell-status").getText()).contains("behind epoch 2");
        browser.one(".matrix td[data-r='1'][data-c='0']").click();
        assertThat(browser.one("#cell-status").getText()).isEqualTo("2 of 7 dog named cat.");
        browser.requireAccessible();
        browser.requireQuiet(view.address().toString());
      }
      waitFor(() -> browser.one("#live").getText().contains("this is the last state"));
      assertThat(browser.all("#timings tbody tr")).hasSize(2);
    }
  }

  private static void waitFor(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  /** A run that has ended a moment ago. */
  private record Ended(Map<String, Object> data) implements LiveView.Source {
    @Override
    public LiveView.State state() {
      return new LiveView.State("last", "the run has ended", true);
    }
  }

  @Test
  void anOpenPageLearnsOfTheEndAndAClosedOneIsNotWaitedFor() throws Exception {
    Ended ended = new Ended(Map.of("title", "run", "subtitle", ""));
    LiveView view = LiveView.start(ended, 0);
    assertThat(ask(view, "GET / ", "localhost")).contains("the run has ended");
    assertThat(ask(view, "GET /data.json?before ", "localhost"))
        .contains("\"over\":true")
        .contains("\"title\":\"run\"");
    assertThat(ask(view, "GET /data.json?last ", "localhost")).doesNotContain("\"title\"");
    long start = System.nanoTime();
    view.close();
    LiveView.start(ended, 0).close();
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
  }

  @Test
  void whatCannotBeShownIsSaidOnThePage() throws IOException {
    LiveView.Source broken =
        new LiveView.Source() {
          @Override
          public LiveView.State state() {
            return new LiveView.State("1", "epoch 1", false);
          }

          @Override
          public Map<String, Object> data() {
            throw new IllegalStateException("17.png is gone");
          }
        };
    try (LiveView view = LiveView.start(broken, 0)) {
      assertThat(ask(view, "GET /data.json?0 ", "localhost"))
          .startsWith("HTTP/1.1 200")
          .contains("epoch 1; not all can be shown: 17.png is gone");
    }
  }

  @Test
  void onlyThisMachineUnderItsOwnName() throws IOException {
    Files.writeString(run.resolve("history.csv"), EPOCHS);
    try (LiveView view = LiveView.start(new RunInFolder(run), 0)) {
      assertThat(ask(view, "GET / ", "127.0.0.1")).startsWith("HTTP/1.1 200").contains("uPlot");
      assertThat(ask(view, "GET /data.json ", "localhost"))
          .contains("application/json")
          .contains("\"val_top1\":0.5");
      assertThat(ask(view, "GET / ", "elsewhere.example")).startsWith("HTTP/1.1 403");
      assertThat(ask(view, "POST / ", "localhost")).startsWith("HTTP/1.1 405");
      assertThat(ask(view, "GET /etc/passwd ", "localhost")).startsWith("HTTP/1.1 404");
    }
  }

  /** The quietest of some seconds counts: the compiler may still be busy with what has just run. */
  @Test
  void nobodyLooksAndNothingRuns() throws Exception {
    Files.writeString(run.resolve("history.csv"), EPOCHS);
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Set<Long> others = ids(threads);
    try (LiveView view = LiveView.start(new RunInFolder(run), 0)) {
      ask(view, "GET / ", "localhost");
      double least = Double.MAX_VALUE;
      for (int i = 0; i < 5 && least >= 0.02; i++) {
        double before = busy(threads, others);
        long start = System.nanoTime();
        Thread.sleep(2000);
        least = Math.min(least, (busy(threads, others) - before) / (System.nanoTime() - start));
      }
      assertThat(least).as("cores that two seconds without a request take").isLessThan(0.02);
    }
  }

  private static Set<Long> ids(ThreadMXBean threads) {
    return Arrays.stream(threads.getAllThreadIds()).boxed().collect(Collectors.toSet());
  }

  /** Processor time of all threads but these, in ns: the compiler and other tests' are not ours. */
  private static double busy(ThreadMXBean threads, Set<Long> others) {
    Set<Long> ours = ids(threads);
    ours.removeAll(others);
    assertThat(ours).as("threads of the view").isNotEmpty();
    return ours.stream().mapToLong(threads::getThreadCpuTime).filter(time -> time > 0).sum();
  }

  @Test
  void aDamagedHistoryIsSaidOnThePage() throws IOException {
    Files.writeString(run.resolve("history.csv"), "epoch,lr\n1,2,3\n");
    try (LiveView view = LiveView.start(new RunInFolder(run), 0)) {
      HttpURLConnection connection =
          (HttpURLConnection) view.address().resolve("data.json").toURL().openConnection();
      try (InputStream in = connection.getInputStream()) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("line 2");
      }
    }
  }

  private static String ask(LiveView view, String request, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", view.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (request + "HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
