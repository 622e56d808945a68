package io.github.densenet4j.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows a run's page on this machine while it trains. It only reads the run's history, so whatever
 * happens to it cannot disturb the run; pages that are open ask for news every two seconds, and
 * stay as they are when it is closed.
 */
public final class LiveView implements AutoCloseable {
  private final Path run;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private LiveView(Path run, HttpServer server) {
    this.run = run;
    this.server = server;
  }

  /**
   * Starts it, for this machine only.
   *
   * @param run the run's directory, which may not be there yet
   * @param port 0 for any free one
   * @throws IOException if the port is taken
   */
  public static LiveView start(Path run, int port) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    LiveView view = new LiveView(run, HttpServer.create(address, 0));
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
          case "/" -> send(exchange, 200, "text/html", Page.html(title(), data()));
          case "/data.json" -> send(exchange, 200, "application/json", Page.json(data()));
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

  private String title() {
    return String.valueOf(run.toAbsolutePath().normalize().getFileName());
  }

  private Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("title", title());
    data.put("subtitle", "in training");
    String state;
    List<Map<String, Double>> epochs = List.of();
    try {
      epochs = RunHistory.ofRun(run).map(RunHistory::epochs).orElse(List.of());
      state =
          epochs.isEmpty()
              ? "no epoch has ended yet"
              : epochs.size() + (epochs.size() == 1 ? " epoch" : " epochs");
    } catch (IOException e) { // the page says so; the next question may find it repaired
      state = e.getMessage();
    }
    data.put("history", epochs);
    data.put("live", "Live: " + state + "; " + LocalTime.now().truncatedTo(ChronoUnit.SECONDS));
    return data;
  }

  /** Ends it; the run goes on. */
  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
