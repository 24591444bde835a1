package io.pgfleet.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.cli.fleet.CommandFailure;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MoveTimeTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "2026-11-21T18:30, 2026-11-21T17:30:00Z",
    "2026-11-21T18:30:05, 2026-11-21T17:30:05Z",
    "2026-11-21T18:30+00:00, 2026-11-21T18:30:00Z",
    "2026-11-21T18:30Z, 2026-11-21T18:30:00Z",
    "18:30, 2026-11-21T17:30:00Z",
    "+90s, 2026-11-21T12:01:30Z",
    "+5m, 2026-11-21T12:05:00Z",
    "+2h, 2026-11-21T14:00:00Z",
    "+1d, 2026-11-22T12:00:00Z"
  })
  void timesToComeAreRead(String text, String expected) {
    assertThat(MoveTime.parse(text, NOW, ZONE)).isEqualTo(Instant.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-21T12:30", "12:59", "+0s", "2025-01-01T00:00Z"})
  void timesThatHavePassedAreRefused(String text) {
    assertThatThrownBy(() -> MoveTime.parse(text, NOW, ZONE))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("has passed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "5m", "+5", "+5w", "25:00", "2026-11-21"})
  void otherTextIsNoTime(String text) {
    assertThatThrownBy(() -> MoveTime.parse(text, NOW, ZONE))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("is no time");
  }
}
