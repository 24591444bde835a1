package io.pgfleet.gateway.login;

import io.pgfleet.wire.scram.ScramVerifier;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL keeps of a password. */
public sealed interface Secret {
  /** Nothing that a password could be checked against. */
  record None() implements Secret {}

  /** A verifier of SCRAM-SHA-256. */
  record Scram(ScramVerifier verifier) implements Secret {}

  /** A hash by MD5 of password and user. */
  record Md5(Md5Hash hash) implements Secret {}

  /** Reads {@code pg_authid.rolpassword}. */
  static Secret parse(@Nullable String text) {
    if (text == null) {
      return new None();
    }
    try {
      return text.startsWith("md5")
          ? new Md5(Md5Hash.parse(text))
          : new Scram(ScramVerifier.parse(text));
    } catch (IllegalArgumentException e) {
      return new None();
    }
  }
}
