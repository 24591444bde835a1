package io.pgfleet.backup.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.wire.Lsn;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WrittenTimesTest {
  private static final Instant BEGIN = Instant.parse("2026-11-22T12:00:00Z");
  private static final Duration NEVER = Duration.ZERO;

  private final WrittenTimes times = new WrittenTimes();

  private static Instant at(long seconds) {
    return BEGIN.plusSeconds(seconds);
  }

  private static Lsn lsn(long position) {
    return new Lsn(position);
  }

  @Test
  void allIsArchivedThatWasWrittenBeforeTheFirstThatIsNot() {
    assertThat(times.confirmed(lsn(0), lsn(0), NEVER, at(0))).isEqualTo(Instant.EPOCH);
    for (int i = 1; i <= 100; i++) {
      times.note(lsn(i * 10L), at(i));
    }
    assertThat(times.confirmed(lsn(505), lsn(900), NEVER, at(100))).isEqualTo(at(50));
    assertThat(times.confirmed(lsn(505), lsn(900), NEVER, at(200))).isEqualTo(at(50));
    assertThat(times.confirmed(lsn(1000), lsn(1000), NEVER, at(200))).isEqualTo(at(100));
  }

  @Test
  void aServerAtRestWouldHaveEndedASegmentInWhichThereIsAnything() {
    Duration minute = Duration.ofMinutes(1);
    times.note(lsn(1010), at(1));
    times.note(lsn(1010), at(500));
    assertThat(times.confirmed(lsn(900), lsn(1000), minute, at(500))).isEqualTo(Instant.EPOCH);
    assertThat(times.confirmed(lsn(1000), lsn(1000), minute, at(500))).isEqualTo(at(435));
    assertThat(times.confirmed(lsn(1000), lsn(1000), minute, at(400))).isEqualTo(at(435));
  }

  @Test
  void ofALongOutageItKnowsLessButNothingTooYoung() {
    for (int i = 1; i <= 100_000; i++) {
      times.note(lsn(i), at(i));
    }
    Instant confirmed = times.confirmed(lsn(50_000), lsn(100_000), NEVER, at(100_000));
    assertThat(confirmed).isBetween(at(1), at(50_000));
  }
}
