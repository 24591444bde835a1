package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import io.pgfleet.wire.scram.ScramServer;
import io.pgfleet.wire.scram.ScramVerifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client from its first byte to the proof of its password (PostgreSQL manual, 'Start-up' and
 * 'SASL Authentication').
 *
 * <pre>
 * STARTUP -> VERIFIER (looked up on the primary) -> SASL_INITIAL -> SASL_RESPONSE -> PROVEN
 * </pre>
 */
final class ClientLogin {
  private enum State {
    STARTUP,
    VERIFIER,
    SASL_INITIAL,
    SASL_RESPONSE,
    PROVEN
  }

  private static final int MAX_PASSWORD_MESSAGE = 10_000;

  private final EventLoop loop;
  private final ClientLink client;
  private State state = State.STARTUP;
  private Map<String, String> parameters = Map.of();
  private String user = "";
  private boolean userKnown;
  private @Nullable ScramServer scram;

  ClientLogin(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
  }

  Map<String, String> parameters() {
    return parameters;
  }

  boolean started() {
    return state != State.STARTUP;
  }

  /** Takes what it can of the bytes and moves the buffer past it. */
  void process(ByteBuffer source) throws ProtocolViolation {
    boolean more = true;
    while (more && client.open()) {
      more =
          switch (state) {
            case STARTUP -> startup(source);
            case SASL_INITIAL, SASL_RESPONSE -> password(source);
            case VERIFIER -> {
              if (source.remaining() > MAX_PASSWORD_MESSAGE) {
                throw new ProtocolViolation("more bytes than a login needs");
              }
              yield false;
            }
            case PROVEN -> false;
          };
    }
  }

  private boolean startup(ByteBuffer source) throws ProtocolViolation {
    if (source.remaining() < StartupPacket.LENGTH_SIZE
        || source.remaining() < StartupPacket.length(source)) {
      return false;
    }
    switch (StartupPacket.read(source)) {
      case StartupPacket.EncryptionRequest() -> client.send(new byte[] {'N'});
      case StartupPacket.CancelRequest(int process, int secret) -> {
        ClientLink target = loop.fleet.byProcess(process);
        if (target != null) {
          target.loop.post(() -> target.cancelRequested(secret));
        }
        client.close();
      }
      case StartupPacket.Startup startup -> start(startup);
    }
    return true;
  }

  private void start(StartupPacket.Startup startup) {
    parameters = startup.parameters();
    user = parameters.getOrDefault("user", "");
    state = State.VERIFIER;
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
    if (user.isEmpty()) {
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
    if (startup.version() != Protocol.VERSION_3_0 || !startup.protocolOptions().isEmpty()) {
      client.send(negotiation(startup));
    }
    loop.fleet.verifiers.find(user, answer -> loop.post(() -> verifierFound(answer)));
  }

  /** NegotiateProtocolVersion: 3.0, and the options that are not known here. */
  private static byte[] negotiation(StartupPacket.Startup startup) {
    var body = new java.io.ByteArrayOutputStream();
    body.writeBytes(
        ByteBuffer.allocate(8)
            .putInt(Protocol.VERSION_3_0)
            .putInt(startup.protocolOptions().size())
            .array());
    startup.protocolOptions().forEach(option -> body.writeBytes(Messages.zeroEnded(option)));
    return Messages.of(Protocol.Backend.NEGOTIATE_PROTOCOL_VERSION, body.toByteArray());
  }

  private void verifierFound(Optional<ScramVerifier> found) {
    if (!client.open()) {
      return;
    }
    userKnown = found.isPresent();
    ScramVerifier verifier = found.orElseGet(() -> loop.fleet.verifiers.mock(user));
    scram = new ScramServer(verifier);
    state = State.SASL_INITIAL;
    byte[] mechanisms = (ScramClient.MECHANISM + "\0\0").getBytes(StandardCharsets.US_ASCII);
    client.send(Messages.authentication(Protocol.Authentication.SASL, mechanisms));
    client.proceed();
  }

  private boolean password(ByteBuffer source) throws ProtocolViolation {
    if (source.remaining() < Protocol.HEADER_SIZE) {
      return false;
    }
    int start = source.position();
    int length = source.getInt(start + 1);
    byte type = source.get(start);
    if (type == Protocol.Frontend.TERMINATE) {
      client.close();
      return false;
    }
    if (type != Protocol.Frontend.PASSWORD || length < 4 || length > MAX_PASSWORD_MESSAGE) {
      throw new ProtocolViolation("expected SASL response, got message type " + (type & 0xFF));
    }
    if (source.remaining() <= length) {
      return false;
    }
    ByteBuffer body = source.slice(start + Protocol.HEADER_SIZE, length - 4);
    source.position(start + 1 + length);
    ScramServer exchange = scram;
    if (exchange == null) {
      throw new ProtocolViolation("a SASL response before its question");
    }
    try {
      if (state == State.SASL_INITIAL) {
        initial(exchange, body);
      } else {
        response(exchange, body);
      }
    } catch (ScramException e) {
      if (state == State.SASL_RESPONSE) {
        wrong();
      } else {
        throw new ProtocolViolation("malformed SCRAM message: " + e.getMessage());
      }
    }
    return true;
  }

  private void initial(ScramServer exchange, ByteBuffer body)
      throws ProtocolViolation, ScramException {
    String mechanism = StartupPacket.text(body);
    if (!mechanism.equals(ScramClient.MECHANISM)) {
      throw new ProtocolViolation("client selected an invalid SASL authentication mechanism");
    }
    if (body.remaining() < 4 || body.getInt() != body.remaining()) {
      throw new ProtocolViolation("malformed SASL initial response");
    }
    String answer = exchange.first(text(body));
    state = State.SASL_RESPONSE;
    client.send(
        Messages.authentication(
            Protocol.Authentication.SASL_CONTINUE, answer.getBytes(StandardCharsets.UTF_8)));
  }

  private void response(ScramServer exchange, ByteBuffer body) throws ScramException {
    ScramServer.Success success = exchange.finish(text(body));
    if (!userKnown) {
      wrong();
      return;
    }
    state = State.PROVEN;
    client.send(
        Messages.authentication(
            Protocol.Authentication.SASL_FINAL,
            success.serverFinal().getBytes(StandardCharsets.UTF_8)));
    client.send(Messages.authentication(Protocol.Authentication.OK, new byte[0]));
    client.entry.proven(success.keys());
  }

  private void wrong() {
    loop.counters.failedLogins++;
    loop.fleet.verifiers.doubt(user);
    client.fatal(
        ServerReport.of(
            "FATAL",
            SqlState.INVALID_PASSWORD,
            "password authentication failed for user \"" + user + "\""));
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
