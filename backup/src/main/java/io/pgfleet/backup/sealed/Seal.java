package io.pgfleet.backup.sealed;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The form of every object in a repository. A reader needs nothing but the key:
 *
 * <pre>
 * bytes  what
 * 8      PGFLEETO
 * 1      the version of this form, 1
 * 1      how the content is kept: 1 compressed by zstd, 2 encrypted, 3 compressed, then encrypted
 * ...    the content
 * 32     SHA-256 of all bytes before
 * </pre>
 *
 * An encrypted object is bound to its name, so that one can't take another's place. Nothing of an
 * object is decoded before its checksum was found right.
 */
public final class Seal {
  private static final byte[] MAGIC = "PGFLEETO".getBytes(StandardCharsets.US_ASCII);
  private static final byte VERSION = 1;
  private static final int COMPRESSED = 1;
  private static final int ENCRYPTED = 2;
  private static final int HEADER = MAGIC.length + 2;
  private static final int CHECKSUM = 32;

  private final Optional<Keyring> keys;
  private final int level;

  /**
   * A seal that is put on and taken off.
   *
   * @param keys to encrypt with; none to leave objects readable to everybody
   * @param level of zstd, from 1, which is fast, to 19
   */
  public Seal(Optional<Keyring> keys, int level) {
    this.keys = keys;
    this.level = level;
  }

  /** The object that holds this content. */
  public byte[] close(String name, byte[] content) {
    return close(name, content, content.length);
  }

  /** The same of the first bytes. */
  public byte[] close(String name, byte[] content, int length) {
    byte[] packed = new byte[Math.toIntExact(Zstd.compressBound(length))];
    long size = Zstd.compressByteArray(packed, 0, packed.length, content, 0, length, level, false);
    if (Zstd.isError(size)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
    }
    byte[] kept = Arrays.copyOf(packed, (int) size);
    if (keys.isPresent()) {
      kept = keys.get().encrypt(name, kept);
    }
    byte[] sealed = Arrays.copyOf(MAGIC, HEADER + kept.length + CHECKSUM);
    sealed[MAGIC.length] = VERSION;
    sealed[MAGIC.length + 1] = (byte) (COMPRESSED | (keys.isPresent() ? ENCRYPTED : 0));
    System.arraycopy(kept, 0, sealed, HEADER, kept.length);
    System.arraycopy(
        checksum(sealed, HEADER + kept.length), 0, sealed, HEADER + kept.length, CHECKSUM);
    return sealed;
  }

  /**
   * The content of an object.
   *
   * @throws BackupException if it is not what {@link #close} made under this name, or its key is
   *     not here
   */
  public byte[] open(String name, byte[] sealed) {
    requireWhole(name, sealed);
    int kind = sealed[MAGIC.length + 1];
    byte[] kept = Arrays.copyOfRange(sealed, HEADER, sealed.length - CHECKSUM);
    if (keys.isPresent() && (kind & ENCRYPTED) == 0) {
      // Whoever may write to the store could put what he likes without the key.
      throw damaged(name, "it is not encrypted, and every object of this repository is");
    }
    if ((kind & ENCRYPTED) != 0) {
      kept = decrypted(name, kept);
    }
    return (kind & COMPRESSED) != 0 ? decompressed(name, kept) : kept;
  }

  /**
   * Looks whether an object is as it was written, which needs no key.
   *
   * @throws BackupException if it is not
   */
  public static void requireWhole(String name, byte[] sealed) {
    if (sealed.length < HEADER + CHECKSUM
        || !Arrays.equals(sealed, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw damaged(name, "it does not begin as an object does");
    }
    int end = sealed.length - CHECKSUM;
    byte[] sum = checksum(sealed, end);
    if (!Arrays.equals(sealed, end, sealed.length, sum, 0, CHECKSUM)) {
      throw damaged(name, "its checksum is wrong");
    }
    if (sealed[MAGIC.length] != VERSION) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object "
              + name
              + " has version "
              + sealed[MAGIC.length]
              + " of its form; this program reads version 1.",
          "Use the program that wrote it, or a newer one.");
    }
    int kind = sealed[MAGIC.length + 1];
    if ((kind & ~(COMPRESSED | ENCRYPTED)) != 0) {
      throw damaged(name, "it is kept in an unknown way");
    }
  }

  private byte[] decrypted(String name, byte[] secret) {
    if (keys.isEmpty()) {
      throw new BackupException(
          Kind.KEY,
          "The object " + name + " is encrypted, and there is no key.",
          "Say in fleet.yaml where the repository's key is.");
    }
    try {
      return keys.get().decrypt(name, secret);
    } catch (GeneralSecurityException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object " + name + " was not encrypted by this repository under this name.",
          "Somebody has put it there, or renamed it. Look at who may write to the repository.",
          e);
    }
  }

  private static byte[] decompressed(String name, byte[] packed) {
    try {
      long size = Zstd.getFrameContentSize(packed);
      if (size < 0 || size > ObjectStore.LARGEST) {
        throw damaged(name, "its content has no size that it could have");
      }
      byte[] content = new byte[(int) size];
      long read = Zstd.decompressByteArray(content, 0, content.length, packed, 0, packed.length);
      if (Zstd.isError(read) || read != size) {
        throw damaged(name, "its content can't be decompressed");
      }
      return content;
    } catch (ZstdException e) {
      throw damaged(name, "its content can't be decompressed: " + e.getMessage());
    }
  }

  private static BackupException damaged(String name, String how) {
    return new BackupException(
        Kind.DAMAGED,
        "The object " + name + " is damaged: " + how + ".",
        "'pgfleet backup verify' lists what else is, and which backups can still be restored.");
  }

  private static byte[] checksum(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
