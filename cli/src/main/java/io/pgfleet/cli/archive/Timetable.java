package io.pgfleet.cli.archive;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * When something is due that is done again and again.
 *
 * @param every how often; whole days where there is a time of day
 * @param at the time of day; any if absent
 */
public record Timetable(Duration every, Optional<LocalTime> at) {
  /** Something that was done out of turn moves the next time by no more than this. */
  private static final Duration NEAR = Duration.ofHours(12);

  /**
   * When it is due again: with a time of day at the one that is nearest to a whole {@link #every}
   * after the last time.
   *
   * @param last when it was begun the last time
   * @param zone of the time of day
   */
  public Instant next(Instant last, ZoneId zone) {
    Instant next = last.plus(every);
    if (at.isEmpty()) {
      return next;
    }
    Instant earliest = next.minus(NEAR);
    // Of a time that comes twice when clocks are put back this is the first.
    ZonedDateTime same = earliest.atZone(zone).toLocalDate().atTime(at.get()).atZone(zone);
    return same.toInstant().isBefore(earliest)
        ? same.toLocalDate().plusDays(1).atTime(at.get()).atZone(zone).toInstant()
        : same.toInstant();
  }

  /**
   * How old the last one has to be where only its age decides about the next: with a time of day
   * one is begun a moment earlier or later in its minute than the last.
   */
  public Duration age() {
    return at.isEmpty() ? every : every.minus(NEAR);
  }
}
