package io.pgfleet.gateway;

import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.login.Md5Hash;
import io.pgfleet.gateway.login.Secret;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.scram.EndPoint;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramException;
import io.pgfleet.wire.scram.ScramServer;
import io.pgfleet.wire.scram.ScramVerifier;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A way of asking for a password. A user that does not exist is asked in the same way as one that
 * does, against a secret that nothing satisfies.
 */
sealed interface PasswordQuestion {
  /** What an answer comes to. */
  sealed interface Verdict {
    /** More is to be said. */
    record Continue(byte[] message) implements Verdict {}

    /** Not the password. */
    record Wrong() implements Verdict {}

    /** The password; the message, if not empty, is due before AuthenticationOk. */
    record Right(byte[] message, Credentials credentials) implements Verdict {}

    /** To be found out by something that takes too long for an event loop. */
    record Slow(Supplier<Optional<Credentials>> check) implements Verdict {}
  }

  /** The first message to the client. */
  byte[] message();

  /**
   * Takes the body of the client's message.
   *
   * @throws ProtocolViolation if it is no answer to the question
   */
  Verdict answer(ByteBuffer body) throws ProtocolViolation;

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] authentication(int kind, String text) {
    return Messages.authentication(kind, text.getBytes(StandardCharsets.UTF_8));
  }

  /** By SCRAM-SHA-256, bound to the channel if there is one (manual, 'SASL Authentication'). */
  final class Scram implements PasswordQuestion {
    private final ScramServer exchange;
    private final boolean real;
    private boolean begun;

    Scram(ScramVerifier verifier, boolean real, Optional<EndPoint> endPoint) {
      this.exchange = new ScramServer(verifier, endPoint);
      this.real = real;
    }

    @Override
    public byte[] message() {
      return authentication(
          Protocol.Authentication.SASL, String.join("\0", exchange.mechanisms()) + "\0\0");
    }

    @Override
    public Verdict answer(ByteBuffer body) throws ProtocolViolation {
      if (begun) {
        return last(body);
      }
      begun = true;
      String mechanism = StartupPacket.text(body);
      if (!mechanism.equals(ScramClient.MECHANISM)
          && !mechanism.equals(ScramClient.MECHANISM_PLUS)) {
        throw new ProtocolViolation("client selected an invalid SASL authentication mechanism");
      }
      if (body.remaining() < 4 || body.getInt() != body.remaining()) {
        throw new ProtocolViolation("malformed SASL initial response");
      }
      try {
        return new Verdict.Continue(
            authentication(
                Protocol.Authentication.SASL_CONTINUE, exchange.first(mechanism, text(body))));
      } catch (ScramException e) {
        throw new ProtocolViolation("malformed SCRAM message: " + e.getMessage());
      }
    }

    private Verdict last(ByteBuffer body) {
      try {
        ScramServer.Success success = exchange.finish(text(body));
        return real
            ? new Verdict.Right(
                authentication(Protocol.Authentication.SASL_FINAL, success.serverFinal()),
                new Credentials.Scram(success.keys()))
            : new Verdict.Wrong();
      } catch (ScramException e) {
        return new Verdict.Wrong();
      }
    }
  }

  /** By a hash of MD5 (manual, AuthenticationMD5Password). */
  final class Md5 implements PasswordQuestion {
    private final Md5Hash hash;
    private final byte[] salt;

    Md5(Md5Hash hash, byte[] salt) {
      this.hash = hash;
      this.salt = salt;
    }

    @Override
    public byte[] message() {
      return Messages.authentication(Protocol.Authentication.MD5_PASSWORD, salt);
    }

    @Override
    public Verdict answer(ByteBuffer body) throws ProtocolViolation {
      return hash.isAnswer(StartupPacket.text(body), salt)
          ? new Verdict.Right(new byte[0], new Credentials.Md5(hash))
          : new Verdict.Wrong();
    }
  }

  /** In clear text (manual, AuthenticationCleartextPassword). */
  final class ClearText implements PasswordQuestion {
    private final Secret secret;
    private final boolean real;
    private final String user;

    ClearText(Secret secret, boolean real, String user) {
      this.secret = secret;
      this.real = real;
      this.user = user;
    }

    @Override
    public byte[] message() {
      return Messages.authentication(Protocol.Authentication.CLEARTEXT_PASSWORD, new byte[0]);
    }

    @Override
    public Verdict answer(ByteBuffer body) throws ProtocolViolation {
      String password = StartupPacket.text(body);
      return new Verdict.Slow(() -> {
        Optional<Credentials> right = Credentials.of(password, user, secret);
        return real && !password.isEmpty() ? right : Optional.empty();
      });
    }
  }
}
