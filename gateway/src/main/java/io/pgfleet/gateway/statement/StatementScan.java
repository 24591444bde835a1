package io.pgfleet.gateway.statement;

import java.nio.ByteBuffer;

/**
 * Reads SQL text just far enough to know what it does to a session: which statements begin or end a
 * transaction, and which leave something behind on the server that outlives it (PostgreSQL manual,
 * 'Lexical Structure'). Text may come in pieces; {@link #begin}, {@link #feed} any number of times,
 * {@link #finish}. Allocates nothing.
 *
 * <p>It sees text only: what a function or a DO block does inside is not seen.
 */
public final class StatementScan {
  /** The first statement opens a transaction block. */
  public static final int FIRST_BEGINS = 1;

  /** The first statement commits. */
  public static final int FIRST_COMMITS = 1 << 1;

  /** The first statement rolls the whole transaction back. */
  public static final int FIRST_ROLLS_BACK = 1 << 2;

  /** Some statement ends a transaction, either way. */
  public static final int ENDS = 1 << 3;

  /** More than one statement. */
  public static final int SEVERAL = 1 << 4;

  /** No statement at all. */
  public static final int EMPTY = 1 << 5;

  /** DISCARD ALL or DEALLOCATE ALL: the answer's tag has to be read. */
  public static final int FORGETS = 1 << 6;

  /** DEALLOCATE of one name. */
  public static final int DEALLOCATES = 1 << 7;

  public static final int PINS_LISTEN = 1 << 8;
  public static final int PINS_TEMPORARY = 1 << 9;
  public static final int PINS_HOLD = 1 << 10;
  public static final int PINS_LOCK = 1 << 11;
  public static final int PINS_PREPARE = 1 << 12;
  public static final int PINS_SET = 1 << 13;
  public static final int PINS_LOAD = 1 << 14;

  /**
   * A statement too large to be prepared again elsewhere; set by the gateway, not found in text.
   */
  public static final int PINS_LARGE = 1 << 15;

  /** Some statement opens a transaction block. */
  public static final int BEGINS = 1 << 16;

  /** Some statement makes a savepoint. */
  public static final int SAVES = 1 << 17;

  /** UNLISTEN. */
  public static final int UNLISTENS = 1 << 18;

  /** SQL's EXECUTE. */
  public static final int EXECUTES = 1 << 19;

  /** Something may be given up that pinned the client. */
  public static final int MAY_UNPIN = 1 << 20;

  /** Something makes commits wait for less than {@code synchronous_commit = on}, or may do so. */
  public static final int LOWERS_COMMIT = 1 << 30;

  /** All reasons to keep a client on its server. */
  public static final int PINS =
      PINS_LISTEN
          | PINS_TEMPORARY
          | PINS_HOLD
          | PINS_LOCK
          | PINS_PREPARE
          | PINS_SET
          | PINS_LOAD
          | PINS_LARGE;

  private enum State {
    PLAIN,
    WORD,
    STRING,
    ESCAPE_STRING,
    ESCAPE,
    IDENTIFIER,
    DASH,
    LINE_COMMENT,
    SLASH,
    COMMENT,
    COMMENT_SLASH,
    COMMENT_STAR,
    DOLLAR_OPEN,
    DOLLAR_BODY,
    DOLLAR_CLOSE
  }

  private static final long HASH_START = SqlWord.HASH_START;
  private static final long HASH_PRIME = SqlWord.HASH_PRIME;
  private static final long ESCAPE_PREFIX = SqlWord.hash("E");

  private final ReadScan reads = new ReadScan();
  private final ConfigScan settings = new ConfigScan();
  private TrackedNames tracked = TrackedNames.USUAL;
  private int wordLength;
  private boolean postgresName;
  private boolean number;
  private State state = State.PLAIN;
  private int flags;
  private long hash;
  private int commentDepth;
  private long dollarTag;
  private int statements;

