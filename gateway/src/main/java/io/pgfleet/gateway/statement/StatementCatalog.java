package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The statements that a loop's clients have prepared, each held once. A statement that no client
 * names any more stays for the next that will, until there are too many of those.
 */
public final class StatementCatalog {
  /** What every server name begins with; clients' own names never reach a server. */
  public static final String PREFIX = "pgfleet_";

  private final int capacity;
  private final Map<ByteKey, Statement> statements = new HashMap<>();
  private final ByteKey probe = new ByteKey();
  private int purgeAt;
  private long next;

  public StatementCatalog(int capacity) {
    this.capacity = capacity;
    this.purgeAt = capacity;
  }

  /**
   * The statement of a Parse body from the text on, counted once more.
   *
   * @param scan that has just scanned the text
   */
  public Statement acquire(ByteBuffer source, int from, int to, int flags, ReadScan scan) {
    Statement statement = statements.get(probe.set(source, from, to));
    if (statement == null) {
      if (statements.size() >= purgeAt) {
        statements.values().removeIf(unused -> unused.references == 0);
        // where most are in use, looking again must wait for as many new ones
        purgeAt = Math.max(capacity, statements.size() * 2);
      }
      byte[] name = (PREFIX + next++).getBytes(StandardCharsets.US_ASCII);
      statement = new Statement(name, probe.toBytes(), flags, scan.calls(), scan.shape());
      statements.put(probe.copy(), statement);
    }
    statement.references++;
    return statement;
  }

  /** A statement that is never shared nor prepared again, for texts too large to keep. */
  public Statement unshared(int flags) {
    byte[] name = (PREFIX + next++).getBytes(StandardCharsets.US_ASCII);
    return new Statement(name, new byte[0], flags, new long[0], 0);
  }

  /** Takes back a count of {@link #acquire}. */
  public void release(Statement statement) {
    statement.references--;
  }

  int size() {
    return statements.size();
  }
}
