package io.pgfleet.gateway.statement;

import java.nio.charset.StandardCharsets;

/** The words that {@link StatementScan} looks for, found by a 64-bit FNV-1a hash of lower case. */
enum SqlWord {
  OTHER,
  ABORT,
  ALL,
  AND,
  AUTHORIZATION,
  BEGIN,
  CHAIN,
  CHARACTERISTICS,
  CLOSE,
  COMMIT,
  CONSTRAINTS,
  CREATE,
  DEALLOCATE,
  DECLARE,
  DISCARD,
  DROP,
  E,
  END,
  EXECUTE,
  GLOBAL,
  HOLD,
  INTO,
  LISTEN,
  LOAD,
  LOCAL,
  NAMES,
  NO,
  ON,
  PG_ADVISORY_LOCK,
  PG_ADVISORY_LOCK_SHARED,
  PG_ADVISORY_UNLOCK,
  PG_ADVISORY_UNLOCK_ALL,
  PG_ADVISORY_UNLOCK_SHARED,
  PG_TEMP,
  PG_TRY_ADVISORY_LOCK,
  PG_TRY_ADVISORY_LOCK_SHARED,
  PREPARE,
  REPLACE,
  ROLLBACK,
  SAVEPOINT,
  SESSION,
  SET,
  SET_CONFIG,
  START,
  TEMP,
  TEMPORARY,
  TIME,
  TO,
  TRANSACTION,
  TRUE,
  UNLISTEN,
  WITH;

  static final long HASH_START = 0xcbf29ce484222325L;
  static final long HASH_PRIME = 0x100000001b3L;

  private static final int TABLE_SIZE = 256;
  private static final long[] HASHES = new long[TABLE_SIZE];
  private static final SqlWord[] WORDS = new SqlWord[TABLE_SIZE];

  static {
    for (SqlWord word : values()) {
      long hash = hash(word.name());
      int slot = slot(hash);
      while (HASHES[slot] != 0) {
        slot = slot + 1 & TABLE_SIZE - 1;
      }
      HASHES[slot] = hash;
      WORDS[slot] = word;
    }
  }

  /** The word with a hash, or {@link #OTHER}. */
  static SqlWord of(long hash) {
    int slot = slot(hash);
    while (HASHES[slot] != 0 && HASHES[slot] != hash) {
      slot = slot + 1 & TABLE_SIZE - 1;
    }
    return HASHES[slot] == hash ? WORDS[slot] : OTHER;
  }

  static long hash(String word) {
    long hash = HASH_START;
    for (byte c : word.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ lower(c)) * HASH_PRIME;
    }
    return hash;
  }

  static int lower(byte c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }

  private static int slot(long hash) {
    return (int) (hash >>> 20) & TABLE_SIZE - 1;
  }
}
