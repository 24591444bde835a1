package io.pgfleet.gateway.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code /metrics} over HTTP, in the formats of Prometheus and OpenMetrics. */
public final class MetricsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsServer.class);
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final PrometheusRegistry registry;
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2, Thread.ofPlatform().name("gateway-metrics-", 0).daemon().factory());

  private MetricsServer(HttpServer server, PrometheusRegistry registry) {
    this.server = server;
    this.registry = registry;
  }

  /**
   * Begins to answer, with the gateway's own metrics and those of the JVM.
   *
   * @throws IOException if the address can't be listened on
   */
  public static MetricsServer start(InetSocketAddress address, MultiCollector gateway)
      throws IOException {
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register(gateway);
    JvmMetrics.builder().register(registry);
    HttpServer http;
    try {
      http = HttpServer.create(address, BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "Metrics can't be served at "
              + address
              + ": "
              + e.getMessage()
              + ". Stop what uses the address, or choose another port.",
          e);
    }
    MetricsServer server = new MetricsServer(http, registry);
    http.createContext("/", server::answer);
    http.setExecutor(server.threads);
    http.start();
    return server;
  }

  /** Where it answers. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      String path = exchange.getRequestURI().getPath();
      boolean head = method.equals("HEAD");
      if (!head && !method.equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        text(exchange, 405, "only GET and HEAD\n", head);
      } else if (path.equals("/metrics")) {
        metrics(exchange, head);
      } else if (path.equals("/")) {
        text(exchange, 200, "pgfleet gateway: see /metrics\n", head);
      } else {
        text(exchange, 404, "there is only /metrics here\n", head);
      }
    } catch (RuntimeException e) {
      LOG.warn("The metrics could not be given: {}", e.getMessage());
      throw new IOException(e);
    }
  }

  private void metrics(HttpExchange exchange, boolean head) throws IOException {
    String accepts = exchange.getRequestHeaders().getFirst("Accept");
    ExpositionFormatWriter writer = formats.findWriter(accepts);
    ByteArrayOutputStream body = new ByteArrayOutputStream(32 << 10);
    String encodings = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    boolean zipped = encodings != null && encodings.contains("gzip");
    try (OutputStream out = zipped ? new GZIPOutputStream(body) : body) {
      writer.write(out, registry.scrape());
    }
    exchange.getResponseHeaders().set("Content-Type", writer.getContentType());
    if (zipped) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    send(exchange, 200, body.toByteArray(), head);
  }

  private static void text(HttpExchange exchange, int status, String text, boolean head)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    send(exchange, status, text.getBytes(StandardCharsets.UTF_8), head);
  }

  private static void send(HttpExchange exchange, int status, byte[] body, boolean head)
      throws IOException {
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
