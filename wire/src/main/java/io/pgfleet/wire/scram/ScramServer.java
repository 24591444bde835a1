package io.pgfleet.wire.scram;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one login, without channel binding: {@link #first} answers the client's
 * first message, {@link #finish} its last.
 *
 * <p>For a user that does not exist, give it a verifier made from a secret of the process and the
 * user's name ({@link #mock}), so that the answer tells an attacker nothing.
 */
public final class ScramServer {
  private final ScramVerifier verifier;
  private final String nonce;
  private @Nullable String gs2Header;
  private @Nullable String clientFirstBare;
  private @Nullable String serverFirst;
  private @Nullable String fullNonce;

  public ScramServer(ScramVerifier verifier) {
    this.verifier = verifier;
    this.nonce = ScramClient.newNonce();
  }

  /** The end of a login that succeeded: what to send, and what was learnt. */
  public record Success(String serverFinal, ScramKeys keys) {}

  /**
   * A verifier that nothing can satisfy, always the same for one name (RFC 5802 section 9 on
   * guessing which users exist; PostgreSQL's mock authentication does likewise).
   */
  public static ScramVerifier mock(byte[] secret, String userName) {
    byte[] salt = java.util.Arrays.copyOf(ScramMath.hmac(secret, "salt " + userName), 16);
    byte[] key = ScramMath.hmac(secret, "key " + userName);
    return new ScramVerifier(4096, salt, key, ScramMath.sha256(key));
  }

  /**
   * The server-first-message for a client-first-message.
   *
   * @throws ScramException if it is malformed or asks for channel binding
   */
  public String first(String clientFirst) throws ScramException {
    int gs2End = clientFirst.indexOf(',', clientFirst.indexOf(',') + 1);
    if (gs2End < 0) {
      throw new ScramException("malformed SCRAM message");
    }
    String header = clientFirst.substring(0, gs2End + 1);
    // 'y' says the client could bind and believes we cannot, which is so without TLS.
    if (!header.startsWith("n,") && !header.startsWith("y,")) {
      throw new ScramException("channel binding was asked for where none was offered");
    }
    String bare = clientFirst.substring(gs2End + 1);
    String clientNonce = ScramMessage.parse(bare).required('r');
    if (clientNonce.isEmpty()) {
      throw new ScramException("the client's nonce is empty");
    }
    String joined = clientNonce + nonce;
    String answer =
        "r="
            + joined
            + ",s="
            + Base64.getEncoder().encodeToString(verifier.salt())
            + ",i="
            + verifier.iterations();
    gs2Header = header;
    clientFirstBare = bare;
    fullNonce = joined;
    serverFirst = answer;
    return answer;
  }

  /**
   * Checks the client-final-message.
   *
   * @throws ScramException if the proof is wrong or the message malformed
   */
  public Success finish(String clientFinal) throws ScramException {
    String header = gs2Header;
    int proofAt = clientFinal.lastIndexOf(",p=");
    if (header == null || proofAt < 0) {
      throw new ScramException("malformed SCRAM message");
    }
    ScramMessage message = ScramMessage.parse(clientFinal);
    if (!message.required('r').equals(fullNonce)) {
      throw new ScramException("the client's nonce has changed");
    }
    if (!MessageDigest.isEqual(
        message.requiredBytes('c'), header.getBytes(StandardCharsets.UTF_8))) {
      throw new ScramException("the client's channel binding has changed");
    }
    byte[] proof = message.requiredBytes('p');
    if (proof.length != ScramMath.KEY_LENGTH) {
      throw new ScramException("malformed SCRAM proof");
    }
    String auth = clientFirstBare + "," + serverFirst + "," + clientFinal.substring(0, proofAt);
    byte[] clientKey = ScramMath.xor(proof, ScramMath.hmac(verifier.storedKey(), auth));
    if (!MessageDigest.isEqual(ScramMath.sha256(clientKey), verifier.storedKey())) {
      throw new ScramException("password authentication failed");
    }
    byte[] serverKey = verifier.serverKey();
    String serverFinal = "v=" + Base64.getEncoder().encodeToString(ScramMath.hmac(serverKey, auth));
    return new Success(serverFinal, new ScramKeys(clientKey, serverKey));
  }
}
