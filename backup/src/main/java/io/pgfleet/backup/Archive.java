package io.pgfleet.backup;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.Keyring;
import io.pgfleet.backup.sealed.Seal;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.ObjectStore.Listed;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a repository holds of one database cluster: sealed objects below one folder of a store.
 * Several fleets may share a store, and each cluster (system identifier) has a folder of its own,
 * so that a fleet that was made anew never mixes with what was before it.
 *
 * <pre>
 * FLEET/keys                              the keyring, encrypted with the user's key
 * FLEET/GROUP/SYSTEM/backups/ID/manifest  what the backup consists of; written last
 * FLEET/GROUP/SYSTEM/backups/ID/data/N    a pack of its files
 * FLEET/GROUP/SYSTEM/backups/ID/journal   which packs there are, until the manifest is there
 * FLEET/GROUP/SYSTEM/wal/TIMELINE/...     WAL
 * </pre>
 */
public final class Archive {
  private static final int LEVEL = 1;

  private final ObjectStore store;
  private final Supplier<Optional<Keyring>> again;
  private final String folder;

  /** The object that holds the keys; none where objects are not encrypted. */
  private final Optional<String> keys;

  /** With the ring as it was when it was read last. */
  private volatile Seal seal;

  private Archive(
      ObjectStore store,
      Optional<Keyring> ring,
      Optional<KeysObject> keys,
      Owner owner,
      Supplier<Optional<Keyring>> again) {
    this.store = store;
    this.seal = new Seal(ring, LEVEL);
    this.folder = owner.folder();
    this.keys = keys.map(KeysObject::name);
    this.again = again;
  }

  /**
   * Whose archive it is.
   *
   * @param system the cluster's system identifier
   */
  public record Owner(String fleet, String group, long system) {
    String folder() {
      return fleet + "/" + group + "/" + Long.toUnsignedString(system);
    }
  }

  /**
   * Opens an archive; its keyring is made if the repository has none.
   *
   * @param key the user's key; none for objects that everybody may read
   * @throws BackupException if the store can't be reached, or the key is wrong or missing
   */
  public static Archive open(ObjectStore store, Owner owner, Optional<UserKey> key) {
    return open(store, owner, key, () -> key);
  }

  /**
   * The same for who stays open while the user's key may be changed.
   *
   * @param again gives the user's key anew, when an object is met whose key is not in the ring
   */
  public static Archive open(
      ObjectStore store, Owner owner, Optional<UserKey> key, Supplier<Optional<UserKey>> again) {
    KeysObject keys = new KeysObject(store, owner.fleet());
    Optional<Keyring> ring = keys.open(key);
    return new Archive(store, ring, ring.map(_ -> keys), owner, () -> keys.open(again.get()));
  }

  static BackupException refused(ObjectStore store, String what, String name, IOException why) {
    return new BackupException(
        Kind.STORE,
        "The repository "
            + store.place()
            + " could not "
            + what
            + " "
            + name
            + ": "
            + why.getMessage()
            + ".",
        "See that it is up, has room, and lets this host " + what + ".",
        why);
  }

  private String full(String name) {
    return folder + "/" + name;
  }

  /** Puts an object. */
  public void put(String name, byte[] content) {
    put(name, content, content.length);
  }

  /**
   * Puts an object of the first bytes.
   *
   * @return how many bytes it takes in the store
   */
  public int put(String name, byte[] content, int length) {
    ByteBuffer room = ByteBuffer.allocate(seal.room(length));
    return put(name, ByteBuffer.wrap(content, 0, length), room).bytes();
  }

  private Stored put(String name, ByteBuffer content, ByteBuffer buffer) {
    String full = full(name);
    return put(full, seal.close(full, content, buffer));
  }

