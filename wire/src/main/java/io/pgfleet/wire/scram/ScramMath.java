package io.pgfleet.wire.scram;

import com.ongres.saslprep.SASLprep;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The functions of RFC 5802 section 3 over SHA-256, under their names there. */
final class ScramMath {
  static final int KEY_LENGTH = 32;

  private ScramMath() {}

  /**
   * Hi(Normalize(password), salt, i). A password that SASLprep refuses is used as its bytes, as
   * PostgreSQL does (manual, 'SCRAM-SHA-256 Authentication').
   */
  static byte[] saltedPassword(String password, byte[] salt, int iterations) {
    byte[] key = normalize(password).getBytes(StandardCharsets.UTF_8);
    byte[] block = java.util.Arrays.copyOf(salt, salt.length + 4);
    block[block.length - 1] = 1;
    Mac mac = mac(key);
    byte[] round = mac.doFinal(block);
    byte[] result = round.clone();
    for (int i = 1; i < iterations; i++) {
      round = mac.doFinal(round);
      for (int b = 0; b < result.length; b++) {
        result[b] ^= round[b];
      }
    }
    return result;
  }

  private static String normalize(String password) {
    try {
      return new SASLprep().prepareStored(password);
    } catch (IllegalArgumentException refused) {
      return password;
    }
  }

  static byte[] clientKey(byte[] saltedPassword) {
    return hmac(saltedPassword, "Client Key");
  }

  static byte[] serverKey(byte[] saltedPassword) {
    return hmac(saltedPassword, "Server Key");
  }

  static byte[] hmac(byte[] key, String text) {
    return mac(key).doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The input of a channel binding: the GS2 header and the binding data. */
  static byte[] joined(String header, byte[] data) {
    byte[] first = header.getBytes(StandardCharsets.UTF_8);
    byte[] all = java.util.Arrays.copyOf(first, first.length + data.length);
    System.arraycopy(data, 0, all, first.length, data.length);
    return all;
  }

  static byte[] xor(byte[] left, byte[] right) {
    byte[] result = new byte[KEY_LENGTH];
    for (int i = 0; i < KEY_LENGTH; i++) {
      result[i] = (byte) (left[i] ^ right[i]);
    }
    return result;
  }

  private static Mac mac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      // HMAC pads a key with zeros, so one zero byte stands for the empty key that the JDK refuses.
      mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
