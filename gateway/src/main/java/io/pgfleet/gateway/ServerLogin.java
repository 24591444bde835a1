package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.login.Md5Hash;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.EndPoint;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import io.pgfleet.wire.scram.ScramKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own login to a server as a client's user, with the SCRAM keys of that client
 * (PostgreSQL manual, 'Start-up' and 'SASL Authentication'). Messages in, messages out.
 */
final class ServerLogin {
  /** What to do after a message. */
  sealed interface Step {
    /** Send this, then wait. */
    record Send(byte[] message) implements Step {}

    /** Wait for more. */
    record Wait() implements Step {}

    /** The server is ready. */
    record Done() implements Step {}

    /** The server refused, or it is none to log in to. */
    record Refused(ServerReport report) implements Step {}
  }

  private static final Step WAIT = new Step.Wait();

  private final PoolKey key;
  private final Credentials credentials;
  private @Nullable ScramClient scram;
  private @Nullable ServerApproach approach;
  private SessionParameters parameters = SessionParameters.NONE;
  private int process;
  private byte[] secret = {};

  ServerLogin(ServerOwner pool) {
    this.key = pool.key();
    this.credentials = pool.keys();
  }

  /** Begins, once connected; what to send if the server may be talked to at once. */
  byte @Nullable [] approach(EventLoop loop, Plug plug, Target target) throws IOException {
    ServerApproach begun = new ServerApproach(loop, plug, target.host(), target.port());
    approach = begun;
    return begun.begin() ? startup() : null;
  }

  /** What has come before the StartupMessage was sent; gives that once it is its turn. */
  byte @Nullable [] approached(ByteBuffer bytes) throws IOException {
    ServerApproach begun = approach;
    return begun != null && begun.received(bytes) ? startup() : null;
  }

  SessionParameters parameters() {
    return parameters;
  }

  int process() {
    return process;
  }

  byte[] secret() {
    return secret;
  }

  /** The StartupMessage. */
  private byte[] startup() {
    var body = new ByteArrayOutputStream(200);
    body.writeBytes(ByteBuffer.allocate(4).putInt(Protocol.VERSION_3_0).array());
    body.writeBytes(Messages.zeroEnded("user"));
    body.writeBytes(Messages.zeroEnded(key.user()));
    body.writeBytes(Messages.zeroEnded("database"));
    body.writeBytes(Messages.zeroEnded(key.database()));
    key.startup()
        .forEach((name, value) -> {
          body.writeBytes(Messages.zeroEnded(name));
          body.writeBytes(Messages.zeroEnded(value));
        });
    body.write(0);
    return ByteBuffer.allocate(4 + body.size())
        .putInt(4 + body.size())
        .put(body.toByteArray())
        .array();
  }

  /** Takes a whole message. */
  Step take(byte type, ByteBuffer body) {
    try {
      return switch (type) {
        case Protocol.Backend.AUTHENTICATION -> authentication(body);
        case Protocol.Backend.PARAMETER_STATUS -> {
          parameters = parameters.with(StartupPacket.text(body), StartupPacket.text(body));
          yield WAIT;
        }
        case Protocol.Backend.BACKEND_KEY_DATA -> {
          process = body.getInt();
          secret = new byte[body.remaining()];
          body.get(secret);
          yield WAIT;
        }
        case Protocol.Backend.READY_FOR_QUERY -> new Step.Done();
        case Protocol.Backend.ERROR_RESPONSE -> new Step.Refused(ServerReport.decode(body));
        default -> WAIT;
      };
    } catch (ProtocolViolation | ScramException | RuntimeException e) {
      return refused(SqlState.PROTOCOL_VIOLATION, "The login to the server failed: " + e);
    }
  }

  private Step authentication(ByteBuffer body) throws ScramException {
    int kind = body.getInt();
    return switch (kind) {
      // also without a question before it, where pg_hba.conf trusts the gateway
      case Protocol.Authentication.OK -> WAIT;
      case Protocol.Authentication.SASL -> sasl(text(body));
      case Protocol.Authentication.MD5_PASSWORD -> md5(body);
      case Protocol.Authentication.SASL_CONTINUE -> {
        if (scram == null) {
          throw new ScramException("a SASL answer without a question");
        }
        byte[] answer = scram.respond(text(body)).getBytes(StandardCharsets.UTF_8);
        yield new Step.Send(Messages.of(Protocol.Frontend.PASSWORD, answer));
      }
      case Protocol.Authentication.SASL_FINAL -> {
        if (scram == null) {
          throw new ScramException("a SASL answer without a question");
        }
        scram.verify(text(body));
        yield WAIT;
      }
      default ->
          refused(
              SqlState.INVALID_AUTHORIZATION,
              "The server asks for a login other than SCRAM-SHA-256 and md5;"
                  + " change its pg_hba.conf.");
    };
  }

  private Step sasl(String offered) {
    if (!(credentials instanceof Credentials.Scram(ScramKeys keys))) {
      return unknownPassword();
    }
    List<String> mechanisms = List.of(offered.split("\0"));
    ScramClient client = ScramClient.withKeys(keys);
    Optional<EndPoint> endPoint = approach == null ? Optional.empty() : approach.endPoint();
    boolean plus = mechanisms.contains(ScramClient.MECHANISM_PLUS);
    endPoint.ifPresent(bound -> client.binding(bound, plus));
    if (!mechanisms.contains(client.mechanism())) {
      return refused(
          SqlState.INVALID_AUTHORIZATION,
          "The server offers none of the logins known here: " + mechanisms);
    }
    scram = client;
    byte[] mechanism = Messages.zeroEnded(client.mechanism());
    byte[] first = client.first().getBytes(StandardCharsets.UTF_8);
    byte[] message =
        ByteBuffer.allocate(mechanism.length + 4 + first.length)
            .put(mechanism)
            .putInt(first.length)
            .put(first)
            .array();
    return new Step.Send(Messages.of(Protocol.Frontend.PASSWORD, message));
  }

  private Step md5(ByteBuffer body) {
    if (!(credentials instanceof Credentials.Md5(Md5Hash hash))) {
      return unknownPassword();
    }
    byte[] salt = new byte[body.remaining()];
    body.get(salt);
    byte[] answer = Messages.zeroEnded(hash.answer(salt));
    return new Step.Send(Messages.of(Protocol.Frontend.PASSWORD, answer));
  }

  private Step unknownPassword() {
    return new Step.Refused(
        ServerReport.of(
                "FATAL",
                SqlState.INVALID_AUTHORIZATION,
                "the server asks for the password of user \""
                    + key.user()
                    + "\", and the gateway has nothing to prove it with")
            .with(
                ServerReport.DETAIL,
                "A login by trust, peer or cert shows the gateway no password, and one by md5 or"
                    + " of a user with an md5 hash none that serves for SCRAM-SHA-256.")
            .with(
                ServerReport.HINT,
                "Give the password in the gateway's file of user secrets, or let the server trust"
                    + " the gateway's certificate."));
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Step refused(String sqlState, String message) {
    return new Step.Refused(ServerReport.of("FATAL", sqlState, message));
  }

  /** Errors that another try would meet again: of the login and the database, not of the moment. */
  static boolean lasting(String sqlState) {
    return sqlState.startsWith("28")
        || sqlState.startsWith("22")
        || sqlState.startsWith("42")
        || sqlState.equals(SqlState.INVALID_CATALOG_NAME)
        || sqlState.equals(SqlState.FEATURE_NOT_SUPPORTED);
  }
}
