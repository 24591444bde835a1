package io.pgfleet.gateway.login;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A password as PostgreSQL's old md5 method keeps it: 32 hexadecimal digits of a hash of password
 * and user name (PostgreSQL manual, AuthenticationMD5Password). Whoever knows it can log in.
 */
public record Md5Hash(String digits) {
  private static final Pattern TEXT = Pattern.compile("md5[0-9a-f]{32}");
  private static final String PREFIX = "md5";

  /**
   * Reads {@code md5} and the digits.
   *
   * @throws IllegalArgumentException if the text has another form; the message does not repeat it
   */
  public static Md5Hash parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException("not an md5 hash");
    }
    return new Md5Hash(text.substring(PREFIX.length()));
  }

  /** The hash of a user's password. */
  public static Md5Hash of(String password, String user) {
    return new Md5Hash(hex((password + user).getBytes(StandardCharsets.UTF_8), new byte[0]));
  }

  /** What a client answers to a question with this salt. */
  public String answer(byte[] salt) {
    return PREFIX + hex(digits.getBytes(StandardCharsets.US_ASCII), salt);
  }

  /** Whether an answer is right, found out in the same time for any answer. */
  public boolean isAnswer(String answer, byte[] salt) {
    return MessageDigest.isEqual(
        answer.getBytes(StandardCharsets.UTF_8), answer(salt).getBytes(StandardCharsets.UTF_8));
  }

  /** Whether it is the hash of a user's password. */
  public boolean isOf(String password, String user) {
    return MessageDigest.isEqual(
        digits.getBytes(StandardCharsets.US_ASCII),
        of(password, user).digits().getBytes(StandardCharsets.US_ASCII));
  }

  private static String hex(byte[] first, byte[] second) {
    try {
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(first);
      md5.update(second);
      return HexFormat.of().formatHex(md5.digest());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /** Names nothing that would help an attacker who reads a log. */
  @Override
  public String toString() {
    return "Md5Hash[secret]";
  }
}
