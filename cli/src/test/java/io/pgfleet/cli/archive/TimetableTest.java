package io.pgfleet.cli.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimetableTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static Timetable daily(int days) {
    return new Timetable(Duration.ofDays(days), Optional.of(LocalTime.of(2, 30)));
  }

  @Test
  void withoutATimeOfDayItIsDueWhenTheTimeHasPassed() {
    Timetable table = new Timetable(Duration.ofHours(7), Optional.empty());
    assertThat(table.next(Instant.parse("2026-03-01T20:15:07Z"), BERLIN))
        .isEqualTo("2026-03-02T03:15:07Z");
    assertThat(table.age()).isEqualTo(Duration.ofHours(7));
  }

  @ParameterizedTest
  @CsvSource({
    // begun in its time, a moment earlier, a moment later
    "2026-01-10T01:30:00Z, 1, 2026-01-11T01:30:00Z",
    "2026-01-10T01:29:58Z, 1, 2026-01-11T01:30:00Z",
    "2026-01-10T01:30:09Z, 1, 2026-01-11T01:30:00Z",
    // out of turn
    "2026-01-10T08:00:00Z, 1, 2026-01-11T01:30:00Z",
    "2026-01-10T20:00:00Z, 1, 2026-01-12T01:30:00Z",
    "2026-01-10T01:30:00Z, 7, 2026-01-17T01:30:00Z",
    // over the change of the clocks, in both directions
    "2026-03-28T01:30:00Z, 1, 2026-03-29T01:30:00Z",
    "2026-03-29T01:30:00Z, 1, 2026-03-30T00:30:00Z",
    "2026-10-24T00:30:00Z, 1, 2026-10-25T00:30:00Z",
    "2026-10-25T00:30:00Z, 1, 2026-10-26T01:30:00Z"
  })
  void withATimeOfDayItIsDueAtTheNearest(Instant last, int days, Instant next) {
    assertThat(daily(days).next(last, BERLIN)).isEqualTo(next);
  }

  @Test
  void aWeekOfDaysEndsWithItsLastDay() {
    Instant full = Instant.parse("2026-01-04T01:30:05Z");
    Instant next = Instant.parse("2026-01-11T01:30:01Z");
    assertThat(Duration.between(full, next)).isGreaterThan(daily(7).age());
    assertThat(Duration.between(full, next.minus(Duration.ofDays(1)))).isLessThan(daily(7).age());
  }
}
