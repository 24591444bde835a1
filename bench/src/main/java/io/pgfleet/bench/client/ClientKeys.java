package io.pgfleet.bench.client;

import io.pgfleet.bench.BenchException;
import io.pgfleet.bench.Target;
import io.pgfleet.wire.scram.ScramClient;
import io.pgfleet.wire.scram.ScramKeys;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The SCRAM keys of one user, made at the first login and used by all others: 4096 rounds of
 * hashing for each of 10,000 clients would be the client's cost, not the server's.
 */
public final class ClientKeys {
  private static final Pattern SERVER_FIRST = Pattern.compile("r=[^,]+,(s=([^,]+),i=(\\d+))");

  private final Target target;
  private final boolean kept;
  private final AtomicReference<Optional<Learnt>> learnt = new AtomicReference<>(Optional.empty());

  private record Learnt(String salt, ScramKeys keys) {}

  /** Those of a target's user, whose salt stays as it is. */
  public ClientKeys(Target target) {
    this(target, true);
  }

  private ClientKeys(Target target, boolean kept) {
    this.target = target;
    this.kept = kept;
  }

  /** For a peer that chooses another salt at every login, as Pgpool-II does. */
  public static ClientKeys neverKept(Target target) {
    return new ClientKeys(target, false);
  }

  /** Who logs in. */
  public Target target() {
    return target;
  }

  /** One side of the next login. */
  ScramClient next() {
    return learnt
        .get()
        .map(known -> ScramClient.withKeys(known.keys()))
        .orElseGet(() -> ScramClient.withPassword(target.password()));
  }

  /**
   * Learns from a server-first-message.
   *
   * @throws BenchException if the salt is another than before, as the keys then are useless
   */
  void saw(String serverFirst) {
    if (!kept) {
      return;
    }
    Matcher matcher = SERVER_FIRST.matcher(serverFirst);
    if (!matcher.matches()) {
      throw new BenchException("the login has another form than SCRAM's", "");
    }
    Optional<Learnt> known = learnt.get();
    if (known.isEmpty()) {
      byte[] salt = Base64.getDecoder().decode(matcher.group(2));
      ScramKeys keys = ScramKeys.of(target.password(), salt, Integer.parseInt(matcher.group(3)));
      learnt.set(Optional.of(new Learnt(matcher.group(1), keys)));
    } else if (!known.get().salt().equals(matcher.group(1))) {
      throw new BenchException(
          "the salt of user " + target.user() + " changes from login to login",
          "give the peer the user's SCRAM verifier instead of the password");
    }
  }
}
