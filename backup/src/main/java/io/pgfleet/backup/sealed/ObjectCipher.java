package io.pgfleet.backup.sealed;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AesGcmKey;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
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
  int encrypt(byte[] bound, ByteBuffer buffer, int at, int length) {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    int begin = at + BEFORE;
    ByteBuffer plain = buffer.duplicate().position(begin).limit(begin + length);
    ByteBuffer secret = buffer.duplicate().position(at).put(newest).put(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, keys.get(ByteBuffer.wrap(newest)), nonce, bound);
      return begin + cipher.doFinal(plain, secret);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the key that a secret names, which begins at a place, is one of this ring. */
  boolean knows(ByteBuffer buffer, int at) {
    return keys.containsKey(buffer.slice(at, PREFIX));
  }

  /**
   * Decrypts.
   *
   * @param into where it goes, which for memory outside of the heap may be where the secret is
   * @return what was encrypted
   * @throws GeneralSecurityException if it was bound to something else, or by no key of this ring
   */
  ByteBuffer decrypt(byte[] bound, ByteBuffer secret, ByteBuffer into)
      throws GeneralSecurityException {
    if (secret.remaining() < BEFORE + AFTER) {
      throw new GeneralSecurityException("too short");
    }
    byte[] prefix = new byte[PREFIX];
    byte[] nonce = new byte[NONCE];
    ByteBuffer rest = secret.duplicate().get(prefix).get(nonce);
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, keys.get(ByteBuffer.wrap(prefix)), nonce, bound);
    ByteBuffer plain = into.duplicate();
    cipher.doFinal(rest, plain);
    return plain.limit(plain.position()).position(into.position());
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