  // of the statement being read
  private int words;
  private SqlWord head = SqlWord.OTHER;
  private SqlWord previous = SqlWord.OTHER;
  private SqlWord beforePrevious = SqlWord.OTHER;
  private int statementFlags;
  private boolean settingDecided;
  private boolean dropsAtCommit;

  /** Forgets what was read and takes the parameters that need no pin. */
  public void begin(TrackedNames trackedNames) {
    tracked = trackedNames;
    state = State.PLAIN;
    flags = 0;
    statements = 0;
    reads.begin();
    settings.begin();
    beginStatement();
  }

  /** What was found about reading in the text that was read last. */
  public ReadScan reads() {
    return reads;
  }

  private void beginStatement() {
    words = 0;
    head = SqlWord.OTHER;
    previous = SqlWord.OTHER;
    beforePrevious = SqlWord.OTHER;
    statementFlags = 0;
    settingDecided = false;
    dropsAtCommit = false;
    settings.beginStatement();
  }

  /** Reads bytes {@code from} to {@code to} (exclusive) of the buffer; a zero byte ends nothing. */
  public void feed(ByteBuffer text, int from, int to) {
    for (int i = from; i < to; i++) {
      step(text.get(i));
    }
  }

  /** The flags of all that was read. */
  public int finish() {
    if (state == State.WORD) {
      endWord();
    }
    state = State.PLAIN;
    endStatement();
    if (statements == 0) {
      flags |= EMPTY;
    } else if (statements > 1) {
      flags |= SEVERAL;
    }
    flags |= reads.flags() | (settings.lowers() ? LOWERS_COMMIT : 0);
    return flags;
  }

  /** Scans a text in one go. */
  public int scan(ByteBuffer text, int from, int to, TrackedNames trackedNames) {
    begin(trackedNames);
    feed(text, from, to);
    return finish();
  }

  private void step(byte c) {
    switch (state) {
      case PLAIN -> plain(c);
      case WORD -> {
        if (SqlWord.isPart(c)) {
          named(SqlWord.lower(c));
        } else if (c == '\'' && hash == ESCAPE_PREFIX) {
          // the E of E'...' belongs to the string
          reads.literal();
          settings.beginText();
          state = State.ESCAPE_STRING;
        } else {
          endWord();
          if (c == '.' && previous == SqlWord.PG_TEMP) {
            statementFlags |= PINS_TEMPORARY;
          }
          state = State.PLAIN;
          plain(c);
        }
      }
      case STRING -> {
        if (c == '\'') {
          settings.endText();
          state = State.PLAIN;
        } else {
          settings.inText(c);
        }
      }
      case ESCAPE_STRING -> {
        if (c == '\'') {
          settings.endText();
          state = State.PLAIN;
        } else {
          settings.inText(c);
          state = c == '\\' ? State.ESCAPE : state;
        }
      }
      case ESCAPE -> state = State.ESCAPE_STRING;
      case IDENTIFIER -> {
        if (c == '"') {
          reads.name(hash, postgresName);
          settings.name(hash);
          state = State.PLAIN;
        } else {
          named(c);
        }
      }
      case DASH, SLASH -> operator(c);
      case LINE_COMMENT -> {
        if (c == '\n' || c == '\r') {
          state = State.PLAIN;
        }
      }
      case COMMENT, COMMENT_SLASH, COMMENT_STAR -> comment(c);
      case DOLLAR_OPEN, DOLLAR_BODY, DOLLAR_CLOSE -> dollar(c);
    }
  }

  private void named(int c) {
    hash = (hash ^ c) * HASH_PRIME;
    if (++wordLength == 3) {
      postgresName = hash == ReadScan.POSTGRES_PREFIX;
    }
  }

