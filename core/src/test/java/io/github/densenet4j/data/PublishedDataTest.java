package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.densenet4j.download.Download;
import io.github.densenet4j.download.DownloadCache;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets that a real server on this machine publishes: small ones, of the same form. */
class PublishedDataTest {
  private static final String CUT = "cut";

  @TempDir Path folder;
  private final Map<String, byte[]> published = new HashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private DownloadCache cache;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    cache =
        new DownloadCache(
            folder.resolve("cache"),
            "http://localhost:" + server.getAddress().getPort(),
            new Download(_ -> null, Duration.ofSeconds(5), Duration.ofMillis(10)));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** Serves ranges; the first answer to a file that is to be cut breaks off in the middle. */
  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String name = exchange.getRequestURI().getPath().substring(1);
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(name + " " + range);
      byte[] all = published.get(name);
      if (all == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
      if (range != null) {
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-/" + all.length);
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, all.length - from);
      boolean cut = published.remove(CUT + name) != null;
      exchange.getResponseBody().write(all, from, cut ? all.length / 2 : all.length - from);
    }
  }

  private DownloadCache.Item item(String file) throws IOException {
    Path copy = Files.write(folder.resolve("copy"), published.get(file));
    return new DownloadCache.Item(file, "http://nowhere.example/" + file, Download.digest(copy));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  // ---- CIFAR-10

  private static void entry(ByteArrayOutputStream tar, String name, int type, byte[] content) {
    byte[] header = new byte[512];
    byte[] written = name.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(written, 0, header, 0, written.length);
    byte[] size = "%011o".formatted(content.length).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    header[156] = (byte) type;
    tar.writeBytes(header);
    tar.writeBytes(Arrays.copyOf(content, Math.ceilDiv(content.length, 512) * 512));
  }

  private static byte[] records(int seed, int n) {
    byte[] records = new byte[n * 3073];
    new Random(seed).nextBytes(records);
    for (int i = 0; i < n; i++) {
      records[i * 3073] = (byte) (i % 10);
    }
    return records;
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    entry(tar, "cifar-10-batches-bin/", '5', new byte[0]);
    for (int i = 1; i <= 5; i++) {
      entry(tar, "cifar-10-batches-bin/data_batch_" + i + ".bin", '0', records(i, 20));
    }
    entry(tar, "cifar-10-batches-bin/test_batch.bin", '0', records(6, 10));
    tar.writeBytes(new byte[1024]);
    return gzip(tar.toByteArray());
  }

  @Test
  void cifarIsFetchedOnceThoughTheConnectionBreaks() throws IOException {
    String name = "cifar-10-binary.tar.gz";
    published.put(name, archive());
    published.put(CUT + name, new byte[0]);
    DownloadCache.Item item = item(name);
    AtomicLong last = new AtomicLong();
    List<Long> totals = new ArrayList<>();
    LabelledData data =
        Cifar10.open(
            null,
            cache,
            item,
            (done, total) -> {
              assertThat(done).isGreaterThanOrEqualTo(last.getAndSet(done));
              totals.add(total);
            });
    long length = published.get(name).length;
    assertThat(last.get()).isEqualTo(length);
    assertThat(totals).containsOnly(length);
    assertThat(requests).containsExactly(name + " null", name + " bytes=" + length / 2 + "-");
    assertThat(data.train().size()).isEqualTo(100);
    assertThat(data.test().orElseThrow().size()).isEqualTo(10);
    assertThat(data.train().picture(41).pixels())
        .isEqualTo(Arrays.copyOfRange(records(3, 20), 3073 + 1, 2 * 3073));
    requests.clear();
    assertThat(Cifar10.open(null, cache, item, (_, _) -> {}).train().size()).isEqualTo(100);
    assertThat(requests).as("the second time it is there").isEmpty();
    try (var files = Files.list(folder.resolve("cache"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("cifar-10-batches-bin", name + ".lock");
    }
  }

  @Test
  void otherBytesThanThePublishedOnesAreRefused() throws IOException {
    published.put("cifar-10-binary.tar.gz", archive()); // not the real one
    assertThatThrownBy(() -> Cifar10.open(null, cache, (_, _) -> {}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("SHA-256")
        .hasMessageContaining("c4a38c50")
        .hasMessageContaining("--data");
    assertThat(folder.resolve("cache/cifar-10-batches-bin")).doesNotExist();
    assertThat(folder.resolve("cache/cifar-10-binary.tar.gz")).doesNotExist();
  }

  @Test
  void anArchiveThatLeadsElsewhereIsRefused() throws IOException {
    for (String name : List.of("../outside", "/outside")) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      entry(tar, name, '0', new byte[3]);
      assertThatThrownBy(
              () ->
                  TarFile.unpack(
                      new java.io.ByteArrayInputStream(tar.toByteArray()), folder.resolve("in")))
          .hasMessageContaining("out of its folder");
    }
    ByteArrayOutputStream link = new ByteArrayOutputStream();
    entry(link, "link", '2', new byte[0]);
    assertThatThrownBy(
            () ->
                TarFile.unpack(
                    new java.io.ByteArrayInputStream(link.toByteArray()), folder.resolve("in")))
        .hasMessageContaining("kind '2'");
  }

  // ---- Fashion-MNIST

  private List<DownloadCache.Item> fashion() throws IOException {
    List<DownloadCache.Item> items = new ArrayList<>();
    for (int part = 0; part < 4; part++) {
      int n = part < 2 ? 30 : 10;
      ByteBuffer idx =
          part % 2 == 0
              ? ByteBuffer.allocate(16 + n * 784).putInt(0x803).putInt(n).putInt(28).putInt(28)
              : ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
      for (int i = 0; idx.hasRemaining(); i++) {
        idx.put((byte) (i % 10));
      }
      String file = FashionMnist.item(part, "").file();
      published.put(file, gzip(idx.array()));
      items.add(FashionMnist.item(part, item(file).digest()));
    }
    return items;
  }

  @Test
  void whatIsMissingOfFashionMnistIsFetched() throws IOException {
    List<DownloadCache.Item> items = fashion();
    Path cached = folder.resolve("cache/fashion-mnist");
    byte[] first = published.get(items.getFirst().file());
    Files.createDirectories(cached);
    Files.write(cached.resolve("train-images-idx3-ubyte.gz"), first); // by an earlier attempt
    DataSplit data = FashionMnist.first(List.of(cached), cache, items, (_, _) -> {});
    assertThat(data.train().size()).isEqualTo(30);
    assertThat(data.test().size()).isEqualTo(10);
    assertThat(data.train().classNames()).contains("Ankle boot");
    assertThat(requests)
        .containsExactlyElementsOf(
            IntStream.range(1, 4).mapToObj(i -> items.get(i).file() + " null").toList());
  }

  @Test
  void aSetThatIsNowhereIsSaidWithAllPlacesAndThePackage() {
    Path other = folder.resolve("other");
    assertThatThrownBy(
            () ->
                FashionMnist.first(
                    List.of(folder, other),
                    cache,
                    List.of(FashionMnist.item(0, "00")),
                    (_, _) -> {}))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining(other.toString())
        .hasMessageContaining("404")
        .hasMessageContaining("dataset-fashion-mnist");
  }
}
