package io.pgfleet.wire.scram;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of one login: {@link #first} answers the client's first message, {@link
 * #finish} its last.
 *
 * <p>For a user that does not exist, give it a verifier made from a secret of the process and the
 * user's name ({@link #mock}), so that the answer tells an attacker nothing.
 */
public final class ScramServer {
  private final ScramVerifier verifier;
  private final Optional<EndPoint> endPoint;
  private final String nonce;
  private byte[] bindingData = {};
  private @Nullable String gs2Header;
  private @Nullable String clientFirstBare;
  private @Nullable String serverFirst;
  private @Nullable String fullNonce;

  /** A login without TLS. */
  public ScramServer(ScramVerifier verifier) {
    this(verifier, Optional.empty());
  }

  /**
   * A login that may be bound to the channel.
   *
   * @param endPoint of the certificate shown to the client; if present, channel binding is offered
   */
  public ScramServer(ScramVerifier verifier, Optional<EndPoint> endPoint) {
    this.verifier = verifier;
    this.endPoint = endPoint;
    this.nonce = ScramClient.newNonce();
  }

  /** The mechanisms to offer, the best first. */
  public List<String> mechanisms() {
    return endPoint.isPresent()
        ? List.of(ScramClient.MECHANISM_PLUS, ScramClient.MECHANISM)
        : List.of(ScramClient.MECHANISM);
  }

  /** The end of a login that succeeded: what to send, and what was learnt. */
  public record Success(String serverFinal, ScramKeys keys) {}

  /**
   * A verifier that nothing can satisfy, always the same for one name (RFC 5802 section 9 on
   * guessing which users exist; PostgreSQL's mock authentication does likewise).
   */
  public static ScramVerifier mock(byte[] secret, String userName) {
    return mock(secret, userName, ScramVerifier.DEFAULT_ITERATIONS);
  }

  /** The same with the number of rounds that other users' verifiers have. */
  public static ScramVerifier mock(byte[] secret, String userName, int iterations) {
    byte[] salt = java.util.Arrays.copyOf(ScramMath.hmac(secret, "salt " + userName), 16);
    byte[] key = ScramMath.hmac(secret, "key " + userName);
    return new ScramVerifier(iterations, salt, key, ScramMath.sha256(key));
  }

  /** The same for the mechanism without channel binding. */
  public String first(String clientFirst) throws ScramException {
    return first(ScramClient.MECHANISM, clientFirst);
  }

  /**
   * The server-first-message for a client-first-message.
   *
   * @param mechanism that the client chose
   * @throws ScramException if the message is malformed, does not fit the mechanism, or shows that
   *     the offer of channel binding did not reach the client
   */
  public String first(String mechanism, String clientFirst) throws ScramException {
    int gs2End = clientFirst.indexOf(',', clientFirst.indexOf(',') + 1);
    if (gs2End < 0) {
      throw new ScramException("malformed SCRAM message");
    }
    String header = clientFirst.substring(0, gs2End + 1);
    bindingData = bound(mechanism, header);
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

  /** What the client's last message must repeat besides the header (RFC 5802 section 6). */
  private byte[] bound(String mechanism, String header) throws ScramException {
    if (mechanism.equals(ScramClient.MECHANISM_PLUS) && endPoint.isPresent()) {
      if (!header.startsWith("p=" + EndPoint.TYPE + ",")) {
        throw new ScramException(
            "the client chose channel binding, but did not bind to " + EndPoint.TYPE);
      }
      return endPoint.get().hash();
    }
    if (!mechanism.equals(ScramClient.MECHANISM)) {
      throw new ScramException("the client chose a mechanism that was not offered");
    }
    if (header.startsWith("y,") && endPoint.isPresent()) {
      throw new ScramException(
          "the client can do channel binding and was told that the server can't,"
              + " but it was offered: somebody may have come between");
    }
    if (!header.startsWith("n,") && !header.startsWith("y,")) {
      throw new ScramException("channel binding in a mechanism without it");
    }
    return new byte[0];
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
    if (!MessageDigest.isEqual(message.requiredBytes('c'), ScramMath.joined(header, bindingData))) {
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
