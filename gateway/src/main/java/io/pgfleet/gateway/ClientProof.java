package io.pgfleet.gateway;

import io.pgfleet.gateway.auth.Attempt;
import io.pgfleet.gateway.auth.AuthMethod;
import io.pgfleet.gateway.auth.HbaRule;
import io.pgfleet.gateway.login.Account;
import io.pgfleet.gateway.login.Credentials;
import io.pgfleet.gateway.login.Md5Hash;
import io.pgfleet.gateway.login.Secret;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.tls.PeerCertificate;
import io.pgfleet.gateway.tls.TlsSession;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import io.pgfleet.wire.scram.EndPoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one client proves who it is: the rule for it is found, what the primary says of the user is
 * looked up, and the rule's method runs.
 *
 * <pre>
 * LOOKED_UP -> ASKED (a password in some form) -> CHECKED (off the loop, for clear text) -> DONE
 * </pre>
 */
final class ClientProof {
  private enum State {
    LOOKED_UP,
    ASKED,
    CHECKED,
    DONE
  }

  private static final int MAX_PASSWORD_MESSAGE = 10_000;
  private static final int MD5_SALT = 4;

  private final EventLoop loop;
  private final ClientLink client;
  private final String user;
  private final Access access;
  private final Attempt attempt;
  private State state = State.LOOKED_UP;
  private @Nullable PasswordQuestion question;

  ClientProof(EventLoop loop, ClientLink client, PoolKey key, Access access) {
    this.loop = loop;
    this.client = client;
    this.user = key.user();
    this.access = access;
    this.attempt = new Attempt(key.database(), user, address(), client.plug.tls() != null);
  }

  private Optional<InetAddress> address() {
    return client.plug.address().map(InetSocketAddress::getAddress);
  }

  void begin() {
    boolean needsTls =
        attempt.address().isPresent()
            && !attempt.encrypted()
            && access.settings().clientTls().mode().required();
    if (needsTls) {
      refuse(AuthReports.tlsRequired());
      return;
    }
    if (attempt.address().isPresent()
        && !loop.fleet.limits.allows(attempt.address().get(), access.settings().auth())) {
      refuse(AuthReports.tooManyFailures());
      return;
    }
    if (!access.auth().needsRoles()) {
      Optional<HbaRule> rule = access.auth().hba().find(attempt, Set.of());
      if (rule.isEmpty() || rule.get().method() == AuthMethod.REJECT) {
        refuse(AuthReports.noRule(attempt, rule.isPresent()));
        return;
      }
    }
    loop.fleet.verifiers.find(user, account -> loop.post(() -> found(account)));
  }

  private void refuse(ServerReport report) {
    state = State.DONE;
    client.fatal(report);
  }

  private void found(Account account) {
    if (!client.open()) {
      return;
    }
    Optional<HbaRule> rule = access.auth().hba().find(attempt, account.roles());
    if (rule.isEmpty() || rule.get().method() == AuthMethod.REJECT) {
      refuse(AuthReports.noRule(attempt, rule.isPresent()));
      return;
    }
    if (certificateFits(rule.get(), account)) {
      prove(rule.get(), account);
      client.proceed();
    }
  }

  /** Looks at the certificate as far as the rule asks for one; false if the client was refused. */
  private boolean certificateFits(HbaRule rule, Account account) {
    if (rule.clientCertificate() == HbaRule.ClientCertificate.NOT_ASKED) {
      return true;
    }
    TlsSession tls = client.plug.tls();
    Optional<PeerCertificate> shown = tls == null ? Optional.empty() : tls.peerCertificate();
    if (shown.isEmpty()) {
      refuse(
          AuthReports.certificateMissing(access.settings().clientTls().authorities().isPresent()));
      return false;
    }
    if (rule.clientCertificate() == HbaRule.ClientCertificate.VERIFY_FULL) {
      String name = rule.wholeName() ? shown.get().distinguishedName() : shown.get().commonName();
      if (name.isEmpty()
          || !access.auth().idents().allows(rule.map(), name, user, account.roles())) {
        refuse(AuthReports.failed("certificate", user));
        return false;
      }
    }
    return true;
  }

