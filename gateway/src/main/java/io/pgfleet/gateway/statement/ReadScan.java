package io.pgfleet.gateway.statement;

import java.util.Arrays;

/**
 * Judges from the tokens of a text whether its statements only read, as far as text can tell:
 * whether the functions that it calls only read is for others to say ({@link #calls}). In doubt it
 * does not read. Words are told by their hash ({@link SqlWord}); allocates nothing.
 *
 * <p>A name before a parenthesis is a call, except where PostgreSQL's grammar has something else
 * there: words of the grammar, a type after {@code ::} or {@code AS}, an alias after a parenthesis
 * or {@code AS}, the name of a common table expression.
 */
public final class ReadScan {
  /** Every statement of the text reads, and nothing else; or there is none. */
  public static final int READS = 1 << 21;

  /** No statement of the text can change data that others see. */
  public static final int HARMLESS = 1 << 22;

  /** The first statement begins a transaction that is READ ONLY, and not SERIALIZABLE. */
  public static final int BEGINS_READ_ONLY = 1 << 23;

  /** The first statement begins a transaction and says nothing of READ or SERIALIZABLE. */
  public static final int BEGINS_USUAL = 1 << 24;

  public static final int HINT_PRIMARY = 1 << 25;
  public static final int HINT_STANDBY = 1 << 26;

  /** The text calls functions. */
  public static final int CALLS = 1 << 27;

  /**
   * Every statement of the text only reads, the functions that it calls included; set by the
   * gateway, not found in text.
   */
  public static final int VERIFIED = 1 << 28;

  /** Perhaps a statement about routing that the gateway itself answers. */
  public static final int OWN = 1 << 29;

  private static final long PGFLEET = SqlWord.hash("pgfleet");
  private static final long ROUTE = SqlWord.hash("route");

  /** A name that begins with {@code pg_}: views of the server's own state. */
  static final long POSTGRES_PREFIX = SqlWord.hash("pg_");

  private static final long POSTGRES_CATALOG = SqlWord.hash("pg_catalog");
  private static final long HINTS_PRIMARY = SqlWord.hash("pgfleet:primary");
  private static final long HINTS_STANDBY = SqlWord.hash("pgfleet:standby");
  private static final int MOST_CALLS = 32;

  private enum Token {
    GRAMMAR,
    NAME,
    CLOSE,
    OTHER
  }

  /** All that one scan has found. */
  record Found(long[] calls, long shape, Why why, long whyHash) {}

  /** Why a text does not only read. */
  public enum Why {
    NOTHING,
    /** A statement that is none of those that read. */
    STATEMENT,
    /** A word that writes or locks. */
    WORD,
    /** A view or table of the server's own state. */
    SERVER,
    TOO_MANY_CALLS
  }

  private final long[] calls = new long[MOST_CALLS];
  private int callCount;
  private long shape;
  private int flags;
  private int statements;
  private boolean allRead;
  private boolean allHarmless;
  private Why why = Why.NOTHING;
  private long whyHash;

  // of the statement being read
  private int words;
  private SqlWord head = SqlWord.OTHER;
  private long headHash;
  private SqlWord last = SqlWord.OTHER;
  private SqlWord beforeLast = SqlWord.OTHER;
  private boolean spoilt;
  private boolean bodySeen;
  private boolean toStdout;
  private boolean readOnly;
  private boolean saysMode;
  private boolean writesAtEnd;
  private int depth;

  // of the last tokens
  private Token token = Token.OTHER;
  private long name;
  private boolean alias;
  private boolean serverName;
  private boolean dotted;
  private boolean colon;
  private boolean cast;
  private int distinctDepth;

  ReadScan() {
    begin();
  }

  Found found() {
    return new Found(calls(), shape, why, whyHash);
  }

  /** It is as if the same text had been scanned again. */
  void restore(Found found) {
    callCount = found.calls.length;
    System.arraycopy(found.calls, 0, calls, 0, callCount);
    shape = found.shape;
    why = found.why;
    whyHash = found.whyHash;
  }

  void begin() {
    callCount = 0;
    shape = SqlWord.HASH_START;
    flags = 0;
    statements = 0;
    allRead = true;
    allHarmless = true;
    why = Why.NOTHING;
    whyHash = 0;
    beginStatement();
  }

