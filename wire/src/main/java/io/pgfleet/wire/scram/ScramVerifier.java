package io.pgfleet.wire.scram;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server keeps of a password: enough to check a login, not enough to make one. Its text form
 * is that of {@code pg_authid.rolpassword}: {@code SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY}
 * (PostgreSQL manual, 'pg_authid').
 *
 * @param iterations rounds of PBKDF2
 */
public record ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
  /** PostgreSQL's own, the default of its setting scram_iterations. */
  public static final int DEFAULT_ITERATIONS = 4096;

  private static final int SALT_LENGTH = 16;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern TEXT =
      Pattern.compile("SCRAM-SHA-256\\$(\\d{1,9}):([^$]+)\\$([^:]+):(.+)");

  public ScramVerifier {
    if (iterations < 1
        || storedKey.length != ScramMath.KEY_LENGTH
        || serverKey.length != ScramMath.KEY_LENGTH) {
      throw new IllegalArgumentException("not a SCRAM-SHA-256 verifier");
    }
    salt = salt.clone();
    storedKey = storedKey.clone();
    serverKey = serverKey.clone();
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if the text has another form; the message does not repeat it
   */
  public static ScramVerifier parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("not a SCRAM-SHA-256 verifier");
    }
    Base64.Decoder base64 = Base64.getDecoder();
    return new ScramVerifier(
        Integer.parseInt(parts.group(1)),
        base64.decode(parts.group(2)),
        base64.decode(parts.group(3)),
        base64.decode(parts.group(4)));
  }

  /** The verifier of a password, as PostgreSQL would store it. */
  public static ScramVerifier of(String password, byte[] salt, int iterations) {
    byte[] salted = ScramMath.saltedPassword(password, salt, iterations);
    return new ScramVerifier(
        iterations,
        salt,
        ScramMath.sha256(ScramMath.clientKey(salted)),
        ScramMath.serverKey(salted));
  }

  /** A verifier of a password with a new salt. */
  public static ScramVerifier fresh(String password) {
    byte[] salt = new byte[SALT_LENGTH];
    RANDOM.nextBytes(salt);
    return of(password, salt, DEFAULT_ITERATIONS);
  }

  /** The text form, which PostgreSQL takes in {@code CREATE ROLE ... PASSWORD}. */
  public String text() {
    Base64.Encoder base64 = Base64.getEncoder();
    return "SCRAM-SHA-256$"
        + iterations
        + ":"
        + base64.encodeToString(salt)
        + "$"
        + base64.encodeToString(storedKey)
        + ":"
        + base64.encodeToString(serverKey);
  }

  @Override
  public byte[] salt() {
    return salt.clone();
  }

  @Override
  public byte[] storedKey() {
    return storedKey.clone();
  }

  @Override
  public byte[] serverKey() {
    return serverKey.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ScramVerifier that
        && iterations == that.iterations
        && Arrays.equals(salt, that.salt)
        && Arrays.equals(storedKey, that.storedKey)
        && Arrays.equals(serverKey, that.serverKey);
  }

  @Override
  public int hashCode() {
    return Objects.hash(iterations, Arrays.hashCode(salt), Arrays.hashCode(storedKey));
  }

  /** Names nothing that would help an attacker who reads a log. */
  @Override
  public String toString() {
    return "ScramVerifier[iterations=" + iterations + "]";
  }
}
