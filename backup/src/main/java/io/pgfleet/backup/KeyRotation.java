package io.pgfleet.backup;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.Keyring;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.ObjectStore;
import java.io.IOException;
import java.util.Optional;

/**
 * The change of a user's key. No object is written anew: the keyring gets one more key, for what is
 * put from now on, and is encrypted with the new user's key.
 *
 * <p>A key of the ring that is lost is all lost that was encrypted with it, so of two who change
 * the key at once, or of one who was broken off and begins again, only one may add a key. The ring
 * that is to be is first put beside the other, where only one can put it ({@code keys.next}); all
 * then go on with what they find there:
 *
 * <pre>
 * 1 keys.next   put unless it is there
 * 2 keys        read again: if the new key opens it, another was faster; keys.next is deleted
 * 3 keys        replaced by the content of keys.next, and read back
 * 4 keys.next   deleted
 * </pre>
 */
public final class KeyRotation {
  private final ObjectStore store;
  private final KeysObject keys;
  private final UserKey old;
  private final UserKey fresh;

  /** What became of a repository. */
  public enum Outcome {
    /** Its keys are encrypted with the new key now. */
    CHANGED,
    /** They were already. */
    WAS_CHANGED,
    /** It has no keys: nothing was put there yet. */
    EMPTY
  }

  /**
   * A change of the key in one repository.
   *
   * @param old the key that opens it now
   * @param fresh the key that is to open it
   */
  public KeyRotation(ObjectStore store, String fleet, UserKey old, UserKey fresh) {
    this.store = store;
    this.keys = new KeysObject(store, fleet);
    this.old = old;
    this.fresh = fresh;
  }

  /**
   * What {@link #run} would do. Nothing is changed.
   *
   * @throws BackupException if neither key opens the repository
   */
  public Outcome look() {
    return told(() -> {
      Optional<byte[]> wrapped = keys.wrapped(keys.name());
      if (wrapped.isEmpty()) {
        return Outcome.EMPTY;
      }
      if (opened(wrapped.get(), fresh).isPresent()) {
        return Outcome.WAS_CHANGED;
      }
      Keyring.unwrap(wrapped.get(), old);
      return Outcome.CHANGED;
    });
  }

  /**
   * Changes the key.
   *
   * @throws BackupException if neither key opens the repository, or another change is under way;
   *     the old key then still opens it, unless the message says otherwise
   */
  public Outcome run() {
    Outcome planned = look();
    return planned == Outcome.CHANGED ? told(this::change) : told(() -> finished(planned));
  }

  private Outcome change() throws IOException {
    byte[] first = keys.wrapped(keys.name()).orElseThrow();
    if (opened(first, fresh).isPresent()) {
      return finished(Outcome.WAS_CHANGED); // by another, since it was looked at
    }
    Keyring before = Keyring.unwrap(first, old);
    keys.putIfAbsent(keys.next(), before.withNewKey().wrapped(fresh));
    Optional<byte[]> next = keys.wrapped(keys.next());
    byte[] now = keys.wrapped(keys.name()).orElseThrow();
    if (next.isEmpty() || opened(now, fresh).isPresent()) {
      Keyring.unwrap(now, fresh);
      return finished(Outcome.WAS_CHANGED);
    }
    Keyring after = opened(next.get(), fresh).orElseThrow(this::another);
    if (!after.includes(before)) {
      throw another();
    }
    keys.put(keys.name(), next.get());
    Keyring back = Keyring.unwrap(keys.wrapped(keys.name()).orElseThrow(), fresh);
    if (!back.includes(after)) {
      throw new BackupException(
          Kind.DAMAGED,
          "The repository " + store.place() + " gave other keys back than were put.",
          "Somebody else changes " + keys.name() + ": see who, and run this again.");
    }
    return finished(Outcome.CHANGED);
  }

  /** A run that was broken off after the change has left this one. */
  private Outcome finished(Outcome outcome) throws IOException {
    // That of a further change, from this new key to another, is none of ours.
    if (keys.wrapped(keys.next()).flatMap(next -> opened(next, fresh)).isPresent()) {
      store.delete(keys.next());
    }
    return outcome;
  }

  private BackupException another() {
    return new BackupException(
        Kind.KEY,
        "A change of the key of the repository "
            + store.place()
            + " to another key is under way, or was broken off: "
            + keys.next()
            + " is there.",
        "Run this again with the key of that change; if it is lost, delete the object "
            + keys.next()
            + ", which nothing was encrypted with yet, and run this again.");
  }

  private static Optional<Keyring> opened(byte[] wrapped, UserKey key) {
    try {
      return Optional.of(Keyring.unwrap(wrapped, key));
    } catch (BackupException e) {
      return Optional.empty();
    }
  }

  private interface Step {
    Outcome run() throws IOException;
  }

  private Outcome told(Step step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw Archive.refused(store, "change", keys.name(), e);
    }
  }
}
