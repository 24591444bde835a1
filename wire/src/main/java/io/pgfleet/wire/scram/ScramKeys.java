package io.pgfleet.wire.scram;

import java.security.MessageDigest;
import java.util.Optional;

/**
 * The two keys behind a verifier. Whoever holds them can log in as the user wherever the same
 * verifier (same salt, same iterations) is stored, which is how the gateway opens a server
 * connection for a client it has just checked without ever knowing the password.
 */
public record ScramKeys(byte[] clientKey, byte[] serverKey) {
  public ScramKeys {
    clientKey = clientKey.clone();
    serverKey = serverKey.clone();
  }

  /** The keys of a password under a verifier's salt and iterations, so that they are made once. */
  public static ScramKeys of(String password, byte[] salt, int iterations) {
    byte[] salted = ScramMath.saltedPassword(password, salt, iterations);
    return new ScramKeys(ScramMath.clientKey(salted), ScramMath.serverKey(salted));
  }

  /**
   * The keys of a password for a verifier; empty if it is another password. Takes as many rounds of
   * hashing as the verifier says: milliseconds.
   */
  public static Optional<ScramKeys> of(String password, ScramVerifier verifier) {
    ScramKeys keys = of(password, verifier.salt(), verifier.iterations());
    return MessageDigest.isEqual(ScramMath.sha256(keys.clientKey), verifier.storedKey())
        ? Optional.of(keys)
        : Optional.empty();
  }

  @Override
  public byte[] clientKey() {
    return clientKey.clone();
  }

  @Override
  public byte[] serverKey() {
    return serverKey.clone();
  }

  @Override
  public String toString() {
    return "ScramKeys[secret]";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScramKeys that
        && MessageDigest.isEqual(clientKey, that.clientKey)
        && MessageDigest.isEqual(serverKey, that.serverKey);
  }

  @Override
  public int hashCode() {
    return java.util.Arrays.hashCode(serverKey);
  }
}