  private void beginStatement() {
    words = 0;
    head = SqlWord.OTHER;
    headHash = 0;
    last = SqlWord.OTHER;
    beforeLast = SqlWord.OTHER;
    spoilt = false;
    bodySeen = false;
    toStdout = false;
    readOnly = false;
    saysMode = false;
    writesAtEnd = false;
    depth = 0;
    token = Token.OTHER;
    alias = false;
    serverName = false;
    dotted = false;
    colon = false;
    cast = false;
    distinctDepth = -1;
  }

  /** The flags of what was read; of this class only. */
  int flags() {
    int found = flags;
    found |= allRead ? READS : 0;
    found |= allHarmless ? HARMLESS : 0;
    found |= callCount > 0 ? CALLS : 0;
    return found;
  }

  /** The hashes of the names that are called. */
  public long[] calls() {
    return Arrays.copyOf(calls, callCount);
  }

  public int callCount() {
    return callCount;
  }

  /** One of the names that are called. */
  public long call(int index) {
    return calls[index];
  }

  /** What texts that differ in literals alone have in common. */
  public long shape() {
    return shape;
  }

  public Why why() {
    return why;
  }

  /** The hash of the word or name that is the reason. */
  public long whyHash() {
    return whyHash;
  }

  /** The hash that a name in lower case has here. */
  public static long hashOf(byte[] exactName) {
    long hash = SqlWord.HASH_START;
    for (byte c : exactName) {
      hash = (hash ^ c) * SqlWord.HASH_PRIME;
    }
    return hash;
  }

  void comment(long hash) {
    if (statements == 0 && words == 0) {
      flags |= hash == HINTS_PRIMARY ? HINT_PRIMARY : 0;
      flags |= hash == HINTS_STANDBY ? HINT_STANDBY : 0;
    }
  }

  void word(SqlWord word, long hash, boolean postgres) {
    mix(hash);
    if (words == 0) {
      head = word;
      headHash = hash;
    } else {
      later(word, hash);
      mayBeOwn(hash);
    }
    words++;
    if (ReadWords.GRAMMAR.contains(word)) {
      settle();
      token = Token.GRAMMAR;
      cast = false;
    } else {
      named(hash, postgres);
    }
    beforeLast = last;
    last = word;
  }

  private void mayBeOwn(long hash) {
    boolean second =
        words == 1 || (words == 2 && (last == SqlWord.SESSION || last == SqlWord.LOCAL));
    boolean sets = head == SqlWord.SET || head == SqlWord.RESET || head == SqlWord.SHOW;
    if (statements == 0 && second && sets) {
      flags |= hash == PGFLEET || (head == SqlWord.SHOW && hash == ROUTE) ? OWN : 0;
    }
  }

  void name(long hash, boolean postgres) {
    mix(hash);
    words++;
    named(hash, postgres);
    beforeLast = last;
    last = SqlWord.OTHER;
  }

  private void named(long hash, boolean postgres) {
    if (!dotted) {
      settle();
      alias =
          token == Token.CLOSE
              || cast
              || last == SqlWord.AS
              || last == SqlWord.WITH
              || last == SqlWord.RECURSIVE
              || (head == SqlWord.WITH && depth == 0 && !bodySeen)
              || (head == SqlWord.COPY && depth == 0)
              || words == 1;
    }
    token = Token.NAME;
    name = hash;
    serverName |= postgres;
    dotted = false;
    cast = false;
    colon = false;
  }

  /** What was named with pg_ is not called: a view or table of the server's own. */
  private void settle() {
    if (serverName) {
      spoil(Why.SERVER, name);
      serverName = false;
    }
    dotted = false;
    colon = false;
  }

  void literal() {
    mix(1);
    settle();
    words++;
    token = Token.OTHER;
    cast = false;
    beforeLast = last;
    last = SqlWord.OTHER;
  }

  void open() {
    mix('(');
    if (token == Token.NAME && !alias) {
      serverName = false;
      call();
    } else {
      settle();
    }
    depth++;
    if (token == Token.GRAMMAR && last == SqlWord.ON && beforeLast == SqlWord.DISTINCT) {
      distinctDepth = depth;
    }
    token = Token.OTHER;
    cast = false;
  }

