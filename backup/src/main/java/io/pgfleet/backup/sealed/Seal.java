package io.pgfleet.backup.sealed;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.store.ObjectStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.IntFunction;

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
    ByteBuffer sealed =
        close(name, ByteBuffer.wrap(content), ByteBuffer.allocate(room(content.length)));
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
   * The object that holds what remains of a content, in the first bytes of a buffer.
   *
   * @param buffer of {@link #room}, whose bytes are lost; outside of the heap if the content is
   */
  public ByteBuffer close(String name, ByteBuffer content, ByteBuffer buffer) {
    boolean encrypt = keys.isPresent();
    byte[] header = new byte[HEADER];
    System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
    header[MAGIC.length] = VERSION;
    header[MAGIC.length + 1] = (byte) (COMPRESSED | (encrypt ? ENCRYPTED : 0));
    int at = HEADER + (encrypt ? ObjectCipher.BEFORE : 0);
    int size = compress(content.duplicate(), buffer.duplicate().clear().position(at));
    int end = at + size;
    buffer.clear().put(header);
    if (encrypt) {
      end = keys.get().cipher().encrypt(bound(header, name), buffer, HEADER, size);
    }
    buffer.put(end, digest(buffer.duplicate().position(0).limit(end)));
    return buffer.position(0).limit(end + CHECKSUM);
  }

  private int compress(ByteBuffer content, ByteBuffer into) {
    long size =
        content.isDirect()
            ? Zstd.compressDirectByteBuffer(
                into,
                into.position(),
                into.remaining(),
                content,
                content.position(),
                content.remaining(),
                level,
                false)
            : Zstd.compressByteArray(
                into.array(),
                into.arrayOffset() + into.position(),
                into.remaining(),
                content.array(),
                content.arrayOffset() + content.position(),
                content.remaining(),
                level,
                false);
    if (Zstd.isError(size)) {
      throw new IllegalStateException("zstd: " + Zstd.getErrorName(size));
    }
    return (int) size;
  }

  private static byte[] bound(byte[] header, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(HEADER + text.length).put(header).put(text).array();
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
  public boolean lacksKey(ByteBuffer sealed) {
    int begin = sealed.position();
    return keys.isPresent()
        && sealed.remaining() >= HEADER + ObjectCipher.BEFORE
        && (sealed.get(begin + MAGIC.length + 1) & ENCRYPTED) != 0
        && !keys.get().cipher().knows(sealed, begin + HEADER);
  }

  /**
   * The content of an object.
   *
   * @throws BackupException if it is not what {@link #close} made under this name, or its key is
   *     not here
   */
  public byte[] open(String name, byte[] sealed) {
    ByteBuffer kept = kept(name, ByteBuffer.wrap(sealed), false);
    if (!isCompressed(sealed[MAGIC.length + 1])) {
      return exact(kept);
    }
    return decompressed(name, kept, size -> ByteBuffer.allocate(size)).array();
  }

  /**
   * The content of an object of no more bytes than a buffer has.
   *
   * @param sealed outside of the heap; its bytes are lost
   * @param into where the content goes if it does not stay where it is; outside of the heap
   * @throws BackupException as {@link #open(String, byte[])} does
   */
  public ByteBuffer open(String name, ByteBuffer sealed, ByteBuffer into) {
    byte kind = sealed.remaining() > HEADER ? sealed.get(sealed.position() + MAGIC.length + 1) : 0;
    ByteBuffer kept = kept(name, sealed, true);
    if (!isCompressed(kind)) {
      return kept;
    }
    return decompressed(
        name,
        kept,
        size -> {
          if (size > into.capacity()) {
            throw damaged(name, "its content is larger than any that was put there");
          }
          return into.clear().limit(size);
        });
  }

  private static boolean isCompressed(byte kind) {
    return (kind & COMPRESSED) != 0;
  }

  private static byte[] exact(ByteBuffer bytes) {
    byte[] exact = new byte[bytes.remaining()];
    bytes.get(bytes.position(), exact);
    return exact;
  }

  /** What lies between header and checksum, decrypted. */
  private ByteBuffer kept(String name, ByteBuffer sealed, boolean inPlace) {
    requireWhole(name, sealed);
    byte[] header = new byte[HEADER];
    sealed.get(sealed.position(), header);
    boolean encrypted = (header[HEADER - 1] & ENCRYPTED) != 0;
    if (keys.isPresent() && !encrypted) {
      // Whoever may write to the store could put what he likes without the key.
      throw damaged(name, "it is not encrypted, and every object of this repository is");
    }
    ByteBuffer kept =
        sealed.slice(sealed.position() + HEADER, sealed.remaining() - HEADER - CHECKSUM);
    if (!encrypted) {
      return kept;
    }
    ByteBuffer into = inPlace ? kept : ByteBuffer.allocate(kept.remaining());
    return decrypted(name, bound(header, name), kept, into);
  }

  /**
   * Looks whether an object is as it was written, which needs no key.
   *
   * @throws BackupException if it is not
   */
  public static void requireWhole(String name, byte[] sealed) {
    requireWhole(name, ByteBuffer.wrap(sealed));
  }

  /** The same of what remains of a buffer. */
  public static void requireWhole(String name, ByteBuffer sealed) {
    if (sealed.remaining() < HEADER + CHECKSUM
        || !sealed.slice(sealed.position(), MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw damaged(name, "it does not begin as an object does");
    }
    int end = sealed.limit() - CHECKSUM;
    byte[] sum = digest(sealed.duplicate().limit(end));
    if (!sealed.slice(end, CHECKSUM).equals(ByteBuffer.wrap(sum))) {
      throw damaged(name, "its checksum is wrong");
    }
    int version = sealed.get(sealed.position() + MAGIC.length);
    if (version != VERSION) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object "
              + name
              + " has version "
              + version
              + " of its form; this program reads version "
              + VERSION
              + ".",
          "Use the program that wrote it, or a newer one.");
    }
    int kind = sealed.get(sealed.position() + MAGIC.length + 1);
    if ((kind & ~(COMPRESSED | ENCRYPTED)) != 0) {
      throw damaged(name, "it is kept in an unknown way");
    }
  }

  private ByteBuffer decrypted(String name, byte[] bound, ByteBuffer secret, ByteBuffer into) {
    if (keys.isEmpty()) {
      throw new BackupException(
          Kind.KEY,
          "The object " + name + " is encrypted, and there is no key.",
          "Say in fleet.yaml where the repository's key is.");
    }
    try {
      return keys.get().cipher().decrypt(bound, secret, into);
    } catch (GeneralSecurityException e) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object " + name + " was not encrypted by this repository under this name.",
          "Somebody has put it there, or renamed it. Look at who may write to the repository.",
          e);
    }
  }

  private static ByteBuffer decompressed(
      String name, ByteBuffer packed, IntFunction<ByteBuffer> room) {
    try {
      long size = contentSize(packed);
      if (size < 0 || size > ObjectStore.LARGEST) {
        throw damaged(name, "its content has no size that it could have");
      }
      ByteBuffer content = room.apply((int) size);
      long read = decompress(packed, content);
      if (Zstd.isError(read) || read != size) {
        throw damaged(name, "its content can't be decompressed");
      }
      return content;
    } catch (ZstdException e) {
      throw damaged(name, "its content can't be decompressed: " + e.getMessage());
    }
  }

  private static long contentSize(ByteBuffer packed) {
    return packed.isDirect()
        ? Zstd.getDirectByteBufferFrameContentSize(packed, packed.position(), packed.remaining())
        : Zstd.getFrameContentSize(
            packed.array(), packed.arrayOffset() + packed.position(), packed.remaining());
  }

  private static long decompress(ByteBuffer packed, ByteBuffer into) {
    return packed.isDirect()
        ? Zstd.decompressDirectByteBuffer(
            into, into.position(), into.remaining(), packed, packed.position(), packed.remaining())
        : Zstd.decompressByteArray(
            into.array(),
            into.arrayOffset() + into.position(),
            into.remaining(),
            packed.array(),
            packed.arrayOffset() + packed.position(),
            packed.remaining());
  }

  private static BackupException damaged(String name, String how) {
    return new BackupException(
        Kind.DAMAGED,
        "The object " + name + " is damaged: " + how + ".",
        "'pgfleet backup verify' lists what else is, and which backups can still be restored.");
  }

  /** The checksum of what remains. */
  private static byte[] digest(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
