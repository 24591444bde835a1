package io.pgfleet.backup.sealed;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.util.SecretBytes;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * The keys that a repository's objects are encrypted with, by AES-256-GCM: the newest for what is
 * put, all of them for what is read. They lie in the repository themselves, encrypted with the
 * user's key (envelope encryption), so that the user's key can be changed without writing one
 * object anew, and a new key for objects leaves the old ones readable.
 */
public final class Keyring {
  private static final byte[] PURPOSE = "pgfleet repository keys".getBytes(StandardCharsets.UTF_8);

  static {
    try {
      AeadConfig.register();
    } catch (GeneralSecurityException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final KeysetHandle keys;
  private final ObjectCipher cipher;

  private Keyring(KeysetHandle keys) throws GeneralSecurityException {
    this.keys = keys;
    this.cipher = new ObjectCipher(keys);
  }

  /** A keyring with one new key. */
  public static Keyring create() {
    try {
      return new Keyring(
          KeysetHandle.generateNew(
              PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What {@link #wrapped} gave.
   *
   * @throws BackupException if the user's key is not the one it was encrypted with
   */
  public static Keyring unwrap(byte[] wrapped, UserKey key) {
    try {
      return new Keyring(
          TinkProtoKeysetFormat.parseEncryptedKeyset(
              wrapped, cipher(key), PURPOSE, RegistryConfiguration.get()));
    } catch (GeneralSecurityException e) {
      throw new BackupException(
          Kind.KEY,
          "The key from " + key.source() + " does not open this repository.",
          "Give the key that the repository was made with, or that it was changed to last.",
          e);
    }
  }

  /** The keyring, encrypted with the user's key. */
  public byte[] wrapped(UserKey key) {
    try {
      return TinkProtoKeysetFormat.serializeEncryptedKeyset(
          keys, cipher(key), PURPOSE, RegistryConfiguration.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same with a new key for all that is put from now on. */
  public Keyring withNewKey() {
    try {
      return new Keyring(
          KeysetHandle.newBuilder(keys)
              .addEntry(
                  KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                      .withRandomId()
                      .makePrimary())
              .build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Whether every key of another ring is in this one, so that what that one reads this one does.
   */
  public boolean includes(Keyring other) {
    for (int i = 0; i < other.keys.size(); i++) {
      if (!has(other.keys.getAt(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean has(KeysetHandle.Entry wanted) {
    for (int i = 0; i < keys.size(); i++) {
      KeysetHandle.Entry entry = keys.getAt(i);
      if (entry.getId() == wanted.getId() && entry.getKey().equalsKey(wanted.getKey())) {
        return true;
      }
    }
    return false;
  }

  @AccessesPartialKey
  private static Aead cipher(UserKey key) throws GeneralSecurityException {
    AesGcmParameters parameters =
        AesGcmParameters.builder()
            .setKeySizeBytes(UserKey.BYTES)
            .setIvSizeBytes(12)
            .setTagSizeBytes(16)
            .setVariant(AesGcmParameters.Variant.NO_PREFIX)
            .build();
    AesGcmKey secret =
        AesGcmKey.builder()
            .setParameters(parameters)
            .setKeyBytes(SecretBytes.copyFrom(key.bytes(), InsecureSecretKeyAccess.get()))
            .build();
    return KeysetHandle.newBuilder()
        .addEntry(KeysetHandle.importKey(secret).withRandomId().makePrimary())
        .build()
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  /** What encrypts objects with these keys. */
  ObjectCipher cipher() {
    return cipher;
  }
}