  private void call() {
    if (callCount == MOST_CALLS) {
      spoil(Why.TOO_MANY_CALLS, name);
    } else {
      calls[callCount++] = name;
    }
  }

  void close() {
    mix(')');
    settle();
    token = depth == distinctDepth ? Token.OTHER : Token.CLOSE;
    distinctDepth = depth == distinctDepth ? -1 : distinctDepth;
    depth--;
    // what follows belongs to the level that was left
    last = SqlWord.OTHER;
  }

  void symbol(byte c) {
    mix(c);
    if (c == '.' && token == Token.NAME) {
      serverName &= name != POSTGRES_CATALOG;
      dotted = true;
      return;
    }
    boolean second = c == ':' && colon;
    settle();
    colon = c == ':' && !second;
    cast = second;
    token = Token.OTHER;
    last = SqlWord.OTHER;
  }

  private void later(SqlWord word, long hash) {
    switch (word) {
      case INSERT, UPDATE, DELETE, MERGE, INTO -> spoil(Why.WORD, hash);
      case SHARE, NO, KEY -> {
        if (last == SqlWord.FOR) {
          spoil(Why.WORD, hash);
        }
      }
      case OPERATOR -> spoil(Why.WORD, hash);
      case ANALYZE, ANALYSE -> {
        if (head == SqlWord.EXPLAIN) {
          spoil(Why.WORD, hash);
        }
      }
      case STDOUT -> toStdout |= head == SqlWord.COPY && depth == 0 && last == SqlWord.TO;
      case FROM, PROGRAM -> {
        if (head == SqlWord.COPY && depth == 0) {
          spoil(Why.WORD, hash);
        }
      }
      case ONLY -> {
        readOnly |= last == SqlWord.READ;
        saysMode |= last == SqlWord.READ;
      }
      case WRITE, SERIALIZABLE -> {
        saysMode = true;
        writesAtEnd |= head == SqlWord.BEGIN || head == SqlWord.START;
      }
      case PREPARED -> writesAtEnd = true;
      default -> {
        // says nothing of writing
      }
    }
    if (depth == 0 && !bodySeen && word != SqlWord.VERBOSE) {
      boolean body = startsReading(word);
      if (head == SqlWord.EXPLAIN && !body) {
        spoil(Why.STATEMENT, hash);
      }
      if (word == SqlWord.WITH) {
        head = head == SqlWord.EXPLAIN ? SqlWord.WITH : head;
      } else {
        bodySeen |= body;
      }
    }
  }

  private static boolean startsReading(SqlWord word) {
    return word == SqlWord.SELECT
        || word == SqlWord.VALUES
        || word == SqlWord.TABLE
        || word == SqlWord.WITH;
  }

  private void spoil(Why reason, long hash) {
    spoilt = true;
    if (why == Why.NOTHING) {
      why = reason;
      whyHash = hash;
    }
  }

  void endStatement() {
    settle();
    boolean reads =
        switch (head) {
          case SELECT, VALUES, TABLE -> true;
          case WITH, EXPLAIN -> bodySeen;
          case COPY -> toStdout;
          default -> false;
        };
    boolean harmless =
        switch (head) {
          case BEGIN, START, COMMIT, END, ROLLBACK, ABORT -> !(last == SqlWord.PREPARED);
          case SAVEPOINT, RELEASE, SHOW, SET, RESET, DEALLOCATE, CLOSE -> true;
          default -> false;
        };
    if (!reads && !spoilt) {
      spoil(Why.STATEMENT, headHash);
    }
    reads &= !spoilt;
    if (statements == 0 && (head == SqlWord.BEGIN || head == SqlWord.START)) {
      boolean serial = writesAtEnd;
      flags |= readOnly && !serial ? BEGINS_READ_ONLY : 0;
      flags |= !saysMode ? BEGINS_USUAL : 0;
    }
    allRead &= reads;
    allHarmless &= reads || (harmless && !(writesAtEnd && endsPrepared()));
    statements++;
    beginStatement();
  }

  private boolean endsPrepared() {
    return head != SqlWord.BEGIN && head != SqlWord.START;
  }

  private void mix(long value) {
    shape = (shape ^ value) * SqlWord.HASH_PRIME;
    shape ^= shape >>> 29;
  }
}
