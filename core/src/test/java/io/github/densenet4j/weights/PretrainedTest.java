package io.github.densenet4j.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.densenet4j.download.Download;
import io.github.densenet4j.download.DownloadCache;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a real server that behaves as badly as servers do. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PretrainedTest {
  private static final String NAME = "timm/densenet121.ra_in1k";

  @TempDir private Path cache;
  private final byte[] content = new byte[300_000];
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private ExecutorService serverThreads;
  private volatile Answer answer;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serverThreads = Executors.newCachedThreadPool();
    server.setExecutor(serverThreads);
    server.createContext(
        "/",
        exchange -> {
          ranges.add(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
          try (exchange) {
            answer.to(exchange);
          }
        });
    answer = this::serve;
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    serverThreads.shutdownNow();
  }

  private String address() {
    return "http://localhost:" + server.getAddress().getPort() + "/weights";
  }

  private Pretrained pretrained(String mirror) {
    return new Pretrained(
        new DownloadCache(
            cache, mirror, new Download(_ -> null, Duration.ofMillis(600), Duration.ofMillis(20))));
  }

  private Path fetch() throws IOException {
    return pretrained(address()).fetch(NAME, null, (_, _) -> {});
  }

  private void stateDigest(HttpExchange exchange) throws IOException {
    Path copy = Files.createTempFile("content", "");
    Files.write(copy, content);
    exchange.getResponseHeaders().set("X-Linked-Etag", '"' + Download.digest(copy) + '"');
    Files.delete(copy);
  }

  /** As a good server: also from the middle on. */
  private void serve(HttpExchange exchange) throws IOException {
    stateDigest(exchange);
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (from >= content.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  /** Announces everything, sends a part and hangs up. */
  private void cut(HttpExchange exchange, int bytes) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content, 0, bytes);
    exchange.getResponseBody().flush();
    exchange.close();
  }

  @Test
  void onceFetchedItIsUsedWithoutTheNetwork() throws IOException {
    List<Long> seen = new ArrayList<>();
    Path file =
        pretrained(address())
            .fetch(
                NAME,
                null,
                (done, total) -> {
                  seen.add(done);
                  assertThat(total).isEqualTo(content.length);
                });
    assertThat(file).isEqualTo(cache.resolve("timm/densenet121.ra_in1k/model.safetensors"));
    assertThat(Files.readAllBytes(file)).isEqualTo(content);
    assertThat(seen).isSorted().endsWith((long) content.length);
    server.stop(0);
    assertThat(fetch()).isEqualTo(file);
  }

  @Test
  void aConnectionThatIsCutGoesOnWhereItEnded() throws IOException {
    answer =
        exchange -> {
          if (ranges.size() == 1) {
            cut(exchange, 100_000);
          } else {
            serve(exchange);
          }
        };
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
    assertThat(ranges).hasSize(2);
    assertThat(ranges.get(1)).matches("bytes=\\d+-");
  }

  @Test
  void aServerWithoutRangesStartsAnew() throws IOException {
    Path part = cache.resolve(NAME + "/model.safetensors.part");
    Files.createDirectories(part.getParent());
    Files.write(part, Arrays.copyOf(content, 5000));
    answer =
        exchange -> {
          stateDigest(exchange);
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        };
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
  }

  @Test
  void aPartOfSomethingElseIsReplaced() throws IOException {
    Path part = cache.resolve(NAME + "/model.safetensors.part");
    Files.createDirectories(part.getParent());
    Files.write(part, new byte[7000]);
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
    assertThat(part).doesNotExist();
    Files.write(part, new byte[400_000]); // longer than the file
    Files.delete(cache.resolve(NAME + "/model.safetensors"));
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
  }

  @Test
  void aWrongDigestIsRefusedAndNothingKept() {
    assertThatThrownBy(() -> pretrained(address()).fetch("imagenet", "densenet121", (_, _) -> {}))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("SHA-256")
        .hasMessageContaining("expected a639ec97")
        .hasMessageContaining(address() + "/densenet121-a639ec97.pth")
        .hasMessageContaining(cache.resolve("densenet121-a639ec97.pth").toString())
        .hasMessageContaining("--weights FILE");
    assertThat(cache.resolve("densenet121-a639ec97.pth")).doesNotExist();
    assertThat(cache.resolve("densenet121-a639ec97.pth.part")).doesNotExist();
  }

  @Test
  void aFileThatWasDamagedInTheCacheIsFetchedAgain() throws IOException {
    Path file = fetch();
    Files.write(file, new byte[10]);
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
  }

  @Test
  void notFoundIsSaidAtOnce() {
    answer = exchange -> exchange.sendResponseHeaders(404, -1);
    assertThatThrownBy(this::fetch).hasMessageContaining("answers 404");
    assertThat(ranges).hasSize(1);
  }

  @Test
  void aServerThatStallsIsGivenUp() {
    answer =
        exchange -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 10);
          exchange.getResponseBody().flush();
          try {
            Thread.sleep(5000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatThrownBy(this::fetch)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("timed out");
  }

  @Test
  void withoutANetworkTheMessageSaysWhatToDo() {
    server.stop(0);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("could not be fetched")
        .hasMessageContaining("yourself and put it at");
  }

  @Test
  void aHostThatIsNotThereIsNamedAtOnce() {
    assertThatThrownBy(
            () -> pretrained("http://nowhere.invalid/dir").fetch(NAME, null, (_, _) -> {}))
        .hasMessageContaining("the host nowhere.invalid cannot be found (no network?)");
  }

  @Test
  void redirectsAreFollowedAndEndlessOnesAreNot() throws IOException {
    answer =
        exchange -> {
          if (exchange.getRequestURI().getPath().startsWith("/weights")) {
            stateDigest(exchange);
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
          } else {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
          }
        };
    assertThat(Files.readAllBytes(fetch())).isEqualTo(content);
    Files.delete(cache.resolve(NAME + "/model.safetensors"));
    answer =
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/weights/again");
          exchange.sendResponseHeaders(302, -1);
        };
    assertThatThrownBy(this::fetch).hasMessageContaining("without end");
  }

  @Test
  void atOnceFromManyThreadsItIsFetchedOnce() throws Exception {
    AtomicLong bodies = new AtomicLong();
    answer =
        exchange -> {
          bodies.incrementAndGet();
          serve(exchange);
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Callable<Path>> tasks = Collections.nCopies(12, this::fetch);
      for (Future<Path> done : threads.invokeAll(tasks)) {
        assertThat(Files.readAllBytes(done.get())).isEqualTo(content);
      }
    }
    assertThat(bodies).hasValue(1);
  }

  @Test
  void aProxyIsAskedForOtherHosts() throws IOException {
    String proxy = "http://localhost:" + server.getAddress().getPort();
    Map<String, String> environment =
        Map.of("http_proxy", proxy, "NO_PROXY", "inside.example, .local");
    Download download =
        new Download(environment::get, Duration.ofSeconds(2), Duration.ofMillis(20));
    Pretrained behind =
        new Pretrained(new DownloadCache(cache, "http://weights.example/dir", download));
    answer =
        exchange -> {
          assertThat(exchange.getRequestURI().toString())
              .startsWith("http://weights.example/dir/timm");
          serve(exchange);
        };
    assertThat(Files.readAllBytes(behind.fetch(NAME, null, (_, _) -> {}))).isEqualTo(content);
    assertThat(download.proxy(URI.create("http://a.inside.example/x"))).isEqualTo(Proxy.NO_PROXY);
    assertThat(download.proxy(URI.create("http://printer.local/x"))).isEqualTo(Proxy.NO_PROXY);
    assertThat(download.proxy(URI.create("http://notinside.example/x")).type())
        .isEqualTo(Proxy.Type.HTTP);
  }

  @Test
  void namesAndPlaces() {
    assertThatThrownBy(() -> pretrained(null).fetch("imagenet", "d2l", (_, _) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("densenet121, densenet161, densenet169 and densenet201");
    assertThatThrownBy(() -> pretrained(null).fetch("timm/../etc", null, (_, _) -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timm/NAME");
    assertThat(DownloadCache.folder(Map.of("DENSENET_CACHE", "/c")::get, "/home/me"))
        .isEqualTo(Path.of("/c"));
    assertThat(DownloadCache.folder(Map.of("XDG_CACHE_HOME", "/x")::get, "/home/me"))
        .isEqualTo(Path.of("/x/densenet4j"));
    assertThat(DownloadCache.folder(_ -> null, "/home/me"))
        .isEqualTo(Path.of("/home/me/.cache/densenet4j"));
  }

  @Test
  void imageNetsClasses() {
    assertThat(ClassNames.imageNet()).hasSize(1000).startsWith("tench").endsWith("toilet tissue");
    assertThat(ClassNames.imageNet().get(281)).isEqualTo("tabby");
  }
}
