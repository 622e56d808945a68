package io.github.densenet4j.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Fetches a file over HTTP: goes on where it was cut off, tries again, and never waits for ever.
 */
public final class Download {
  private static final int ATTEMPTS = 4;
  private static final int REDIRECTS = 5;
  private static final int BUFFER = 1 << 16;
  private static final long MAXIMUM_FILE = Integer.MAX_VALUE - 64;

  private final UnaryOperator<String> environment;
  private final int timeoutMillis;
  private final long pauseMillis;

  /** Told how far a download is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * After every piece.
     *
     * @param done bytes that are there
     * @param total bytes in all, or -1 if the server does not say
     */
    void at(long done, long total);
  }

  /**
   * A way to fetch.
   *
   * @param environment gives the variables with the proxies
   * @param timeout for connecting, and for every piece of the file
   * @param pause before the second attempt; twice as long before each further one
   */
  public Download(UnaryOperator<String> environment, Duration timeout, Duration pause) {
    this.environment = environment;
    this.timeoutMillis = (int) timeout.toMillis();
    this.pauseMillis = pause.toMillis();
  }

  /** An answer that trying again will not change. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Fetches what is not yet in a file.
   *
   * @return the SHA-256 that the server states, in hexadecimal; empty if it states none
   * @throws IOException if the server refuses, or all attempts fail
   */
  public String to(Path part, URI address, Progress progress) throws IOException {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        if (attempt > 0) {
          Thread.sleep(pauseMillis << attempt - 1);
        }
        return attempt(part, address, progress);
      } catch (RefusedException e) {
        throw e;
      } catch (UnknownHostException e) {
        throw new RefusedException("the host " + e.getMessage() + " cannot be found (no network?)");
      } catch (IOException e) {
        last = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    throw last;
  }

  private String attempt(Path part, URI address, Progress progress) throws IOException {
    long have = Files.exists(part) ? Files.size(part) : 0;
    String digest = "";
    URI at = address;
    for (int i = 0; i <= REDIRECTS; i++) {
      HttpURLConnection connection = open(at, have);
      try {
        int status = connection.getResponseCode();
        String stated = statedDigest(connection);
        digest = stated.isEmpty() ? digest : stated;
        if (status / 100 == 3 && connection.getHeaderField("Location") != null) {
          at = redirected(at, connection.getHeaderField("Location"));
          continue;
        }
        if (status == 416) { // the part is longer than the file
          Files.deleteIfExists(part);
          throw new IOException("the server has fewer bytes than were there");
        }
        if (status != 200 && status != 206) {
          String message = at + " answers " + status + " " + connection.getResponseMessage();
          if (status / 100 == 4 && status != 408 && status != 429) {
            throw new RefusedException(message);
          }
          throw new IOException(message);
        }
        boolean goesOn =
            status == 206
                && String.valueOf(connection.getHeaderField("Content-Range"))
                    .startsWith("bytes " + have + "-");
        receive(connection, part, goesOn ? have : 0, progress);
        return digest;
      } finally {
        connection.disconnect();
      }
    }
    throw new RefusedException(address + " leads from one address to the next without end");
  }

  private HttpURLConnection open(URI address, long have) throws IOException {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new RefusedException(address + " is not an http or https address");
    }
    HttpURLConnection connection =
        (HttpURLConnection) address.toURL().openConnection(proxy(address));
    connection.setConnectTimeout(timeoutMillis);
    connection.setReadTimeout(timeoutMillis);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestProperty("User-Agent", "densenet4j");
    connection.setRequestProperty("Accept-Encoding", "identity");
    if (have > 0) {
      connection.setRequestProperty("Range", "bytes=" + have + "-");
    }
    return connection;
  }

  private static URI redirected(URI from, String location) throws IOException {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException(from + " leads to the broken address " + location, e);
    }
    if ("https".equals(from.getScheme()) && !"https".equals(to.getScheme())) {
      throw new RefusedException(from + " leads away from https to " + to);
    }
    return to;
  }

  /** Hugging Face states the SHA-256 of large files as their entity tag. */
  private static String statedDigest(HttpURLConnection connection) {
    for (String header : new String[] {"X-Linked-Etag", "ETag"}) {
      String tag = connection.getHeaderField(header);
      String bare = tag == null ? "" : tag.replace("\"", "").toLowerCase(Locale.ROOT);
      if (bare.matches("[0-9a-f]{64}")) {
        return bare;
      }
    }
    return "";
  }

  private static void receive(HttpURLConnection connection, Path part, long have, Progress progress)
      throws IOException {
    long length = connection.getContentLengthLong();
    long total = length < 0 ? -1 : have + length;
    if (total > MAXIMUM_FILE) {
      throw new RefusedException("the file would have %,d bytes".formatted(total));
    }
    StandardOpenOption how =
        have > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    long done = have;
    try (InputStream in = connection.getInputStream();
        OutputStream out =
            Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        done += n;
        if (done > MAXIMUM_FILE) {
          throw new RefusedException("the server does not stop sending");
        }
        progress.at(done, total);
      }
    }
    if (total >= 0 && done < total) {
      throw new IOException("the connection ended after %,d of %,d bytes".formatted(done, total));
    }
  }

  // ---- proxies

  /** As curl does it: variables first; and Java's own settings where there are none. */
  public Proxy proxy(URI address) {
    String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
    for (String exception : variable("no_proxy").split(",")) {
      String bare = exception.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
      if (bare.equals("*") || !bare.isEmpty() && (host.equals(bare) || host.endsWith("." + bare))) {
        return Proxy.NO_PROXY;
      }
    }
    String setting = variable(address.getScheme().toLowerCase(Locale.ROOT) + "_proxy");
    if (setting.isEmpty()) {
      return ProxySelector.getDefault().select(address).getFirst();
    }
    URI proxy = URI.create(setting.contains("://") ? setting : "http://" + setting);
    int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
    return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port));
  }

  private String variable(String name) {
    String lower = environment.apply(name);
    String value = lower == null ? environment.apply(name.toUpperCase(Locale.ROOT)) : lower;
    return value == null ? "" : value.strip();
  }

  // ---- digests

  /** A file's SHA-256 in hexadecimal. */
  public static String digest(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
