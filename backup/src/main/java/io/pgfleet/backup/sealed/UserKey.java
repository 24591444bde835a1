package io.pgfleet.backup.sealed;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** The key that the user keeps outside the repository: 32 bytes that open its keyring. */
public final class UserKey {
  /** How long it is. */
  public static final int BYTES = 32;

  private static final int HEX = 2 * BYTES;

  private final byte[] bytes;
  private final String source;

  private UserKey(byte[] bytes, String source) {
    this.bytes = bytes;
    this.source = source;
  }

  /**
   * A key as text: 64 hexadecimal digits, or the base64 of 32 bytes; white space around it does not
   * count.
   *
   * @param source where it is from, for messages
   * @throws BackupException if it is neither; the text is not shown
   */
  public static UserKey parse(String text, String source) {
    String stripped = text.strip();
    try {
      byte[] bytes =
          stripped.length() == HEX
              ? HexFormat.of().parseHex(stripped)
              : Base64.getDecoder().decode(stripped.getBytes(StandardCharsets.US_ASCII));
      if (bytes.length == BYTES) {
        return new UserKey(bytes, source);
      }
    } catch (IllegalArgumentException e) {
      // said below, without the text
    }
    throw new BackupException(
        Kind.KEY,
        "What "
            + source
            + " gave is no key: it must be 32 bytes, as 64 hexadecimal digits or base64.",
        "Make one with 'openssl rand -hex 32', and keep a copy where the servers are not.");
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, bytes.length);
  }

  /** Whether another is the same key, wherever it is from. */
  public boolean isSame(UserKey other) {
    return MessageDigest.isEqual(bytes, other.bytes);
  }

  /** Where it is from. */
  public String source() {
    return source;
  }

  /** Never the key. */
  @Override
  public String toString() {
    return "key from " + source;
  }
}
