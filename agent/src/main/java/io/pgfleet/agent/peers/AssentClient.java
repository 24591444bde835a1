package io.pgfleet.agent.peers;

import io.pgfleet.agent.Assent;
import io.pgfleet.agent.AssentRequest;
import io.pgfleet.agent.Peers;
import io.pgfleet.consensus.JsonCodec;
import io.pgfleet.consensus.group.GroupJson;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other agents over HTTP, each answer within a second or not at all. */
public final class AssentClient implements Peers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AssentClient.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int OK = 200;
  private static final JsonCodec<AssentRequest> REQUESTS =
      JsonCodec.of(AssentRequest.class, GroupJson.module());
  private static final JsonCodec<Assent> ASSENTS = JsonCodec.of(Assent.class);

  private final Function<NodeName, Optional<HostPort>> addresses;
  private final PeerAccess access;
  private volatile HttpClient http;

  /**
   * A client that has connected to nobody.
   *
   * @param addresses where a node's agent listens
   * @throws IOException if the certificates can't be used
   */
  public AssentClient(Function<NodeName, Optional<HostPort>> addresses, PeerAccess access)
      throws IOException {
    this.addresses = addresses;
    this.access = access;
    this.http = open();
  }

  private HttpClient open() throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE);
    access.context().ifPresent(builder::sslContext);
    return builder.build();
  }

  @Override
  public void ask(NodeName node, AssentRequest request, Consumer<Assent> answered) {
    Optional<HostPort> address = addresses.apply(node);
    if (address.isEmpty()) {
      return;
    }
    HttpRequest http =
        HttpRequest.newBuilder(url(address.get()))
            .timeout(PATIENCE)
            .header(PeerAccess.HEADER, access.credentials())
            .POST(BodyPublishers.ofByteArray(REQUESTS.encode(request)))
            .build();
    CompletableFuture<HttpResponse<byte[]>> sent =
        this.http.sendAsync(http, BodyHandlers.ofByteArray());
    CompletableFuture<?> _ =
        sent.whenComplete((response, failure) -> {
          if (failure == null) {
            answer(node, response).ifPresent(answered);
          } else {
            log.debug("{} at {} does not answer", node, address.get(), failure);
          }
        });
  }

  private URI url(HostPort address) {
    String scheme = access.tls().isPresent() ? "https" : "http";
    return URI.create(scheme + "://" + address + AssentServer.PATH);
  }

  private static Optional<Assent> answer(NodeName node, HttpResponse<byte[]> response) {
    if (response.statusCode() != OK) {
      log.debug("{} answers {}", node, response.statusCode());
      return Optional.empty();
    }
    try {
      return Optional.of(ASSENTS.decode(response.body()));
    } catch (IllegalArgumentException e) {
      log.debug("{} gives an answer that can't be understood", node, e);
      return Optional.empty();
    }
  }

  /** Shows the host's certificate as it is now from here on. */
  public void renew() throws IOException {
    HttpClient before = http;
    http = open();
    before.shutdown();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
