package io.pgfleet.cli.command.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.backup.BackupProgress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  @Test
  void itTellsShareRateAndTimeLeft() {
    BackupProgress half = new BackupProgress(1_000_000_000, 2_000_000_000, Duration.ofSeconds(10));
    assertThat(ProgressLine.words(half))
        .isEqualTo("[############............]  50%  1.0 GB of 2.0 GB, 100 MB/s, 10 s left");
  }

  @Test
  void atTheBeginningNothingIsGuessed() {
    assertThat(ProgressLine.words(new BackupProgress(0, 0, Duration.ZERO)))
        .isEqualTo("[........................]   0%  0 B of 0 B, 0 B/s");
  }

  @Test
  void sizesAndTimesAreShort() {
    assertThat(ProgressLine.size(999)).isEqualTo("999 B");
    assertThat(ProgressLine.size(1500)).isEqualTo("1.5 kB");
    assertThat(ProgressLine.size(72_000_000)).isEqualTo("72 MB");
    assertThat(ProgressLine.size(3_400_000_000_000L)).isEqualTo("3.4 TB");
    assertThat(ProgressLine.time(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(ProgressLine.time(Duration.ofSeconds(61))).isEqualTo("1 min 1 s");
    assertThat(ProgressLine.time(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
  }
}
