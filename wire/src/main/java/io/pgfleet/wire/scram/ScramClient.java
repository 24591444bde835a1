package io.pgfleet.wire.scram;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one login: {@link #first}, then {@link #respond} to the server's first
 * message, then {@link #verify} its last. It is bound to the channel if {@link #binding} was called
 * before.
 */
public final class ScramClient {
  /** The mechanism's name in AuthenticationSASL. */
  public static final String MECHANISM = "SCRAM-SHA-256";

  /** The name with channel binding. */
  public static final String MECHANISM_PLUS = "SCRAM-SHA-256-PLUS";

  private static final int MAX_ITERATIONS = 10_000_000;

  private final @Nullable String password;
  private final @Nullable ScramKeys keys;
  private final String nonce;
  private @Nullable String authMessage;
  private byte[] serverKey = {};
  private String gs2Header = "n,,";
  private byte[] bindingData = {};

  private ScramClient(@Nullable String password, @Nullable ScramKeys keys) {
    this.password = password;
    this.keys = keys;
    this.nonce = newNonce();
  }

  /** A login with a password. */
  public static ScramClient withPassword(String password) {
    return new ScramClient(password, null);
  }

  /** A login with keys seen at another login of the same user. */
  public static ScramClient withKeys(ScramKeys keys) {
    return new ScramClient(null, keys);
  }

  /**
   * Names the channel, which is under TLS.
   *
   * @param endPoint of the server's certificate
   * @param offered whether the server offers the mechanism with channel binding; if not, it is told
   *     that this side could, so that it finds out if somebody took the offer away
   */
  public ScramClient binding(EndPoint endPoint, boolean offered) {
    gs2Header = offered ? "p=" + EndPoint.TYPE + ",," : "y,,";
    bindingData = offered ? endPoint.hash() : new byte[0];
    return this;
  }

  /** The name of the mechanism, with channel binding or without. */
  public String mechanism() {
    return gs2Header.startsWith("p") ? MECHANISM_PLUS : MECHANISM;
  }

  static String newNonce() {
    byte[] random = new byte[18];
    new SecureRandom().nextBytes(random);
    return Base64.getEncoder().encodeToString(random);
  }

  /** client-first-message. PostgreSQL takes the user from the start-up packet, so it is empty. */
  public String first() {
    return gs2Header + firstBare();
  }

  private String firstBare() {
    return "n=,r=" + nonce;
  }

  /**
   * The client-final-message for a server-first-message.
   *
   * @throws ScramException if the message is malformed or its nonce does not begin with ours
   */
  public String respond(String serverFirst) throws ScramException {
    ScramMessage message = ScramMessage.parse(serverFirst);
    String fullNonce = message.required('r');
    if (!fullNonce.startsWith(nonce) || fullNonce.length() == nonce.length()) {
      throw new ScramException("the server's nonce does not continue ours");
    }
    ScramKeys used = keys;
    if (used == null) {
      int iterations = message.requiredInt('i');
      if (iterations < 1 || iterations > MAX_ITERATIONS) {
        throw new ScramException("the server asks for " + iterations + " iterations");
      }
      byte[] salted =
          ScramMath.saltedPassword(
              java.util.Objects.requireNonNull(password), message.requiredBytes('s'), iterations);
      used = new ScramKeys(ScramMath.clientKey(salted), ScramMath.serverKey(salted));
    }
    String withoutProof =
        "c="
            + Base64.getEncoder().encodeToString(ScramMath.joined(gs2Header, bindingData))
            + ",r="
            + fullNonce;
    String auth = firstBare() + "," + serverFirst + "," + withoutProof;
    authMessage = auth;
    serverKey = used.serverKey();
    byte[] clientKey = used.clientKey();
    byte[] signature = ScramMath.hmac(ScramMath.sha256(clientKey), auth);
    byte[] proof = ScramMath.xor(clientKey, signature);
    return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
  }

  /**
   * Checks the server-final-message, which proves that the server knew the verifier.
   *
   * @throws ScramException if it did not
   */
  public void verify(String serverFinal) throws ScramException {
    if (authMessage == null) {
      throw new ScramException("the server ended the login before it began");
    }
    byte[] signature = ScramMessage.parse(serverFinal).requiredBytes('v');
    if (!MessageDigest.isEqual(signature, ScramMath.hmac(serverKey, authMessage))) {
      throw new ScramException("the server could not prove that it knows the password");
    }
  }
}
