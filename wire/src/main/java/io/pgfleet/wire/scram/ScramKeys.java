package io.pgfleet.wire.scram;

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
        && java.security.MessageDigest.isEqual(clientKey, that.clientKey)
        && java.security.MessageDigest.isEqual(serverKey, that.serverKey);
  }

  @Override
  public int hashCode() {
    return java.util.Arrays.hashCode(serverKey);
  }
}
