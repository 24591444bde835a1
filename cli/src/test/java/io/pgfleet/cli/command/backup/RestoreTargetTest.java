package io.pgfleet.cli.command.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreTargetTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  private static RecoveryTarget parse(String text) {
    return RestoreTarget.parse(text, NOW, ZONE);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-21T18:30:05Z, 2026-11-21T18:30:05Z",
    "2026-11-21T18:30:05+03:00, 2026-11-21T15:30:05Z",
    "2026-11-21T18:30:05.123456, 2026-11-21T17:30:05.123456Z",
    "2026-11-21 18:30, 2026-11-21T17:30:00Z",
    "12:59, 2026-11-22T11:59:00Z",
    "-90s, 2026-11-22T11:58:30Z",
    "-2d, 2026-11-20T12:00:00Z"
  })
  void timesAreReadAsPeopleWriteThem(String text, Instant expected) {
    assertThat(parse(text)).isEqualTo(new RecoveryTarget.Time(expected));
  }

  @Test
  void othersAreNamed() {
    assertThat(parse("latest")).isEqualTo(new RecoveryTarget.Latest());
    assertThat(parse("lsn:1/2A")).isEqualTo(new RecoveryTarget.Position(Lsn.parse("1/2A")));
    assertThat(parse("mark:before:v2")).isEqualTo(new RecoveryTarget.Mark("before:v2"));
    assertThat(parse("before:7241")).isEqualTo(new RecoveryTarget.Before(7241));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "now", "lsn:x", "lsn:", "before:-", "before:x", "25:00", "-5", "2026"})
  void whatIsNoMomentIsToldWithExamples(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            e -> assertThat(e.text()).contains("is no moment to restore to", "mark:NAME"));
  }

  @Test
  void aTimeToComeIsNone() {
    assertThatThrownBy(() -> parse("2026-11-22T13:00:01"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("still to come (2026-11-22T13:00:01+01:00)");
  }
}