  private Stored put(String full, ByteBuffer sealed) {
    int bytes = sealed.remaining();
    if (bytes > ObjectStore.LARGEST) {
      throw new BackupException(
          Kind.STORE,
          full + " has " + bytes + " bytes, more than an object may have.",
          "This is a limit of this version.");
    }
    try {
      store.put(full, sealed);
      return new Stored(bytes, Seal.checksum(sealed));
    } catch (IOException e) {
      throw refused(store, "put", full, e);
    }
  }

  /**
   * Puts an object unless there is one of that name.
   *
   * @return whether it was put
   */
  public boolean putIfAbsent(String name, byte[] content) {
    String full = full(name);
    try {
      return store.putIfAbsent(full, seal.close(full, content));
    } catch (IOException e) {
      throw refused(store, "put", full, e);
    }
  }

  /**
   * What was put.
   *
   * @param bytes that it takes in the store
   * @param checksum SHA-256 of the object, in hexadecimal digits
   */
  public record Stored(int bytes, String checksum) {}

  /** Puts one object after the other, with one buffer for all of them; of one thread at a time. */
  public final class Writer {
    private final ByteBuffer buffer;
    private ByteBuffer sealed = ByteBuffer.allocate(0);
    private String last = "";

    private Writer(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    /** Puts an object of what remains of a buffer outside of the heap. */
    public Stored put(String name, ByteBuffer content) {
      last = full(name);
      sealed = seal.close(last, content, buffer);
      return again();
    }

    /**
     * Puts the last object once more, after that has failed. It has the same bytes again: a store
     * may carry out what seemed to fail, and do so late.
     */
    public Stored again() {
      return Archive.this.put(last, sealed);
    }
  }

  /**
   * A writer for who puts many objects.
   *
   * @param longest the bytes of the longest content
   * @param memory where its buffer is; of no use once that is closed
   */
  public Writer writer(int longest, Arena memory) {
    return new Writer(memory.allocate(seal.room(longest)).asByteBuffer());
  }

  /**
   * Reads one object after the other, with two buffers for all of them; of one thread at a time.
   */
  public final class Reader {
    private final ByteBuffer sealed;
    private final ByteBuffer content;

    private Reader(ByteBuffer sealed, ByteBuffer content) {
      this.sealed = sealed;
      this.content = content;
    }

    /**
     * An object's content, until the next is read.
     *
     * @param checksum what {@link Stored} said of it, if that is known
     * @throws BackupException if it is damaged, missing, longer than expected, or another than that
     */
    public ByteBuffer get(String name, Optional<String> checksum) {
      String full = full(name);
      try {
        ByteBuffer found = store.get(full, sealed);
        String told = Seal.checksum(found);
        requireKey(full, found);
        ByteBuffer opened = seal.open(full, found, content);
        if (checksum.isPresent()) {
          requireChecksum(full, told, checksum.get());
        }
        return opened;
      } catch (NoSuchFileException e) {
        throw absent(name);
      } catch (IOException e) {
        throw refused(store, "read", full, e);
      }
    }
  }

  /**
   * A reader for who reads many objects.
   *
   * @param longest the bytes of the longest content
   * @param memory where its buffers are; of no use once that is closed
   */
  public Reader reader(int longest, Arena memory) {
    return new Reader(
        memory.allocate(seal.room(longest)).asByteBuffer(),
        memory.allocate(longest).asByteBuffer());
  }

  /** An object's content; none if there is no such object. */
  public Optional<byte[]> find(String name) {
    return find(name, Optional.empty());
  }

  private Optional<byte[]> find(String name, Optional<String> checksum) {
    String full = full(name);
    try {
      return Optional.of(read(full, checksum));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw refused(store, "read", full, e);
    }
  }

  private byte[] read(String full, Optional<String> checksum) throws IOException {
    byte[] sealed = store.get(full);
    requireKey(full, ByteBuffer.wrap(sealed));
    byte[] content = seal.open(full, sealed);
    if (checksum.isPresent()) {
      requireChecksum(full, Seal.checksum(ByteBuffer.wrap(sealed)), checksum.get());
    }
    return content;
  }

