package io.pgfleet.migrate.pgbouncer;

/** What becomes of one of PgBouncer's settings. */
sealed interface Rule {
  /** A number, under the same meaning. */
  record Whole(String key, int least, int most, String zero) implements Rule {
    static Whole of(String key, int least, int most) {
      return new Whole(key, least, most, "");
    }
  }

  /**
   * A time in seconds.
   *
   * @param least in milliseconds
   * @param most in milliseconds
   * @param zero what 0 becomes; empty if 0 is a time like others
   */
  record Seconds(String key, long least, long most, String zero) implements Rule {}

  /** Something with a rule of its own. */
  record Own() implements Rule {}

  /** There is no need of it. */
  record NotNeeded(String why) implements Rule {}

  /** Somebody has to decide. */
  record Left(String why) implements Rule {}
}
