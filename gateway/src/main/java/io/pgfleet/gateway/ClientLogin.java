package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.tls.ClientTls;
import io.pgfleet.gateway.tls.TlsSession;
import io.pgfleet.gateway.transport.ProxyHeader;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client from its first byte to the proof of who it is (PostgreSQL manual, 'Start-up' and 'SSL
 * Session Encryption').
 *
 * <pre>
 * PROXY (if it comes from a proxy) -> STARTUP -> PROOF
 *                                        ^  |
 *                                        TLS
 * </pre>
 */
final class ClientLogin {
  private enum State {
    PROXY,
    STARTUP,
    PROOF
  }

  /** The first byte of TLS's handshake, and of no length that a start-up packet may have. */
  private static final byte TLS_HANDSHAKE = 0x16;

  private static final int PLAIN_CANCEL_KEY = 4;
  private static final int LONG_CANCEL_KEY = 32;

  private final EventLoop loop;
  private final ClientLink client;
  private @Nullable State state;
  private @Nullable ClientProof proof;
  private Map<String, String> parameters = Map.of();
  private int version = Protocol.VERSION_3_0;
  private boolean askedTls;
  private boolean askedGss;

  /** It began with TLS, unasked, so ALPN must have named the protocol. */
  private boolean direct;

  ClientLogin(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
  }

  Map<String, String> parameters() {
    return parameters;
  }

  boolean started() {
    return state == State.PROOF;
  }

  /** As long as the client's version of the protocol has them; in bytes. */
  int cancelKeySize() {
    return version >= Protocol.VERSION_3_2 ? LONG_CANCEL_KEY : PLAIN_CANCEL_KEY;
  }

  /** Takes what it can of the bytes and moves the buffer past it. */
  void process(ByteBuffer source) throws ProtocolViolation {
    boolean more = true;
    while (more && client.open()) {
      more =
          switch (state()) {
            case PROXY -> proxy(source);
            case STARTUP -> startup(source);
            case PROOF -> proof != null && proof.process(source);
          };
    }
  }

  private State state() {
    State now = state;
    if (now == null) {
      Optional<InetSocketAddress> address = client.plug.address();
      now =
          address.isPresent() && access().settings().proxies().contains(address.get().getAddress())
              ? State.PROXY
              : State.STARTUP;
      state = now;
    }
    return now;
  }

  private Access access() {
    return loop.fleet.access.current();
  }

  private boolean proxy(ByteBuffer source) throws ProtocolViolation {
    Optional<ProxyHeader> header = ProxyHeader.read(source);
    header.flatMap(ProxyHeader::client).ifPresent(client.plug::behindProxy);
    if (header.isPresent()) {
      state = State.STARTUP;
    }
    return header.isPresent();
  }

  private boolean startup(ByteBuffer source) throws ProtocolViolation {
    if (!source.hasRemaining()) {
      return false;
    }
    TlsSession tls = client.plug.tls();
    if (tls == null && !askedTls && source.get(source.position()) == TLS_HANDSHAKE) {
      return beginDirectly(source);
    }
    if (direct && tls != null && !tls.applicationProtocol().equals(ClientTls.ALPN)) {
      throw new ProtocolViolation(
          "received direct SSL connection request without ALPN protocol negotiation extension");
    }
    if (ProxyHeader.looksLikeOne(source)) {
      throw new ProtocolViolation(
          "a PROXY protocol header from an address that is none of the gateway's proxies;"
              + " add its network to them");
    }
    if (source.remaining() < StartupPacket.LENGTH_SIZE
        || source.remaining() < StartupPacket.length(source)) {
      return false;
    }
    switch (StartupPacket.read(source)) {
      case StartupPacket.TlsRequest() -> tlsRequested(source);
      case StartupPacket.GssRequest() -> {
        if (askedGss || tls != null) {
          throw new ProtocolViolation("GSSAPI encryption was asked for out of turn");
        }
        askedGss = true;
        client.send(new byte[] {'N'});
      }
      case StartupPacket.CancelRequest(int process, byte[] key) -> {
        ClientLink target = loop.fleet.byProcess(process);
        if (target != null) {
          target.loop.post(() -> target.cancelRequested(key));
        }
        client.close();
      }
      case StartupPacket.Startup startup -> start(startup);
    }
    return true;
  }

  private boolean beginDirectly(ByteBuffer source) throws ProtocolViolation {
    Optional<ClientTls> offered = access().clientTls();
    if (offered.isEmpty() || client.plug.address().isEmpty()) {
      throw new ProtocolViolation("direct SSL connection, but the gateway does not speak TLS here");
    }
    direct = true;
    askedTls = true;
    TlsSession session = offered.get().session(loop.tlsBuffers);
    session.feed(source);
    client.plug.secure(session);
    return false;
  }

  private void tlsRequested(ByteBuffer source) throws ProtocolViolation {
    if (askedTls) {
      throw new ProtocolViolation("SSL was asked for out of turn");
    }
    askedTls = true;
    Optional<ClientTls> offered = access().clientTls();
    if (offered.isEmpty() || client.plug.address().isEmpty()) {
      client.send(new byte[] {'N'});
      return;
    }
    if (source.hasRemaining()) {
      // somebody in between may have put it there for the encrypted session
      throw new ProtocolViolation("received unencrypted data after SSL request");
    }
    client.send(new byte[] {'S'});
    if (!client.outbox().isEmpty()) {
      throw new ProtocolViolation("the client does not take a single byte");
    }
    client.plug.secure(offered.get().session(loop.tlsBuffers));
  }

  private void start(StartupPacket.Startup startup) {
    parameters = startup.parameters();
    version = Math.min(startup.version(), Protocol.VERSION_3_2);
    state = State.PROOF;
    if (!client.count()) {
      client.fatal(
          ServerReport.of("FATAL", SqlState.TOO_MANY_CONNECTIONS, "sorry, too many clients already")
              .with(
                  ServerReport.HINT,
                  "The gateway admits "
                      + loop.fleet.settings.maxClientConnections()
                      + " clients; raise maxClientConnections if the machine can carry more."));
      return;
    }
    if (parameters.getOrDefault("user", "").isEmpty()) {
      client.fatal(
          ServerReport.of(
              "FATAL",
              SqlState.INVALID_AUTHORIZATION,
              "no PostgreSQL user name specified in startup packet"));
      return;
    }
    String replication = parameters.getOrDefault("replication", "false");
    if (!replication.equals("false") && !replication.equals("off") && !replication.equals("0")) {
      client.fatal(
          ServerReport.of(
                  "FATAL",
                  SqlState.FEATURE_NOT_SUPPORTED,
                  "replication connections do not go through the gateway")
              .with(ServerReport.HINT, "Connect to the server itself."));
      return;
    }
    if (startup.version() > Protocol.VERSION_3_2 || !startup.protocolOptions().isEmpty()) {
      client.send(negotiation(startup));
    }
    ClientProof begun = new ClientProof(loop, client, PoolKey.of(parameters), access());
    proof = begun;
    begun.begin();
  }

  /** NegotiateProtocolVersion: what is spoken, and the options that are not known here. */
  private byte[] negotiation(StartupPacket.Startup startup) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(
        ByteBuffer.allocate(8).putInt(version).putInt(startup.protocolOptions().size()).array());
    startup.protocolOptions().forEach(option -> body.writeBytes(Messages.zeroEnded(option)));
    return Messages.of(Protocol.Backend.NEGOTIATE_PROTOCOL_VERSION, body.toByteArray());
  }
}
