package io.pgfleet.backup.sealed;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The form of every object in a repository. A reader needs nothing but the key:
 *
 * <pre>
 * bytes  what
 * 8      PGFLEETO
 * 1      the version of this form, 2
 * 1      how the content is kept: 1 compressed by zstd, 2 encrypted, 3 compressed, then encrypted
 * ...    the content
 * 32     SHA-256 of all bytes before
 * </pre>
 *
 * An encrypted object is bound to the ten bytes before its content and to its name (both are the
 * associated data of AES-GCM), so that one can't take another's place, nor be read in another way
 * than it was written. Nothing of an object is decoded before its checksum was found right.
 *
 * <p>Objects are large beside the memory of a small machine, so each is made in one buffer: the
 * content is compressed to its place, and encrypted there.
 */
public final class Seal {
  private static final byte[] MAGIC = "PGFLEETO".getBytes(StandardCharsets.US_ASCII);
  private static final byte VERSION = 2;
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
    ByteBuffer sealed = close(name, content, length, new byte[room(length)]);
    byte[] exact = new byte[sealed.remaining()];
    sealed.get(exact);
    return exact;
  }

  /** How long a buffer must be for the object of any content of that length. */
  public int room(int length) {
    return Math.toIntExact(
        HEADER + ObjectCipher.BEFORE + Zstd.compressBound(length) + ObjectCipher.AFTER + CHECKSUM);
  }

  /**
   * The object that holds the first bytes of a content, in the first bytes of a buffer.
   *
   * @param buffer of {@link #room}, whose bytes are lost
   */
  public ByteBuffer close(String name, byte[] content, int length, byte[] buffer) {
    System.arraycopy(MAGIC, 0, buffer, 0, MAGIC.length);
    buffer[MAGIC.length] = VERSION;
    buffer[MAGIC.length + 1] = (byte) (COMPRESSED | (keys.isPresent() ? ENCRYPTED : 0));
    int before = keys.isPresent() ? ObjectCipher.BEFORE : 0;
    int at = HEADER + before;
    long size =
        Zstd.compressByteArray(buffer, at, buffer.length - at, content, 0, length, level, false);
    if (Zstd.isError(size)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
    }
    int end = at + (int) size;
    if (keys.isPresent()) {
      end = keys.get().cipher().encrypt(bound(buffer, name), buffer, HEADER, (int) size);
    }
    checksum(buffer, end, buffer, end);
    return ByteBuffer.wrap(buffer, 0, end + CHECKSUM);
  }

  private static byte[] bound(byte[] sealed, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HEADER + text.length).put(sealed, 0, HEADER).put(text).array();
  }

  /** The checksum at the end of an object, in hexadecimal digits. */
  public static String checksum(ByteBuffer sealed) {
    byte[] sum = new byte[CHECKSUM];
    sealed.get(sealed.limit() - CHECKSUM, sum);
    return HexFormat.of().formatHex(sum);
  }

  /**
   * Whether an object seems to be encrypted with a key that is not in the ring: with one that came
   * to the ring since it was read, or it is damaged.
   */
  public boolean lacksKey(byte[] sealed) {
    return keys.isPresent()
        && sealed.length >= HEADER + ObjectCipher.BEFORE
        && (sealed[MAGIC.length + 1] & ENCRYPTED) != 0
        && !keys.get().cipher().knows(sealed, HEADER);
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
    if (keys.isPresent() && (kind & ENCRYPTED) == 0) {
      // Whoever may write to the store could put what he likes without the key.
      throw damaged(name, "it is not encrypted, and every object of this repository is");
    }
    ByteBuffer kept = ByteBuffer.wrap(sealed, HEADER, sealed.length - HEADER - CHECKSUM);
    if ((kind & ENCRYPTED) != 0) {
      kept = ByteBuffer.wrap(decrypted(name, bound(sealed, name), kept));
    }
    if ((kind & COMPRESSED) != 0) {
      return decompressed(name, kept);
    }
    byte[] content = new byte[kept.remaining()];
    kept.get(content);
    return content;
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
    byte[] sum = new byte[CHECKSUM];
    checksum(sealed, end, sum, 0);
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
              + " of its form; this program reads version "
              + VERSION
              + ".",
          "Use the program that wrote it, or a newer one.");
    }
    int kind = sealed[MAGIC.length + 1];
    if ((kind & ~(COMPRESSED | ENCRYPTED)) != 0) {
      throw damaged(name, "it is kept in an unknown way");
    }
  }

  private byte[] decrypted(String name, byte[] bound, ByteBuffer secret) {
    if (keys.isEmpty()) {
      throw new BackupException(
          Kind.KEY,
          "The object " + name + " is encrypted, and there is no key.",
          "Say in fleet.yaml where the repository's key is.");
    }
    try {
      return keys.get().cipher().decrypt(bound, secret);
    } catch (GeneralSecurityException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object " + name + " was not encrypted by this repository under this name.",
          "Somebody has put it there, or renamed it. Look at who may write to the repository.",
          e);
    }
  }

  private static byte[] decompressed(String name, ByteBuffer packed) {
    byte[] array = packed.array();
    int at = packed.arrayOffset() + packed.position();
    int length = packed.remaining();
    try {
      long size = Zstd.getFrameContentSize(array, at, length);
      if (size < 0 || size > ObjectStore.LARGEST) {
        throw damaged(name, "its content has no size that it could have");
      }
      byte[] content = new byte[(int) size];
      long read = Zstd.decompressByteArray(content, 0, content.length, array, at, length);
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

  /** Puts the checksum of the first bytes into a place. */
  private static void checksum(byte[] bytes, int length, byte[] into, int at) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      digest.digest(into, at, CHECKSUM);
    } catch (NoSuchAlgorithmException | DigestException e) {
      throw new IllegalStateException(e);
    }
  }
}