  /**
   * Whoever has read the ring since a new key came to it puts objects with that key. One that is
   * met before the ring was read again here has it read.
   */
  private void requireKey(String full, ByteBuffer sealed) {
    if (seal.lacksKey(sealed)) {
      Seal.requireWhole(full, sealed);
      try {
        seal = new Seal(again.get(), LEVEL);
      } catch (BackupException e) {
        throw e.kind() == Kind.KEY ? lacking(full, e) : e;
      }
    }
  }

  private static BackupException lacking(String full, BackupException cause) {
    return new BackupException(
        Kind.KEY,
        "The object "
            + full
            + " was encrypted after the repository's key was changed. "
            + cause.getMessage(),
        "Put the new key where fleet.yaml says that the key is; where fleet.yaml itself was changed,"
            + " start this program again.",
        cause);
  }

  private static void requireChecksum(String full, String found, String expected) {
    if (!found.equals(expected)) {
      throw new BackupException(
          Kind.DAMAGED,
          "The object " + full + " is not the one that was put there: another has its place.",
          "Somebody has replaced it. Look at who may write to the repository.");
    }
  }

  /**
   * An object's content.
   *
   * @throws BackupException if it is damaged or missing
   */
  public byte[] get(String name) {
    return get(name, Optional.empty());
  }

  /**
   * An object's content.
   *
   * @param checksum what {@link Stored} said of it, if that is known
   * @throws BackupException if it is damaged or missing, or another than that
   */
  public byte[] get(String name, Optional<String> checksum) {
    return find(name, checksum).orElseThrow(() -> absent(name));
  }

  private BackupException absent(String name) {
    return new BackupException(
        Kind.MISSING,
        "The object " + full(name) + " is not in the repository " + store.place() + ".",
        "'pgfleet backup verify' lists what else is missing, and which backups can still be"
            + " restored.");
  }

  /**
   * Looks whether an object is there and as it was written.
   *
   * @throws BackupException if not
   */
  public void verify(String name) {
    verify(name, Optional.empty());
  }

  /**
   * Looks whether an object is there and as it was written.
   *
   * @param checksum what {@link Stored} said of it, if that is known
   * @throws BackupException if not, or it is another than that
   */
  public void verify(String name, Optional<String> checksum) {
    String full = full(name);
    try {
      read(full, checksum);
    } catch (NoSuchFileException e) {
      throw missing(full);
    } catch (IOException e) {
      throw refused(store, "read", full, e);
    }
  }

  private static BackupException missing(String full) {
    return new BackupException(
        Kind.MISSING, "The object " + full + " is missing.", "It was deleted by somebody else.");
  }

  /** The object, in the store, that holds the fleet's keys; none where nothing is encrypted. */
  public Optional<String> keysObject() {
    return keys;
  }

  /**
   * Looks whether the fleet's keys are there and as they were written. An archive that is open
   * needs them no more, and the next one can't be opened without.
   *
   * @throws BackupException if not
   */
  public void verifyKeys() {
    if (keys.isEmpty()) {
      return;
    }
    try {
      Seal.requireWhole(keys.get(), store.get(keys.get()));
    } catch (NoSuchFileException e) {
      throw missing(keys.get());
    } catch (IOException e) {
      throw refused(store, "read", keys.get(), e);
    }
  }

  /** The objects below a folder of this archive, by their names in it. */
  public List<Listed> list(String below) {
    try {
      int cut = folder.length() + 1;
      return store.list(full(below)).stream()
          .map(listed -> new Listed(listed.name().substring(cut), listed.size()))
          .toList();
    } catch (IOException e) {
      throw refused(store, "list", full(below), e);
    }
  }

  /** Deletes an object if it is there. */
  public void delete(String name) {
    try {
      store.delete(full(name));
    } catch (IOException e) {
      throw refused(store, "delete", full(name), e);
    }
  }

  /** Where it is, for messages. */
  public String place() {
    return store.place() + "/" + folder;
  }
}
