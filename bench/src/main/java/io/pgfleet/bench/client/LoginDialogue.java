package io.pgfleet.bench.client;

import io.pgfleet.bench.BenchException;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One login, from the start-up packet to ReadyForQuery (PostgreSQL manual, 'Message Flow'). */
public final class LoginDialogue {
  private static final byte[] NOTHING = {};

  private final ClientKeys keys;
  private final ScramClient scram;
  private boolean ready;

  /** A login that has not begun. */
  public LoginDialogue(ClientKeys keys) {
    this.keys = keys;
    this.scram = keys.next();
  }

  /** The first bytes to send. */
  public byte[] startup() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(4).putInt(Protocol.VERSION_3_0).array());
    String[] words = {"user", keys.target().user(), "database", keys.target().database()};
    for (String word : words) {
      body.writeBytes(word.getBytes(StandardCharsets.UTF_8));
      body.write(0);
    }
    body.write(0);
    return ByteBuffer.allocate(4 + body.size())
        .putInt(4 + body.size())
        .put(body.toByteArray())
        .array();
  }

  /** Whether the session has begun. */
  public boolean isReady() {
    return ready;
  }

  /**
   * Takes a message.
   *
   * @param body without type and length
   * @return what to send; empty for nothing
   * @throws BenchException if the login is refused
   */
  public byte[] answer(byte type, ByteBuffer body) {
    switch (type) {
      case Protocol.Backend.AUTHENTICATION -> {
        return authenticate(body);
      }
      case Protocol.Backend.ERROR_RESPONSE -> throw failure(body);
      case Protocol.Backend.READY_FOR_QUERY -> ready = true;
      default -> {
        // ParameterStatus, BackendKeyData, notices
      }
    }
    return NOTHING;
  }

  static BenchException failure(ByteBuffer body) {
    ServerReport report = ServerReport.decode(body);
    return new BenchException(report.sqlState() + " " + report.message(), "");
  }

  private byte[] authenticate(ByteBuffer body) {
    int kind = body.getInt();
    byte[] rest = new byte[body.remaining()];
    body.get(rest);
    String text = new String(rest, StandardCharsets.UTF_8);
    try {
      return switch (kind) {
        case Protocol.Authentication.SASL -> initial();
        case Protocol.Authentication.SASL_CONTINUE -> {
          keys.saw(text);
          yield Questions.message(
              Protocol.Frontend.PASSWORD, scram.respond(text).getBytes(StandardCharsets.UTF_8));
        }
        case Protocol.Authentication.SASL_FINAL -> {
          scram.verify(text);
          yield NOTHING;
        }
        case Protocol.Authentication.OK -> NOTHING;
        default ->
            throw new BenchException(
                "the server asks for authentication " + kind + ", not SCRAM", "");
      };
    } catch (ScramException e) {
      throw new BenchException("login failed: " + e.getMessage(), "");
    }
  }

  private byte[] initial() {
    byte[] name = (ScramClient.MECHANISM + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] first = scram.first().getBytes(StandardCharsets.UTF_8);
    return Questions.message(
        Protocol.Frontend.PASSWORD,
        ByteBuffer.allocate(name.length + 4 + first.length)
            .put(name)
            .putInt(first.length)
            .put(first)
            .array());
  }
}
