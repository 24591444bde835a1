package io.pgfleet.chaos.check;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a server's log with {@code log_line_prefix = '%m [%p] '} (and more after it) and
 * {@code log_timezone = UTC}.
 *
 * @param message all behind the time and the process
 */
public record LogLine(Instant at, long process, String message) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}) UTC \\[(\\d+)\\] (.*)");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  /** The line of a text; empty for the continuation of another line. */
  public static Optional<LogLine> of(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LogLine(
              TIME.parse(matcher.group(1), Instant::from),
              Long.parseLong(matcher.group(2)),
              matcher.group(3)));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
