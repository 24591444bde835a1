package io.pgfleet.backup;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.Keyring;
import io.pgfleet.backup.sealed.Seal;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.ObjectStore;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** The object that holds a fleet's keyring, encrypted with the user's key. */
final class KeysObject {
  private static final int LEVEL = 1;

  private final ObjectStore store;
  private final String fleet;
  private final Seal plain = new Seal(Optional.empty(), LEVEL);

  KeysObject(ObjectStore store, String fleet) {
    this.store = store;
    this.fleet = fleet;
  }

  /** Its name in the store. */
  String name() {
    return fleet + "/keys";
  }

  /** What is to be put in its place by a change of the key; it is there as long as one lasts. */
  String next() {
    return fleet + "/keys.next";
  }

  /** The ring; it is made if there is none and there is a key. */
  Optional<Keyring> open(Optional<UserKey> key) {
    try {
      Optional<byte[]> there = wrapped(name());
      if (there.isEmpty() && key.isPresent()) {
        requireEmpty();
        // Of several who begin at once one makes the keys, and the others take those.
        putIfAbsent(name(), Keyring.create().wrapped(key.get()));
        there = wrapped(name());
      }
      return there.map(wrapped -> Keyring.unwrap(wrapped, key.orElseThrow(this::encrypted)));
    } catch (IOException e) {
      throw Archive.refused(store, "use", name(), e);
    }
  }

  private BackupException encrypted() {
    return new BackupException(
        Kind.KEY,
        "The repository " + store.place() + " of fleet " + fleet + " is encrypted.",
        "Say in fleet.yaml where its key is.");
  }

  /** The wrapped ring that one of the two objects holds; none if it is not there. */
  Optional<byte[]> wrapped(String name) throws IOException {
    try {
      return Optional.of(plain.open(name, store.get(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  boolean putIfAbsent(String name, byte[] wrapped) throws IOException {
    return store.putIfAbsent(name, plain.close(name, wrapped));
  }

  void put(String name, byte[] wrapped) throws IOException {
    store.put(name, plain.close(name, wrapped));
  }

  /** New keys beside old objects would make it look as if those were damaged. */
  private void requireEmpty() throws IOException {
    // Another who makes the keys puts nothing before them, so only theirs may have come meanwhile.
    boolean others = store.list(fleet).stream().anyMatch(listed -> !listed.name().equals(name()));
    if (others && wrapped(name()).isEmpty()) {
      throw new BackupException(
          Kind.KEY,
          "The repository "
              + store.place()
              + " has objects of fleet "
              + fleet
              + " and no keys: "
              + name()
              + " is not there.",
          "Bring that object back if it was deleted; if the fleet was not encrypted before, give it"
              + " another place.");
    }
  }
}
