package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.topology.Standby;
import io.pgfleet.gateway.topology.Target;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
  private final @Nullable ScramClient scram;
  private SessionParameters parameters = SessionParameters.NONE;
  private int process;
  private int secret;

  ServerLogin(Pool pool) {
    this.key = pool.key();
    var keys = pool.keys();
    this.scram = keys == null ? null : ScramClient.withKeys(keys);
  }

  /** What it reported; whether it is a standby is not a client's concern. */
  SessionParameters parameters() {
    return parameters.with(SessionParameters.IN_HOT_STANDBY, "off");
  }

  /** Whether the server says that it is what it is wanted for. */
  boolean leadsTo(Target target) {
    boolean recovers = parameters.get(SessionParameters.IN_HOT_STANDBY).equals("on");
    return recovers == target instanceof Standby;
  }

  int process() {
    return process;
  }

  int secret() {
    return secret;
  }

  /** The StartupMessage. */
  byte[] startup() {
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
          secret = body.getInt();
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
      case Protocol.Authentication.SASL -> {
        if (scram == null || !text(body).contains(ScramClient.MECHANISM)) {
          yield refused(SqlState.INVALID_AUTHORIZATION, "The server asks for another login.");
        }
        byte[] mechanism = Messages.zeroEnded(ScramClient.MECHANISM);
        byte[] first = scram.first().getBytes(StandardCharsets.UTF_8);
        byte[] message =
            ByteBuffer.allocate(mechanism.length + 4 + first.length)
                .put(mechanism)
                .putInt(first.length)
                .put(first)
                .array();
        yield new Step.Send(Messages.of(Protocol.Frontend.PASSWORD, message));
      }
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
              "The server asks for a login other than SCRAM-SHA-256; change its pg_hba.conf.");
    };
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Step refused(String sqlState, String message) {
    return new Step.Refused(ServerReport.of("FATAL", sqlState, message));
  }
}
