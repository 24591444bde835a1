package io.pgfleet.gateway.login;

import io.pgfleet.wire.scram.ScramKeys;
import io.pgfleet.wire.scram.ScramVerifier;
import java.util.Optional;

/** What the gateway opens server connections with, in the name of a user. */
public sealed interface Credentials {
  /** For a server that asks for SCRAM-SHA-256. */
  record Scram(ScramKeys keys) implements Credentials {}

  /** For a server that asks for md5. */
  record Md5(Md5Hash hash) implements Credentials {}

  /** Nothing: the server must not ask. */
  record None() implements Credentials {}

  /** Those of a password, if it is the right one. Takes milliseconds for SCRAM. */
  static Optional<Credentials> of(String password, String user, Secret secret) {
    return switch (secret) {
      case Secret.None _ -> Optional.empty();
      case Secret.Scram(ScramVerifier verifier) ->
          ScramKeys.of(password, verifier).map(Credentials.Scram::new);
      case Secret.Md5(Md5Hash hash) ->
          hash.isOf(password, user) ? Optional.of(new Md5(hash)) : Optional.empty();
    };
  }

  /** The same for what a file of user secrets holds: a password, or its hash by MD5. */
  static Optional<Credentials> ofSecret(String text, String user, Secret secret) {
    try {
      return Optional.of(new Md5(Md5Hash.parse(text)));
    } catch (IllegalArgumentException e) {
      // without a verifier to be seen, the server may still take the password by md5
      return secret instanceof Secret.None
          ? Optional.of(new Md5(Md5Hash.of(text, user)))
          : of(text, user, secret);
    }
  }
}
