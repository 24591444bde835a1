package io.pgfleet.backup.sealed;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AesGcmKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts objects with the keys of a ring, in the form in which Tink's Aead does (Tink, 'Wire
 * Format'): five bytes that name the key, a random nonce of 12, the secret, a tag of 16. Tink's own
 * takes and gives whole arrays, and a backup has many megabytes in work at once; here what is
 * secret takes the place of what was plain.
 */
final class ObjectCipher {
  private static final int PREFIX = 5;
  private static final int NONCE = 12;
  private static final int TAG = 16;

  /** The bytes that come before what is encrypted. */
  static final int BEFORE = PREFIX + NONCE;

  /** The bytes that come behind it. */
  static final int AFTER = TAG;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Map<ByteBuffer, SecretKey> keys = new HashMap<>();
  private final byte[] newest;

  @AccessesPartialKey
  ObjectCipher(KeysetHandle ring) throws GeneralSecurityException {
    for (int i = 0; i < ring.size(); i++) {
      AesGcmKey key = key(ring.getAt(i).getKey());
      keys.put(
          ByteBuffer.wrap(prefix(key)),
          new SecretKeySpec(key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get()), "AES"));
    }
    this.newest = prefix(key(ring.getPrimary().getKey()));
  }

  private static AesGcmKey key(Key key) throws GeneralSecurityException {
    if (key instanceof AesGcmKey fitting && fitting.getOutputPrefix().size() == PREFIX) {
      return fitting;
    }
    throw new GeneralSecurityException("the keyring has a key of another kind");
  }

  private static byte[] prefix(AesGcmKey key) {
    return key.getOutputPrefix().toByteArray();
  }

  /**
   * Encrypts what lies in a buffer {@link #BEFORE} bytes behind a place, so that it begins there.
   *
   * @param bound what the secret can be read with only
   * @return where it ends
   */
  int encrypt(byte[] bound, byte[] buffer, int at, int length) {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    System.arraycopy(newest, 0, buffer, at, PREFIX);
    System.arraycopy(nonce, 0, buffer, at + PREFIX, NONCE);
    int begin = at + BEFORE;
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys.get(ByteBuffer.wrap(newest)), nonce, bound);
      return begin + cipher.doFinal(buffer, begin, length, buffer, begin);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the key that a secret names, which begins at a place, is one of this ring. */
  boolean knows(byte[] array, int at) {
    return keys.containsKey(ByteBuffer.wrap(array, at, PREFIX));
  }

  /**
   * What was encrypted.
   *
   * @throws GeneralSecurityException if it was bound to something else, or by no key of this ring
   */
  byte[] decrypt(byte[] bound, ByteBuffer secret) throws GeneralSecurityException {
    if (secret.remaining() < BEFORE + AFTER) {
      throw new GeneralSecurityException("too short");
    }
    byte[] array = secret.array();
    int at = secret.arrayOffset() + secret.position();
    byte[] nonce = Arrays.copyOfRange(array, at + PREFIX, at + BEFORE);
    SecretKey key = keys.get(ByteBuffer.wrap(array, at, PREFIX));
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, bound);
    byte[] plain = new byte[secret.remaining() - BEFORE - AFTER];
    int length = cipher.doFinal(array, at + BEFORE, secret.remaining() - BEFORE, plain, 0);
    if (length != plain.length) {
      throw new GeneralSecurityException("it has another length");
    }
    return plain;
  }

  private static Cipher cipher(int mode, @Nullable SecretKey key, byte[] nonce, byte[] bound)
      throws GeneralSecurityException {
    if (key == null) {
      throw new GeneralSecurityException("no key of this ring");
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
    cipher.updateAAD(bound);
    return cipher;
  }
}
