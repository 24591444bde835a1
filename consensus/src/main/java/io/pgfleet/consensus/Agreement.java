package io.pgfleet.consensus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Agreed state: a small tree of versioned values, the same for every process of a fleet. Paths are
 * absolute within the fleet's own tree ({@code /groups/main/term}); values should stay below a few
 * hundred KiB (the servers refuse 1 MiB).
 *
 * <p>Writes are linearizable and atomic. A read shows the state at some moment not before this
 * Agreement's last write, read or {@link #catchUp}; it may miss what others wrote just now. For a
 * linearizable read call {@code catchUp} first.
 *
 * <p>Every call ends within the call limit of its {@link AgreementSettings}. All calls may throw
 * {@link AgreementUnavailableException} and {@link AgreementRefusedException}; a write whose answer
 * was lost is resolved inside the call if the servers can be reached again in time, so that {@link
 * AgreementUnavailableException.Outcome#UNKNOWN} stays rare. Safe for use by many threads; writes
 * of one Agreement are made one after the other.
 */
public interface Agreement extends AutoCloseable {
  /** The entry there, if any. */
  Optional<Entry> read(String path);

  /**
   * What one question showed.
   *
   * @param names right below each of the folders asked for, sorted
   * @param entries that are there, by their paths and in the order of these
   */
  record Look(Map<String, List<String>> names, Map<String, Entry> entries) {}

  /**
   * Looks at several places in one question: first at what is below the folders, then at the
   * entries. Each is read after those before it or at the same moment.
   */
  default Look look(List<String> folders, List<String> paths) {
    Map<String, List<String>> names = new LinkedHashMap<>();
    folders.forEach(folder -> names.put(folder, children(folder)));
    Map<String, Entry> found = new LinkedHashMap<>();
    for (String path : paths) {
      read(path).ifPresent(entry -> found.put(path, entry));
    }
    return new Look(names, found);
  }

  /** The names of the entries right below, sorted; none if the entry has none or is not there. */
  List<String> children(String path);

  /**
   * Waits until reads see everything that was agreed on before this call, by anybody. Itself a
   * small write, because only a write needs a majority of the servers.
   */
  void catchUp();

  /**
   * Creates an entry, and as persistent empty ones those above that are missing. A SESSION entry
   * ends with {@link #session}.
   *
   * @throws ConflictException if it is there
   */
  Entry create(String path, byte[] data, Lifetime lifetime);

  /**
   * Replaces the data of an entry that still has the expected version.
   *
   * @throws ConflictException if it moved on or is gone
   */
  Entry compareAndSet(String path, byte[] data, int expectedVersion);

  /**
   * Deletes an entry that still has the expected version and no children.
   *
   * @throws ConflictException if it moved on, is gone or has children
   */
  void delete(String path, int expectedVersion);

  /**
   * Makes all changes in their order, or none. Later ones see what earlier ones did, so a lease may
   * be deleted and created in one commit. Missing parents of created entries are created before and
   * stay even if the commit fails.
   *
   * @throws ConflictException if one of them does not fit; its path is the first such
   */
  void commit(List<Change> changes);

  /**
   * Calls {@code onChange} after changes of the entry, of any entry below it, and after every
   * reconnect; once at the beginning, too. Changes that follow each other quickly may share a call,
   * but each change is followed by a call that begins after it. Calls of all watches of an
   * Agreement come one after the other on one thread, so they should be short; they may read and
   * write. A call that throws is logged, and the watch goes on. The last call comes when the
   * session is lost.
   */
  Watch watch(String subtree, Runnable onChange);

  /** The session that this Agreement's SESSION entries live as long as. */
  Session session();

  /** Ends the session at once, and with it its SESSION entries, if the servers can be reached. */
  @Override
  void close();
}
