package io.pgfleet.gateway.statement;

import java.nio.charset.StandardCharsets;

/** The words that {@link StatementScan} looks for, found by a 64-bit FNV-1a hash of lower case. */
enum SqlWord {
  OTHER,
  ABORT,
  ALL,
  ALTER,
  ANALYSE,
  ANALYZE,
  AND,
  ANY,
  ARRAY,
  AS,
  ASYMMETRIC,
  AUTHORIZATION,
  BEGIN,
  BETWEEN,
  BIT,
  BOTH,
  BY,
  CASE,
  CAST,
  CHAIN,
  CHAR,
  CHARACTER,
  CHARACTERISTICS,
  CLOSE,
  COALESCE,
  COMMIT,
  CONSTRAINTS,
  COPY,
  CREATE,
  CROSS,
  CUBE,
  DEALLOCATE,
  DEC,
  DECIMAL,
  DECLARE,
  DELETE,
  DISCARD,
  DISTINCT,
  DROP,
  E,
  ELSE,
  END,
  EXCEPT,
  EXECUTE,
  EXISTS,
  EXPLAIN,
  EXTRACT,
  FETCH,
  FILTER,
  FLOAT,
  FOR,
  FROM,
  FULL,
  GLOBAL,
  GREATEST,
  GROUP,
  GROUPING,
  HAVING,
  HOLD,
  IN,
  INNER,
  INSERT,
  INTERSECT,
  INTERVAL,
  INTO,
  ISOLATION,
  JOIN,
  JSON_ARRAY,
  JSON_EXISTS,
  JSON_OBJECT,
  JSON_QUERY,
  JSON_SCALAR,
  JSON_SERIALIZE,
  JSON_TABLE,
  JSON_VALUE,
  KEY,
  LATERAL,
  LEADING,
  LEAST,
  LIMIT,
  LISTEN,
  LOAD,
  LOCAL,
  MATERIALIZED,
  MERGE,
  MERGE_ACTION,
  MOVE,
  NAMES,
  NCHAR,
  NO,
  NORMALIZE,
  NOT,
  NULLIF,
  NUMERIC,
  OFFSET,
  ON,
  ONLY,
  OPERATOR,
  OR,
  ORDER,
  OVER,
  OVERLAY,
  PARTITION,
  PG_ADVISORY_LOCK,
  PG_ADVISORY_LOCK_SHARED,
  PG_ADVISORY_UNLOCK,
  PG_ADVISORY_UNLOCK_ALL,
  PG_ADVISORY_UNLOCK_SHARED,
  PG_TEMP,
  PG_TRY_ADVISORY_LOCK,
  PG_TRY_ADVISORY_LOCK_SHARED,
  PLACING,
  POSITION,
  PREPARE,
  PREPARED,
  PROGRAM,
  READ,
  RECURSIVE,
  RELEASE,
  REPLACE,
  RESET,
  ROLLBACK,
  ROLLUP,
  ROW,
  SAVEPOINT,
  SELECT,
  SERIALIZABLE,
  SESSION,
  SET,
  SETS,
  SET_CONFIG,
  SHARE,
  SHOW,
  SOME,
  START,
  STDOUT,
  SUBSTRING,
  SYMMETRIC,
  TABLE,
  TEMP,
  TEMPORARY,
  THEN,
  TIME,
  TIMESTAMP,
  TO,
  TRAILING,
  TRANSACTION,
  TREAT,
  TRIM,
  TRUE,
  UNION,
  UNLISTEN,
  UPDATE,
  USING,
  VALUES,
  VARCHAR,
  VARIADIC,
  VARYING,
  VERBOSE,
  WHEN,
  WHERE,
  WINDOW,
  WITH,
  WITHIN,
  WRITE,
  XMLATTRIBUTES,
  XMLCONCAT,
  XMLELEMENT,
  XMLEXISTS,
  XMLFOREST,
  XMLPARSE,
  XMLPI,
  XMLROOT,
  XMLSERIALIZE,
  XMLTABLE;

  static final long HASH_START = 0xcbf29ce484222325L;
  static final long HASH_PRIME = 0x100000001b3L;

  private static final int TABLE_SIZE = 1024;
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

  /** Whether a byte may stand in a word, or in a name without quotes. */
  static boolean isPart(byte c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '$'
        || c < 0;
  }
}
