package io.pgfleet.agent.checks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.pgfleet.agent.Standing;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.agent.server.ServerInquiry;
import io.pgfleet.consensus.Ticker;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the HTTP checks of one node. GET tells the status as JSON, HEAD and OPTIONS the status
 * code alone.
 */
public final class ChecksServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChecksServer.class);
  private static final int BACKLOG = 64;
  private static final int THREADS = 4;

  private final NodeSpec node;
  private final Supplier<Standing> standing;
  private final ServerInquiry inquiry;
  private final Documents documents;
  private final HttpServer http;
  private final ExecutorService threads;

  private ChecksServer(NodePlace place, Supplier<Standing> standing, HttpServer http) {
    this.node = place.node();
    this.standing = standing;
    this.inquiry = new ServerInquiry(place, Ticker.system());
    this.documents = new Documents(place.group());
    this.http = http;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("checks-" + node.name() + "-", 0).daemon().factory());
  }

  /**
   * Begins to answer.
   *
   * @param place a node that has an address for checks
   * @param standing what its agent knows
   * @throws IOException if the address can't be listened on
   */
  public static ChecksServer start(NodePlace place, Supplier<Standing> standing)
      throws IOException {
    HostPort address = place.node().checks().orElseThrow();
    HttpServer http;
    try {
      http = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "the checks of node "
              + place.node().name()
              + " can't be answered at "
              + address
              + ": "
              + e.getMessage(),
          e);
    }
    ChecksServer server = new ChecksServer(place, standing, http);
    http.createContext("/", server::answer);
    http.setExecutor(server.threads);
    http.start();
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestMethod()) {
        case "GET" -> answer(exchange, true);
        case "HEAD", "OPTIONS" -> answer(exchange, false);
        default -> {
          exchange.getResponseHeaders().set("Allow", "GET, HEAD, OPTIONS");
          send(exchange, 405, text("only GET, HEAD and OPTIONS"), "text/plain; charset=utf-8");
        }
      }
    } catch (RuntimeException e) {
      log.warn("{}: a check could not be answered", node.name(), e);
      throw new IOException(e);
    }
  }

  private void answer(HttpExchange exchange, boolean withBody) throws IOException {
    String path = exchange.getRequestURI().getPath();
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    // The server is asked first: the lease must be certain after it has said that it is a primary.
    var facts = inquiry.facts();
    NodeReport report = new NodeReport(node, standing.get(), facts);
    int status = Check.status(path, query, report);
    if (!withBody) {
      exchange.sendResponseHeaders(status, -1);
    } else if (status == Check.UNKNOWN) {
      send(exchange, status, text("no such check: " + path), "text/plain; charset=utf-8");
    } else if (status == Check.BAD_REQUEST) {
      String words = "lag must be bytes, such as 1048576 or 16MB; the units are B, kB, MB, GB, TB";
      send(exchange, status, text(words), "text/plain; charset=utf-8");
    } else {
      byte[] body =
          path.equals("/cluster")
              ? documents.cluster(report.standing().view())
              : documents.node(report);
      send(exchange, status, body, "application/json");
    }
  }

  private static Map<String, String> query(@org.jspecify.annotations.Nullable String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        query.putIfAbsent(decoded(name), decoded(value));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static byte[] text(String words) {
    return (words + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void send(HttpExchange exchange, int status, byte[] body, String type)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
    inquiry.close();
  }
}
