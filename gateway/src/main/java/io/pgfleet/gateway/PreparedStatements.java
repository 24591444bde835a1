package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements that one server connection has prepared, least recently used first, whose unnamed
 * statement it holds, and whether its unnamed portal is one that a client has bound.
 *
 * <p>An entry is made when the Parse is sent. Until its answer comes it belongs to one segment of
 * the client's pipeline; if that fails, the entry goes. A later segment must not rely on it before.
 */
final class PreparedStatements {
  private static final class Entry {
    boolean confirmed;
    int segment;
    int epoch;
  }

  /** Whether a statement may be used. */
  enum Standing {
    /** It must be parsed first. */
    ABSENT,
    /** It was prepared before the schema changed; close it, then parse it. */
    STALE,
    READY,
    /** Whether it is there will be known when the answers under way have come. */
    UNCERTAIN
  }

  private static final int NO_PORTAL = -1;

  private final int capacity;
  private final Map<Statement, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Object unnamedOwner;
  private int portalSegment = NO_PORTAL;

  PreparedStatements(int capacity) {
    this.capacity = capacity;
  }

  Standing standing(Statement statement, int segment, int epoch) {
    Entry entry = entries.get(statement);
    if (entry == null) {
      return Standing.ABSENT;
    }
    if (!entry.confirmed && entry.segment != segment) {
      return Standing.UNCERTAIN;
    }
    return entry.epoch == epoch ? Standing.READY : Standing.STALE;
  }

  /** A Parse was sent. */
  void parsing(Statement statement, int segment, int epoch) {
    Entry entry = new Entry();
    entry.segment = segment;
    entry.epoch = epoch;
    entries.put(statement, entry);
  }

  /** The Parse was answered. */
  void confirmed(Statement statement) {
    Entry entry = entries.get(statement);
    if (entry != null) {
      entry.confirmed = true;
    }
  }

  /** The Parse failed or was skipped. */
  void absent(Statement statement) {
    entries.remove(statement);
  }

  /** A Close was skipped: the statement is still there, out of date. */
  void stillThere(Statement statement) {
    Entry entry = new Entry();
    entry.confirmed = true;
    entry.epoch = -1;
    entries.put(statement, entry);
  }

  boolean overfull() {
    return entries.size() > capacity;
  }

  /** Takes out the least recently used, some more than needed, to be closed on the server. */
  List<Statement> evict() {
    int surplus = entries.size() - capacity + capacity / 10;
    List<Statement> evicted = new ArrayList<>();
    Iterator<Statement> oldest = entries.keySet().iterator();
    while (oldest.hasNext() && evicted.size() < surplus) {
      evicted.add(oldest.next());
      oldest.remove();
    }
    return evicted;
  }

  /** Takes the same out and gives the SQL that closes them. */
  String evictionSql() {
    StringBuilder sql = new StringBuilder();
    for (Statement statement : evict()) {
      sql.append("DEALLOCATE ")
          .append(new String(statement.serverName(), StandardCharsets.US_ASCII))
          .append(';');
    }
    return sql.toString();
  }

  /** The server has forgotten all. */
  void clear() {
    entries.clear();
    unnamedOwner = null;
    portalSegment = NO_PORTAL;
  }

  /** Whether the unnamed statement on this server is that of the owner. */
  @SuppressWarnings("ReferenceEquality")
  boolean holdsUnnamedOf(Object owner) {
    return unnamedOwner == owner;
  }

  void unnamedIs(Object owner) {
    unnamedOwner = owner;
  }

  void unnamedLost() {
    unnamedOwner = null;
  }

  /** A Bind of the unnamed portal was sent. */
  void portalBound(int segment) {
    portalSegment = segment;
  }

  /** A Query was sent, which takes the unnamed portal's place. */
  void portalLost() {
    portalSegment = NO_PORTAL;
  }

  /** A segment failed, and with it a Bind that it may have held. */
  void portalFailed(int segment) {
    if (portalSegment <= segment) {
      portalSegment = NO_PORTAL;
    }
  }

  /** Whether the unnamed portal is one that was bound. */
  Standing portal(Exchange exchange) {
    if (portalSegment == NO_PORTAL) {
      return Standing.ABSENT;
    }
    boolean answered = portalSegment < exchange.segment() - exchange.readies();
    return answered || portalSegment == exchange.segment() ? Standing.READY : Standing.UNCERTAIN;
  }

  int size() {
    return entries.size();
  }
}
