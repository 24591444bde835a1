package io.pgfleet.migrate.pgbouncer;

import io.pgfleet.migrate.Draft;
import io.pgfleet.migrate.Finding.Verdict;
import io.pgfleet.migrate.pgbouncer.IniFile.Entry;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/** Puts values that are numbers, times and words under the gateway's keys. */
final class Mapper {
  private final Draft draft;

  Mapper(Draft draft) {
    this.draft = draft;
  }

  void note(Entry of, Verdict verdict, String subject, String words) {
    draft.note(of.file(), of.line(), verdict, subject, words);
  }

  /** Puts a value; a second one for the same key is wrong. */
  void put(Entry of, String subject, Object value, String... path) {
    if (draft.put(value, path)) {
      note(of, Verdict.MAPPED, subject, String.join(".", path) + ": " + value);
    } else {
      note(
          of,
          Verdict.WRONG,
          subject,
          "given twice; PgBouncer takes the last, " + draft.get(path) + " is kept here: decide");
    }
  }

  /** Applies a rule that needs no more than the value. */
  void apply(Entry of, String subject, String value, Rule rule, String... under) {
    switch (rule) {
      case Rule.Whole number -> number(of, subject, value, number, under);
      case Rule.Seconds seconds -> seconds(of, subject, value, seconds, under);
      case Rule.NotNeeded(String why) -> note(of, Verdict.NOT_NEEDED, subject, why);
      case Rule.Left(String why) -> note(of, Verdict.LEFT, subject, why);
      case Rule.Own() -> throw new IllegalArgumentException("a rule of its own: " + subject);
    }
  }

  private static String[] path(String[] under, String key) {
    return Stream.concat(Arrays.stream(under), Stream.of(key)).toArray(String[]::new);
  }

  private void number(Entry of, String subject, String value, Rule.Whole rule, String[] under) {
    if (!value.matches("\\d{1,9}")) {
      note(of, Verdict.WRONG, subject, "'" + value + "' is not a whole number; left out");
      return;
    }
    int number = Integer.parseInt(value);
    if (number == 0 && !rule.zero().isEmpty()) {
      put(of, subject, rule.zero(), path(under, rule.key()));
    } else if (number < rule.least() || number > rule.most()) {
      note(
          of,
          Verdict.WRONG,
          subject,
          number + " is not from " + rule.least() + " to " + rule.most() + "; left out");
    } else {
      put(of, subject, number, path(under, rule.key()));
    }
  }

  private void seconds(Entry of, String subject, String value, Rule.Seconds rule, String[] under) {
    if (!value.matches("\\d{1,9}(\\.\\d{1,6})?")) {
      note(of, Verdict.WRONG, subject, "'" + value + "' is not a number of seconds; left out");
      return;
    }
    long milliseconds = Math.round(Double.parseDouble(value) * 1_000);
    if (milliseconds == 0 && !rule.zero().isEmpty()) {
      put(of, subject, rule.zero(), path(under, rule.key()));
    } else if (milliseconds < rule.least() || milliseconds > rule.most()) {
      note(
          of,
          Verdict.WRONG,
          subject,
          value
              + " s is not from "
              + time(rule.least())
              + " to "
              + time(rule.most())
              + ", which the gateway takes; left out");
    } else {
      put(of, subject, time(milliseconds), path(under, rule.key()));
    }
  }

  private static String time(long milliseconds) {
    return milliseconds % 1_000 == 0 ? milliseconds / 1_000 + "s" : milliseconds + "ms";
  }

  /** A pool mode. */
  void poolMode(Entry of, String subject, String value, String... path) {
    String mode = value.toLowerCase(Locale.ROOT);
    switch (mode) {
      case "session", "transaction", "statement" -> put(of, subject, mode, path);
      default ->
          note(
              of,
              Verdict.WRONG,
              subject,
              "'" + value + "' is not session, transaction or statement; left out");
    }
  }

  /** PgBouncer's forms of a truth value. */
  static boolean truth(String value) {
    return value.matches("(?i)1|on|true|yes|t|y");
  }
}