  private void prove(HbaRule rule, Account account) {
    switch (rule.method()) {
      case TRUST, CERT -> withoutPassword(account);
      case PEER -> {
        Optional<String> system = client.plug.systemUser();
        if (system.isPresent()
            && access.auth().idents().allows(rule.map(), system.get(), user, account.roles())) {
          withoutPassword(account);
        } else {
          refuse(AuthReports.failed("Peer", user));
        }
      }
      case SCRAM_SHA_256 -> scram(account);
      case MD5 -> {
        if (account.secret() instanceof Secret.Md5(Md5Hash hash)) {
          ask(new PasswordQuestion.Md5(hash, loop.fleet.random(MD5_SALT)));
        } else {
          scram(account);
        }
      }
      case PASSWORD -> {
        boolean real = !(account.secret() instanceof Secret.None);
        ask(new PasswordQuestion.ClearText(real ? account.secret() : mock(account), real, user));
      }
      case REJECT -> refuse(AuthReports.noRule(attempt, true));
    }
  }

  private Secret mock(Account account) {
    return new Secret.Scram(loop.fleet.verifiers.mock(user, account.iterations()));
  }

  private void scram(Account account) {
    boolean real = account.secret() instanceof Secret.Scram;
    TlsSession tls = client.plug.tls();
    Optional<EndPoint> endPoint = tls == null ? Optional.empty() : tls.endPoint();
    if ((real ? account.secret() : mock(account)) instanceof Secret.Scram(var verifier)) {
      ask(new PasswordQuestion.Scram(verifier, real, endPoint));
    }
  }

  private void ask(PasswordQuestion asked) {
    question = asked;
    state = State.ASKED;
    client.send(asked.message());
  }

  /** The client is who it says without a password: what do servers get? */
  private void withoutPassword(Account account) {
    if (!account.exists()) {
      refuse(
          ServerReport.of(
              "FATAL", SqlState.INVALID_AUTHORIZATION, "role \"" + user + "\" does not exist"));
      return;
    }
    Optional<String> password = access.auth().secrets().of(user);
    if (password.isEmpty()) {
      accept(loop.fleet.keys.of(user));
      return;
    }
    state = State.CHECKED;
    loop.fleet.handshakes.execute(() -> {
      Optional<Credentials> made = Credentials.ofSecret(password.get(), user, account.secret());
      loop.post(() -> {
        if (client.open()) {
          made.ifPresentOrElse(this::accept, () -> refuse(AuthReports.wrongUserSecret(user)));
        }
      });
    });
  }

  private void accept(Credentials credentials) {
    state = State.DONE;
    client.send(Messages.authentication(Protocol.Authentication.OK, new byte[0]));
    client.proven(credentials);
  }

  /** Takes what it can of the bytes and moves the buffer past it; false if it needs more. */
  boolean process(ByteBuffer source) throws ProtocolViolation {
    if (state != State.ASKED) {
      if (state != State.DONE && source.remaining() > MAX_PASSWORD_MESSAGE) {
        throw new ProtocolViolation("more bytes than a login needs");
      }
      return false;
    }
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
      throw new ProtocolViolation("expected password response, got message type " + (type & 0xFF));
    }
    if (source.remaining() <= length) {
      return false;
    }
    ByteBuffer body = source.slice(start + Protocol.HEADER_SIZE, length - 4);
    source.position(start + 1 + length);
    PasswordQuestion asked = question;
    if (asked != null) {
      answered(asked, body);
    }
    return true;
  }

  private void answered(PasswordQuestion asked, ByteBuffer body) throws ProtocolViolation {
    switch (asked.answer(body)) {
      case PasswordQuestion.Verdict.Continue(byte[] message) -> client.send(message);
      case PasswordQuestion.Verdict.Wrong() -> wrong();
      case PasswordQuestion.Verdict.Right(byte[] message, Credentials credentials) -> {
        if (message.length > 0) {
          client.send(message);
        }
        proven(credentials);
      }
      case PasswordQuestion.Verdict.Slow(var check) -> {
        state = State.CHECKED;
        loop.fleet.handshakes.execute(() -> {
          Optional<Credentials> right = check.get();
          loop.post(() -> checked(right));
        });
      }
    }
  }

  private void checked(Optional<Credentials> right) {
    if (client.open()) {
      right.ifPresentOrElse(this::proven, this::wrong);
      client.proceed();
    }
  }

  private void proven(Credentials credentials) {
    loop.fleet.keys.learn(user, credentials);
    accept(credentials);
  }

  private void wrong() {
    loop.counters.failedLogins++;
    loop.fleet.verifiers.doubt(user);
    attempt
        .address()
        .ifPresent(address -> loop.fleet.limits.failed(address, access.settings().auth()));
    refuse(
        ServerReport.of(
            "FATAL",
            SqlState.INVALID_PASSWORD,
            "password authentication failed for user \"" + user + "\""));
  }
}
