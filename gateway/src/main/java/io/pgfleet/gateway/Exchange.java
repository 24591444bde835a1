package io.pgfleet.gateway;

import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The answers a server still owes, in order (PostgreSQL manual, 'Extended Query'). Each message of
 * the extended protocol has exactly one answer that ends it; messages that pass unchanged are only
 * counted. After an error the server skips to the next Sync, and so does this.
 */
final class Exchange {
  /** What is owed. */
  enum Owed {
    /** That many answers that pass to the client. */
    PASS,
    /** ParseComplete of a client's named statement. */
    PARSE,
    /** ParseComplete of a Parse that the gateway put in; not shown to the client. */
    INJECTED_PARSE,
    /** ParseComplete of the client's unnamed statement, prepared again; not shown. */
    INJECTED_UNNAMED,
    /** ParseComplete that the gateway itself gives when its turn comes. */
    LOCAL_PARSE,
    /** CloseComplete that the gateway itself gives. */
    LOCAL_CLOSE,
    /** The end of data sent by the client; the server answers nothing. */
    COPY_END,
    /** CloseComplete of a Close that the gateway put in; not shown to the client. */
    INJECTED_CLOSE,
    /** ReadyForQuery for a Sync. */
    SYNC,
    /** ReadyForQuery for a Query or a FunctionCall. */
    QUERY
  }

  /** Takes back what was believed when a message was sent that the server then skipped. */
  interface Undo {
    void undo(Owed owed, @Nullable NamedStatement named, @Nullable Statement statement);
  }

  private Owed[] owed = new Owed[8];
  private int[] counts = new int[8];
  private @Nullable NamedStatement[] named = new @Nullable NamedStatement[8];
  private @Nullable Statement[] statements = new @Nullable Statement[8];
  private int head;
  private int size;
  private int readies;
  private int segment;
  private boolean unsynced;
  private boolean skips;

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** The ReadyForQuery messages owed. */
  int readies() {
    return readies;
  }

  /** Messages were sent that no Sync follows yet. */
  boolean unsynced() {
    return unsynced;
  }

  /** The server has failed and ignores what it is sent up to a Sync, which is not sent yet. */
  boolean skips() {
    return skips;
  }

  /** The number of the run of messages up to one Sync or Query that is being sent now. */
  int segment() {
    return segment;
  }

  /** What comes next; null if nothing does. */
  @Nullable Owed next() {
    return size == 0 ? null : owed[head];
  }

  @Nullable NamedStatement nextNamed() {
    return named[head];
  }

  @Nullable Statement nextStatement() {
    return statements[head];
  }

  /** A message was sent whose one answer passes. */
  void pass() {
    unsynced = true;
    if (size > 0) {
      int last = head + size - 1 & owed.length - 1;
      if (owed[last] == Owed.PASS) {
        counts[last]++;
        return;
      }
    }
    add(Owed.PASS, null, null);
  }

  void extended(Owed kind, @Nullable NamedStatement name, @Nullable Statement statement) {
    unsynced = true;
    add(kind, name, statement);
  }

  void copyEnd() {
    if (size > 0) {
      add(Owed.COPY_END, null, null);
    }
  }

  void sync() {
    add(Owed.SYNC, null, null);
    readies++;
    segment++;
    unsynced = false;
    skips = false;
  }

  void query() {
    add(Owed.QUERY, null, null);
    readies++;
    segment++;
    unsynced = false;
  }

  private void add(Owed kind, @Nullable NamedStatement name, @Nullable Statement statement) {
    if (size == owed.length) {
      grow();
    }
    int at = head + size & owed.length - 1;
    owed[at] = kind;
    counts[at] = 1;
    named[at] = name;
    statements[at] = statement;
    size++;
  }

  private void grow() {
    int capacity = owed.length;
    Owed[] newOwed = new Owed[capacity * 2];
    int[] newCounts = new int[capacity * 2];
    @Nullable NamedStatement[] newNamed = new @Nullable NamedStatement[capacity * 2];
    @Nullable Statement[] newStatements = new @Nullable Statement[capacity * 2];
    for (int i = 0; i < size; i++) {
      int from = head + i & capacity - 1;
      newOwed[i] = owed[from];
      newCounts[i] = counts[from];
      newNamed[i] = named[from];
      newStatements[i] = statements[from];
    }
    owed = newOwed;
    counts = newCounts;
    named = newNamed;
    statements = newStatements;
    head = 0;
  }

  /** The next answer has come. */
  void answered() {
    if (owed[head] == Owed.PASS && --counts[head] > 0) {
      return;
    }
    remove();
  }

  private void remove() {
    if (owed[head] == Owed.SYNC || owed[head] == Owed.QUERY) {
      readies--;
    }
    named[head] = null;
    statements[head] = null;
    head = head + 1 & owed.length - 1;
    size--;
    if (size == 0) {
      head = 0;
    }
  }

  /**
   * The server failed in an extended message and skips to the next Sync: all owed before that is
   * undone, the last first.
   */
  void failed(Undo undo) {
    int length = 0;
    while (length < size && owed[head + length & owed.length - 1] != Owed.SYNC) {
      length++;
    }
    if (length == size) {
      // a Query that came behind the failure is ignored as well
      skips = true;
      unsynced = true;
    }
    drop(length, undo);
  }

  private void drop(int length, Undo undo) {
    for (int i = length - 1; i >= 0; i--) {
      int at = head + i & owed.length - 1;
      undo.undo(owed[at], named[at], statements[at]);
    }
    for (int i = 0; i < length; i++) {
      remove();
    }
  }

  /** Drops up to and with the next ReadyForQuery owed, for a server that is gone. */
  void dropSegment(Undo undo) {
    int length = 0;
    while (length < size) {
      Owed kind = owed[head + length & owed.length - 1];
      length++;
      if (kind == Owed.SYNC || kind == Owed.QUERY) {
        break;
      }
    }
    drop(length, undo);
  }

  /**
   * The server has begun to take COPY data for the message at the head, in the extended protocol.
   * It ignores the Syncs sent since, up to the end of the data (manual, 'COPY Operations').
   */
  void copyInBegan() {
    if (size == 0 || owed[head] == Owed.QUERY) {
      return;
    }
    int kept = 0;
    boolean dataEnded = false;
    int total = size;
    for (int i = 0; i < total; i++) {
      int from = head + i & owed.length - 1;
      dataEnded |= owed[from] == Owed.COPY_END;
      if (!dataEnded && owed[from] == Owed.SYNC) {
        readies--;
        unsynced = true;
        continue;
      }
      int to = head + kept & owed.length - 1;
      owed[to] = owed[from];
      counts[to] = counts[from];
      named[to] = named[from];
      statements[to] = statements[from];
      kept++;
    }
    if (kept > 0 && owed[head + kept - 1 & owed.length - 1] == Owed.SYNC) {
      unsynced = false;
    }
    size = kept;
  }

  /** Something that is owed changes what the server has prepared. */
  boolean prepares() {
    for (int i = 0; i < size; i++) {
      switch (owed[head + i & owed.length - 1]) {
        case PARSE, INJECTED_PARSE, INJECTED_UNNAMED, INJECTED_CLOSE -> {
          return true;
        }
        case PASS, LOCAL_PARSE, LOCAL_CLOSE, COPY_END, SYNC, QUERY -> {
          // leaves it as it is
        }
      }
    }
    return false;
  }

  void clear() {
    Arrays.fill(named, null);
    Arrays.fill(statements, null);
    head = 0;
    size = 0;
    readies = 0;
    unsynced = false;
    skips = false;
  }
}