  private void plain(byte c) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == 0) {
      return;
    }
    if (SqlWord.isPart(c) && c != '$') {
      hash = (HASH_START ^ SqlWord.lower(c)) * HASH_PRIME;
      wordLength = 1;
      postgresName = false;
      number = c >= '0' && c <= '9';
      state = State.WORD;
      return;
    }
    switch (c) {
      case '\'' -> {
        seen(SqlWord.OTHER, 0);
        reads.literal();
        settings.beginText();
        state = State.STRING;
      }
      case '"' -> {
        seen(SqlWord.OTHER, 0);
        hash = HASH_START;
        wordLength = 0;
        postgresName = false;
        state = State.IDENTIFIER;
      }
      case '-' -> state = State.DASH;
      case '/' -> state = State.SLASH;
      case '$' -> {
        seen(SqlWord.OTHER, 0);
        reads.literal();
        settings.dollar();
        dollarTag = HASH_START;
        state = State.DOLLAR_OPEN;
      }
      case ';' -> endStatement();
      case '(' -> {
        reads.open();
        settings.open(previous);
      }
      case ')' -> {
        reads.close();
        statementFlags |= settings.close(previous) ? PINS_SET : 0;
      }
      default -> {
        reads.symbol(c);
        settings.symbol(c);
      }
    }
  }

  private void operator(byte c) {
    boolean comments = state == State.DASH ? c == '-' : c == '*';
    if (comments) {
      state = state == State.DASH ? State.LINE_COMMENT : State.COMMENT;
      commentDepth = 1;
      hash = HASH_START;
    } else {
      reads.symbol(state == State.DASH ? (byte) '-' : (byte) '/');
      state = State.PLAIN;
      plain(c);
    }
  }

  private void comment(byte c) {
    if (state == State.COMMENT_SLASH && c == '*') {
      commentDepth++;
      state = State.COMMENT;
    } else if (state == State.COMMENT_STAR && c == '/') {
      commentDepth--;
      if (commentDepth == 0 && words == 0) {
        reads.comment(hash);
      }
      state = commentDepth == 0 ? State.PLAIN : State.COMMENT;
    } else if (c == '/') {
      state = State.COMMENT_SLASH;
    } else {
      state = c == '*' ? State.COMMENT_STAR : State.COMMENT;
      if (c > ' ' && c != '*') {
        hash = (hash ^ SqlWord.lower(c)) * HASH_PRIME;
      }
    }
  }

  /** Dollar quotes: the closing tag must be the opening one; tags are compared by hash. */
  private void dollar(byte c) {
    switch (state) {
      case DOLLAR_OPEN -> {
        if (c == '$') {
          state = State.DOLLAR_BODY;
        } else if (SqlWord.isPart(c) && !(dollarTag == HASH_START && c >= '0' && c <= '9')) {
          dollarTag = (dollarTag ^ c) * HASH_PRIME;
        } else {
          // a parameter such as $1
          state = State.PLAIN;
          plain(c);
        }
      }
      case DOLLAR_BODY -> {
        if (c == '$') {
          hash = HASH_START;
          state = State.DOLLAR_CLOSE;
        }
      }
      default -> {
        if (c != '$') {
          hash = (hash ^ c) * HASH_PRIME;
        } else if (hash == dollarTag) {
          state = State.PLAIN;
        } else {
          hash = HASH_START;
        }
      }
    }
  }

  private void endWord() {
    SqlWord word = SqlWord.of(hash);
    seen(word, hash);
    settings.word(word, hash, head);
    if (number) {
      reads.literal();
    } else {
      reads.word(word, hash, postgresName);
    }
  }

  private void seen(SqlWord word, long wordHash) {
    if (words == 0) {
      head = word;
      firstWord();
    } else {
      laterWord(word, wordHash);
    }
    beforePrevious = previous;
    previous = word;
    words++;
  }

  private void firstWord() {
    switch (head) {
      case LISTEN -> statementFlags |= PINS_LISTEN;
      case LOAD -> statementFlags |= PINS_LOAD;
      case PREPARE -> statementFlags |= PINS_PREPARE;
      case BEGIN, START -> statementFlags |= FIRST_BEGINS | BEGINS;
      case COMMIT, END -> statementFlags |= FIRST_COMMITS | ENDS;
      case ROLLBACK, ABORT -> statementFlags |= FIRST_ROLLS_BACK | ENDS;
      case DEALLOCATE -> statementFlags |= DEALLOCATES | MAY_UNPIN;
      case UNLISTEN -> statementFlags |= UNLISTENS;
      case SAVEPOINT -> statementFlags |= SAVES;
      case EXECUTE -> statementFlags |= EXECUTES;
      case CLOSE, DROP, DISCARD -> statementFlags |= MAY_UNPIN;
      default -> {
        // decided by later words, or by none
      }
    }
  }

  private void laterWord(SqlWord word, long wordHash) {
    switch (word) {
      case TEMP, TEMPORARY -> {
        boolean creates =
            head == SqlWord.CREATE
                && (previous == SqlWord.CREATE
                    || previous == SqlWord.LOCAL
                    || previous == SqlWord.GLOBAL
                    || previous == SqlWord.REPLACE);
        boolean selects =
            previous == SqlWord.INTO
                || (previous == SqlWord.LOCAL && beforePrevious == SqlWord.INTO);
        if (creates || selects) {
          statementFlags |= PINS_TEMPORARY;
        }
      }
      case DROP -> dropsAtCommit |= previous == SqlWord.COMMIT && beforePrevious == SqlWord.ON;
      case HOLD -> {
        if (head == SqlWord.DECLARE && previous == SqlWord.WITH) {
          statementFlags |= PINS_HOLD;
        }
      }
      case PG_ADVISORY_LOCK,
          PG_ADVISORY_LOCK_SHARED,
          PG_TRY_ADVISORY_LOCK,
          PG_TRY_ADVISORY_LOCK_SHARED ->
          statementFlags |= PINS_LOCK;
      case PG_ADVISORY_UNLOCK, PG_ADVISORY_UNLOCK_SHARED, PG_ADVISORY_UNLOCK_ALL ->
          statementFlags |= MAY_UNPIN;
      default -> {
        // no meaning outside the statements below
      }
    }
    switch (head) {
      case SET -> setting(word, wordHash);
      case PREPARE -> {
        if (words == 1 && word == SqlWord.TRANSACTION) {
          statementFlags = (statementFlags & ~PINS_PREPARE) | ENDS;
        }
      }
      case ROLLBACK, ABORT, COMMIT, END -> {
        if (word == SqlWord.TO) {
          statementFlags &= ~(FIRST_ROLLS_BACK | ENDS);
        } else if (word == SqlWord.CHAIN && previous == SqlWord.AND) {
          statementFlags &= ~(FIRST_ROLLS_BACK | FIRST_COMMITS);
        }
      }
      case DISCARD, DEALLOCATE -> {
        if (word == SqlWord.ALL) {
          statementFlags = (statementFlags & ~DEALLOCATES) | FORGETS;
        }
      }
      default -> {
        // nothing to find
      }
    }
  }

  private void setting(SqlWord word, long wordHash) {
    if (settingDecided || (words == 1 && word == SqlWord.SESSION)) {
      return;
    }
    settingDecided = true;
    switch (word) {
      case LOCAL, TRANSACTION, CONSTRAINTS, TIME, NAMES -> {
        // of this transaction only, or of a parameter that follows the client
      }
      default -> {
        if (!tracked.contains(wordHash)) {
          statementFlags |= PINS_SET;
        }
      }
    }
  }

  private void endStatement() {
    if (words > 0) {
      reads.endStatement();
      if (dropsAtCommit) {
        statementFlags &= ~PINS_TEMPORARY;
      }
      if (statements > 0) {
        statementFlags &= ~(FIRST_BEGINS | FIRST_COMMITS | FIRST_ROLLS_BACK);
      }
      flags |= statementFlags;
      statements++;
    }
    beginStatement();
  }

  /** The reasons among the flags, in words. */
  public static String reasons(int flags) {
    return PinReasons.of(flags);
  }
}
