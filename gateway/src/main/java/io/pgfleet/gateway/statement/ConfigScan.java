package io.pgfleet.gateway.statement;

/**
 * Finds what a text does to settings by name: calls of {@code set_config} that outlive the
 * transaction, and whatever makes {@code synchronous_commit} wait for less than it does by default.
 *
 * <p>The latter is {@code SET [SESSION | LOCAL] synchronous_commit} as a statement of its own or at
 * the end of CREATE or ALTER (of a role, a database, a function, the system), and {@code
 * set_config} with that name. Values that wait for standbys' flush are known ({@code on}, {@code
 * remote_apply} and their spellings, PostgreSQL manual, 'synchronous_commit'); any other counts as
 * less, also one that can't be told from the text. Allocates nothing.
 */
final class ConfigScan {
  private enum Stage {
    NONE,
    /** After SET, before the name. */
    SETS,
    /** Before the value of synchronous_commit. */
    VALUE,
    /** In a call, before a name. */
    NAME,
    /** After the name synchronous_commit. */
    COMMA,
    /** In the second argument, whose value has not been seen. */
    ARGUMENT
  }

  private static final long PARAMETER = SqlWord.hash("synchronous_commit");
  private static final long[] FULL = {
    SqlWord.hash("on"),
    SqlWord.hash("true"),
    SqlWord.hash("yes"),
    SqlWord.hash("1"),
    SqlWord.hash("remote_apply"),
    SqlWord.hash("default"),
    // of a function: what the session has, which was seen when it was set
    SqlWord.hash("from"),
  };

  private Stage stage = Stage.NONE;
  private boolean lowers;
  private int parentheses;
  private int callAt = -1;
  private long text;

  void begin() {
    lowers = false;
    beginStatement();
  }

  void beginStatement() {
    stage = Stage.NONE;
    parentheses = 0;
    callAt = -1;
  }

  /** Whether some statement read so far may wait for less. */
  boolean lowers() {
    return lowers;
  }

  /** A word or number, and the first word of its statement. */
  void word(SqlWord word, long hash, SqlWord head) {
    switch (stage) {
      case NONE -> {
        boolean sets = head == SqlWord.SET || head == SqlWord.ALTER || head == SqlWord.CREATE;
        if (sets && word == SqlWord.SET) {
          stage = Stage.SETS;
        }
      }
      case SETS -> {
        if (word != SqlWord.SESSION && word != SqlWord.LOCAL) {
          stage = hash == PARAMETER ? Stage.VALUE : Stage.NONE;
        }
      }
      case VALUE -> {
        if (word != SqlWord.TO) {
          value(hash);
        }
      }
      case NAME, COMMA, ARGUMENT -> {
        // a cast, or the name of an argument
      }
    }
  }

  /** A name in double quotes. */
  void name(long hash) {
    switch (stage) {
      case SETS -> stage = hash == PARAMETER ? Stage.VALUE : Stage.NONE;
      case VALUE -> value(hash);
      case NONE, NAME, COMMA, ARGUMENT -> {
        // not of a setting
      }
    }
  }

  /** A string begins. */
  void beginText() {
    text = SqlWord.HASH_START;
  }

  void inText(byte c) {
    text = (text ^ SqlWord.lower(c)) * SqlWord.HASH_PRIME;
  }

  void endText() {
    switch (stage) {
      case SETS -> stage = Stage.NONE;
      case VALUE -> value(text);
      case NAME -> {
        if (callAt == parentheses) {
          stage = text == PARAMETER ? Stage.COMMA : Stage.NONE;
        }
      }
      case ARGUMENT -> {
        if (callAt == parentheses) {
          value(text);
        }
      }
      case NONE, COMMA -> {
        // some other string
      }
    }
  }

  private void value(long hash) {
    boolean full = false;
    for (long known : FULL) {
      full |= hash == known;
    }
    lowers |= !full;
    stage = Stage.NONE;
  }

  /** A string in dollar quotes, or a parameter. */
  void dollar() {
    if (stage == Stage.VALUE) {
      value(0);
    }
  }

  void symbol(byte c) {
    if (c == ',' && callAt == parentheses) {
      if (stage == Stage.COMMA) {
        stage = Stage.ARGUMENT;
      } else if (stage == Stage.ARGUMENT) {
        value(0);
      }
    }
  }

  void open(SqlWord previous) {
    parentheses++;
    if (previous == SqlWord.SET_CONFIG && callAt < 0) {
      callAt = parentheses;
      stage = Stage.NAME;
    }
  }

  /** A parenthesis is closed; true if that ends a call whose effect outlives the transaction. */
  boolean close(SqlWord previous) {
    boolean ends = callAt == parentheses;
    if (ends) {
      if (stage == Stage.ARGUMENT) {
        value(0);
      }
      stage = Stage.NONE;
      callAt = -1;
    }
    parentheses--;
    return ends && previous != SqlWord.TRUE;
  }
}
