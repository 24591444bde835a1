package io.pgfleet.agent.peers;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.pgfleet.agent.Assent;
import io.pgfleet.agent.AssentRequest;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.group.GroupJson;
import io.pgfleet.spec.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the agents of the group over HTTP: {@code POST /assent} with an {@link AssentRequest} as
 * JSON, answered by an {@link Assent}.
 */
public final class AssentServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AssentServer.class);
  static final String PATH = "/assent";

  /** More than any question needs. */
  private static final int LONGEST_REQUEST = 4096;

  private static final int BACKLOG = 16;
  private static final JsonCodec<AssentRequest> REQUESTS =
      JsonCodec.of(AssentRequest.class, GroupJson.module());
  private static final JsonCodec<Assent> ASSENTS = JsonCodec.of(Assent.class);

  private final HostPort address;
  private final PeerAccess access;
  private final Function<AssentRequest, Assent> agent;
  private final ExecutorService threads;
  private HttpServer http;

  private AssentServer(HostPort address, PeerAccess access, Function<AssentRequest, Assent> agent)
      throws IOException {
    this.address = address;
    this.access = access;
    this.agent = agent;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("assent-", 0).factory());
    this.http = listen();
  }

  /**
   * Begins to answer.
   *
   * @param agent what answers
   * @throws IOException if the address can't be listened on, or the certificates can't be used
   */
  public static AssentServer start(
      HostPort address, PeerAccess access, Function<AssentRequest, Assent> agent)
      throws IOException {
    return new AssentServer(address, access, agent);
  }

  private HttpServer listen() throws IOException {
    InetSocketAddress at = new InetSocketAddress(address.host(), address.port());
    Optional<SSLContext> context = access.context();
    HttpServer server;
    if (context.isPresent()) {
      HttpsServer secured = HttpsServer.create(at, BACKLOG);
      secured.setHttpsConfigurator(new BothSides(context.get()));
      server = secured;
    } else {
      server = HttpServer.create(at, BACKLOG);
    }
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
    return server;
  }

  /** Takes nobody in who shows no certificate of the fleet's authority. */
  private static final class BothSides extends HttpsConfigurator {
    BothSides(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters connection) {
      SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
      parameters.setNeedClientAuth(true);
      connection.setSSLParameters(parameters);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        exchange.sendResponseHeaders(405, -1);
      } else if (!access.admits(exchange.getRequestHeaders().getFirst(PeerAccess.HEADER))) {
        exchange.sendResponseHeaders(401, -1);
      } else {
        answerRequest(exchange);
      }
    }
  }

  private void answerRequest(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_REQUEST);
    Optional<AssentRequest> request = request(body);
    if (request.isEmpty()) {
      exchange.sendResponseHeaders(400, -1);
      return;
    }
    byte[] answer = ASSENTS.encode(agent.apply(request.get()));
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, answer.length);
    exchange.getResponseBody().write(answer);
  }

  /** What somebody asks for, if it can be understood. */
  static Optional<AssentRequest> request(byte[] body) {
    try {
      return Optional.of(REQUESTS.decode(body));
    } catch (IllegalArgumentException e) {
      log.debug("a question that can't be understood", e);
      return Optional.empty();
    }
  }

  /** Shows the host's certificate as it is now to whoever connects from here on. */
  public synchronized void renew() throws IOException {
    http.stop(0);
    http = listen();
  }

  @Override
  public synchronized void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
