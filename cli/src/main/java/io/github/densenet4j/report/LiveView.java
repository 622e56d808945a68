package io.github.densenet4j.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Shows a run's page on this machine while it trains. Pages that are open ask for news every two
 * seconds, get what they do not have yet, and stay as they are when the view is closed. What goes
 * wrong here is said on the page, and nowhere near the run.
 */
public final class LiveView implements AutoCloseable {
  /** Twice as often as a page asks: who has not asked for so long is not there. */
  private static final long PRESENT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Source source;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Answer latest = new Answer("", Map.of("title", "Run", "subtitle", ""), "");
  private volatile long asked = System.nanoTime() - PRESENT_NANOS;
  private volatile boolean endIsKnown;

  /**
   * How things stand.
   *
   * @param version of the data: another one when there is more to show
   * @param text one line
   * @param isOver whether nothing will follow
   */
  public record State(String version, String text, boolean isOver) {}

  /** What is shown; asked by any thread. */
  public interface Source {
    /** How things stand; quickly. */
    State state();

    /**
     * What the page shows, in the parts that {@code page.js} knows.
     *
     * @throws IOException if it cannot be read
     */
    Map<String, Object> data() throws IOException;
  }

  /** The data of a version, kept for other pages that ask. */
  private record Answer(String version, Map<String, Object> data, String trouble) {}

  private LiveView(Source source, HttpServer server) {
    this.source = source;
    this.server = server;
  }

  /**
   * Starts it, for this machine only.
   *
   * @param port 0 for any free one
   * @throws java.net.BindException if the port is taken
   */
  public static LiveView start(Source source, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    LiveView view = new LiveView(source, HttpServer.create(address, 0));
    view.server.setExecutor(view.threads);
    view.server.createContext("/", view::answer);
    view.server.start();
    return view;
  }

  /** Where a browser finds it. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String host = exchange.getRequestHeaders().getFirst("Host");
      // another site's name that leads here would let that site read the page
      if (host == null || !host.matches("(127\\.0\\.0\\.1|localhost)(:\\d+)?")) {
        send(exchange, 403, "text/plain", "Only for this machine.\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "Only GET.\n");
      } else {
        switch (exchange.getRequestURI().getPath()) {
          case "/" -> send(exchange, 200, "text/html", page());
          case "/data.json" -> send(exchange, 200, "application/json", news(known(exchange)));
          default -> send(exchange, 404, "text/plain", "There is / and /data.json.\n");
        }
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** The version that a page has: {@code /data.json?VERSION}. */
  private static String known(HttpExchange exchange) {
    return String.valueOf(exchange.getRequestURI().getQuery());
  }

  private String page() throws IOException {
    State state = source.state();
    Answer answer = latest(state);
    Map<String, Object> data = new LinkedHashMap<>(answer.data);
    data.put("live", live(state, answer));
    return Page.html(String.valueOf(data.get("title")), data);
  }

  /** How things stand, and the data if the page has others. */
  private String news(String known) {
    asked = System.nanoTime();
    State state = source.state();
    Answer answer = latest(state);
    Map<String, Object> news = live(state, answer);
    if (!known.equals(answer.version)) {
      news.put("data", answer.data);
    }
    endIsKnown |= state.isOver;
    return Page.json(news);
  }

  private static Map<String, Object> live(State state, Answer answer) {
    LocalTime now = LocalTime.now().truncatedTo(ChronoUnit.SECONDS);
    Map<String, Object> live = new LinkedHashMap<>();
    live.put("version", answer.version);
    live.put("over", state.isOver);
    live.put("text", now + ": " + state.text + answer.trouble);
    return live;
  }

  /** Made once a version; what cannot be made is said beside what was there before. */
  private synchronized Answer latest(State state) {
    if (!latest.version.equals(state.version)) {
      try {
        latest = new Answer(state.version, source.data(), "");
      } catch (IOException | RuntimeException e) {
        latest =
            new Answer(state.version, latest.data, "; not all can be shown: " + e.getMessage());
      }
    }
    return latest;
  }

  /** Ends it, when pages that are open know how the run ended, or after ten seconds. */
  @Override
  public void close() {
    long limit = System.nanoTime() + PATIENCE_NANOS;
    try {
      while (source.state().isOver
          && !endIsKnown
          && System.nanoTime() - asked < PRESENT_NANOS
          && System.nanoTime() < limit) {
        Thread.sleep(50);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
