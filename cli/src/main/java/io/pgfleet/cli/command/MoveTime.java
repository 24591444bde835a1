package io.pgfleet.cli.command;

import io.pgfleet.cli.fleet.CommandFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time to come, as people write it on a command line. */
final class MoveTime {
  private static final Pattern FROM_NOW = Pattern.compile("\\+([0-9]{1,6})([smhd])");

  private MoveTime() {}

  /**
   * Reads ISO 8601 with or without an offset ({@code 2026-11-21T18:30}, {@code
   * 2026-11-21T18:30+01:00}, {@code 2026-11-21T17:30Z}), a time of today ({@code 18:30}), or a time
   * from now on ({@code +90s}, {@code +5m}, {@code +2h}, {@code +1d}).
   *
   * @throws CommandFailure if it is none of them, or has passed
   */
  static Instant parse(String text, Instant now, ZoneId zone) {
    Instant time = read(text, now, zone);
    if (!time.isAfter(now)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the time " + text + " has passed (" + time.atZone(zone).toOffsetDateTime() + ")",
          "give a time to come, or +5m for five minutes from now");
    }
    return time;
  }

  private static Instant read(String text, Instant now, ZoneId zone) {
    Matcher fromNow = FROM_NOW.matcher(text);
    if (fromNow.matches()) {
      long number = Long.parseLong(fromNow.group(1));
      return now.plus(
          switch (fromNow.group(2)) {
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
    try {
      return LocalTime.parse(text).atDate(now.atZone(zone).toLocalDate()).atZone(zone).toInstant();
    } catch (DateTimeParseException e) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'" + text + "' is no time",
          "write 2026-11-21T18:30 (local time), 2026-11-21T18:30+01:00, 18:30 (today), or +5m");
    }
  }
}
