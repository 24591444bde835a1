package io.pgfleet.cli.command.backup;

import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The moment to restore to, as people write it on a command line. */
final class RestoreTarget {
  private static final Pattern AGO = Pattern.compile("-([0-9]{1,6})([smhd])");

  private RestoreTarget() {}

  /**
   * Reads {@code latest}, {@code lsn:0/3000060}, {@code mark:NAME}, {@code before:TRANSACTION}, or
   * a time: {@code 2026-11-21T18:30:05} (local), with an offset, {@code 18:30} (today), or {@code
   * -5m} (s, m, h, d ago).
   *
   * @throws CommandFailure if it is none of them, or a time to come
   */
  static RecoveryTarget parse(String text, Instant now, ZoneId zone) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String rest = text.substring(colon + 1);
    try {
      return switch (kind) {
        case "latest" -> new RecoveryTarget.Latest();
        case "lsn" -> new RecoveryTarget.Position(Lsn.parse(rest));
        case "mark" -> new RecoveryTarget.Mark(rest);
        case "before" -> new RecoveryTarget.Before(Long.parseUnsignedLong(rest));
        default -> new RecoveryTarget.Time(past(text, now, zone)); // what begins with a number
      };
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + text + "' is no moment to restore to",
          "write latest, 2026-11-21T18:30:05 (local time), 2026-11-21T18:30:05+01:00, 18:30"
              + " (today), -5m (ago), lsn:0/3000060, mark:NAME, or before:TRANSACTION");
    }
  }

  private static Instant past(String text, Instant now, ZoneId zone) {
    Instant time = read(text.replace(' ', 'T'), now, zone);
    if (time.isAfter(now)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the time " + text + " is still to come (" + time.atZone(zone).toOffsetDateTime() + ")",
          "give one that has passed, or latest");
    }
    return time;
  }

  private static Instant read(String text, Instant now, ZoneId zone) {
    Matcher ago = AGO.matcher(text);
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number); // the pattern allows d alone besides
          });
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException notWithOffset) {
      // It may be one of the others.
    }
    try {
      return LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeParseException notLocal) {
      // It may be the last.
    }
    return LocalTime.parse(text).atDate(now.atZone(zone).toLocalDate()).atZone(zone).toInstant();
  }

  /** A moment in words. */
  static String words(RecoveryTarget target) {
    return switch (target) {
      case RecoveryTarget.Latest() -> "the end of WAL";
      case RecoveryTarget.Time(Instant time) -> time.toString();
      case RecoveryTarget.Position(Lsn position) -> position.toString();
      case RecoveryTarget.Mark(String name) -> "the mark " + name;
      case RecoveryTarget.Before(long transaction) ->
          "just before transaction " + Long.toUnsignedString(transaction);
    };
  }
}
