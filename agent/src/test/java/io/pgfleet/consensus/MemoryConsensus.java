package io.pgfleet.consensus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The agreed state itself, in memory: what ZooKeeper's servers are together. Clients are {@link
 * MemoryAgreement}s; an expired session's entries go, and whatever it still sends is refused.
 */
public final class MemoryConsensus {
  private static final int REMEMBERED = 64;

  /** One entry; {@code owner} is 0 for a persistent one. */
  record Stored(byte[] data, int version, long owner) {}

  /** All entries at one moment. */
  record Snapshot(long number, long at, NavigableMap<String, Stored> entries) {}

  private static final class Living {
    long touched;
  }

  private final Ticker ticker;
  private final RandomGenerator random;
  private final Duration timeout;
  private final Deque<Snapshot> history = new ArrayDeque<>();
  private final Map<Long, Living> sessions = new HashMap<>();
  private final List<Runnable> observers = new ArrayList<>();
  private long lastSession;

  public MemoryConsensus(Ticker ticker, RandomGenerator random, Duration timeout) {
    this.ticker = ticker;
    this.random = random;
    this.timeout = timeout;
    history.add(new Snapshot(0, ticker.nanos(), new TreeMap<>()));
  }

  /** Called after every change, in the same moment. */
  public void observe(Runnable observer) {
    observers.add(observer);
  }

  Duration timeout() {
    return timeout;
  }

  Snapshot now() {
    return history.getLast();
  }

  /** Some snapshot not before the given one and not older than {@code lag}. */
  Snapshot seenBy(long atLeast, long lag) {
    long bound = ticker.nanos() - lag;
    Snapshot chosen = history.getLast();
    for (var it = history.descendingIterator(); it.hasNext(); ) {
      Snapshot older = it.next();
      boolean replaced = chosen.at() < bound;
      if (older.number() < atLeast || replaced) {
        break;
      }
      chosen = older;
    }
    return chosen;
  }

  long open(Surroundings around) {
    long id = ++lastSession;
    Living session = new Living();
    session.touched = ticker.nanos();
    sessions.put(id, session);
    expireLater(id, session, around);
    return id;
  }

  private void expireLater(long id, Living session, Surroundings around) {
    long slack = random.nextLong(timeout.toNanos() / 4);
    long due = session.touched + timeout.toNanos() + slack;
    around.after(
        due - ticker.nanos(),
        () -> {
          if (sessions.get(id) != session) {
            return;
          }
          if (ticker.nanos() - session.touched >= timeout.toNanos()) {
            close(id);
          } else {
            expireLater(id, session, around);
          }
        });
  }

  boolean lives(long id) {
    return sessions.containsKey(id);
  }

  void touch(long id) {
    Living session = sessions.get(id);
    if (session != null) {
      session.touched = ticker.nanos();
    }
  }

  void close(long id) {
    if (sessions.remove(id) == null) {
      return;
    }
    TreeMap<String, Stored> next = new TreeMap<>(now().entries());
    if (next.values().removeIf(stored -> stored.owner() == id)) {
      changed(next);
    }
  }

  /** Makes all changes or none; the new snapshot's number. */
  long apply(long session, List<Change> changes) {
    touch(session);
    TreeMap<String, Stored> next = new TreeMap<>(now().entries());
    for (Change change : changes) {
      step(session, change, next);
    }
    changed(next);
    return now().number();
  }

  private static void step(long session, Change change, Map<String, Stored> entries) {
    String path = change.path();
    Stored present = entries.get(path);
    switch (change) {
      case Change.Create create -> {
        require(path, present == null);
        long owner = create.lifetime() == Lifetime.SESSION ? session : 0;
        entries.put(path, new Stored(create.data(), 0, owner));
      }
      case Change.Check check -> existing(path, present, check.expectedVersion());
      case Change.Set set -> {
        Stored old = existing(path, present, set.expectedVersion());
        entries.put(path, new Stored(set.data(), old.version() + 1, old.owner()));
      }
      case Change.Delete delete -> {
        existing(path, present, delete.expectedVersion());
        entries.remove(path);
      }
    }
  }

  private static Stored existing(String path, @Nullable Stored present, int version) {
    if (present == null || present.version() != version) {
      throw new ConflictException(path, path + " is not as expected.", null);
    }
    return present;
  }

  private static void require(String path, boolean holds) {
    if (!holds) {
      throw new ConflictException(path, path + " is there already.", null);
    }
  }

  private void changed(NavigableMap<String, Stored> entries) {
    history.addLast(new Snapshot(now().number() + 1, ticker.nanos(), entries));
    if (history.size() > REMEMBERED) {
      history.removeFirst();
    }
    observers.forEach(Runnable::run);
  }
}
