package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The statements that clients have prepared, each held once. A statement that no client names any
 * more stays for the next that will, until there are too many of those. Safe from any thread: all
 * loops share one, so that a server connection keeps its statements when it moves to another loop.
 */
public final class StatementCatalog {
  /** What every server name begins with; clients' own names never reach a server. */
  public static final String PREFIX = "pgfleet_";

  private final int capacity;
  private final ConcurrentHashMap<ByteKey, Statement> statements = new ConcurrentHashMap<>();
  private final AtomicInteger purgeAt;
  private final AtomicLong next = new AtomicLong();

  public StatementCatalog(int capacity) {
    this.capacity = capacity;
    this.purgeAt = new AtomicInteger(capacity);
  }

  /**
   * The statement of a Parse body from the text on, counted once more.
   *
   * @param probe the caller's own, overwritten
   * @param scan that has just scanned the text
   */
  public Statement acquire(
      ByteKey probe, ByteBuffer source, int from, int to, int flags, ReadScan scan) {
    return acquire(probe, source, from, to, flags, scan, null);
  }

  /**
   * The same for a statement that stands on servers as another.
   *
   * @param substitute what servers get in place of the text; null if it goes to them as it is
   */
  public Statement acquire(
      ByteKey probe,
      ByteBuffer source,
      int from,
      int to,
      int flags,
      ReadScan scan,
      Statement.@Nullable Substitute substitute) {
    probe.set(source, from, to);
    while (true) {
      Statement known = statements.get(probe);
      if (known == null) {
        purge();
        byte[] body = substitute == null ? probe.toBytes() : substitute.body();
        known = new Statement(name(), body, flags, scan.calls(), scan.shape(), substitute);
        if (statements.putIfAbsent(probe.copy(), known) != null) {
          continue;
        }
        return known;
      }
      if (known.count()) {
        return known;
      }
      // found while it was being purged
      Thread.onSpinWait();
    }
  }

  private void purge() {
    int limit = purgeAt.get();
    if (statements.size() < limit || !purgeAt.compareAndSet(limit, Integer.MAX_VALUE)) {
      return;
    }
    statements.values().removeIf(Statement::retire);
    // where most are in use, looking again must wait for as many new ones
    purgeAt.set(Math.max(capacity, statements.size() * 2));
  }

  /** A statement that is never shared nor prepared again, for texts too large to keep. */
  public Statement unshared(int flags) {
    return new Statement(name(), new byte[0], flags, new long[0], 0, null);
  }

  private byte[] name() {
    return (PREFIX + next.getAndIncrement()).getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes back a count of {@link #acquire}. */
  public void release(Statement statement) {
    statement.uncount();
  }

  int size() {
    return statements.size();
  }
}
