package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BackupSettingsTest {
  private static final long GIGA = 1L << 30;

  private static BackupSettings settings(int rounds, int threads, String size) {
    return new BackupSettings(rounds, threads, DataSize.parse(size), Optional.empty(), false);
  }

  @Test
  void sizesAreWrittenAsInPostgresql() {
    assertThat(DataSize.parse("2GB")).isEqualTo(2 * GIGA);
    assertThat(DataSize.parse(" 300 mb ")).isEqualTo(300L << 20);
    assertThat(DataSize.text(3 * GIGA / 2)).isEqualTo("1.5 GB");
    for (String text : new String[] {"", "2", "2TB", "-1GB", "1.5GB", "GB", "9999999GB"}) {
      assertThatThrownBy(() -> DataSize.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + text + "'");
    }
  }

  @Test
  void roomIsAskedForSourceRepositoriesAndTheRestoredCopy() {
    assertThat(settings(5, 2, "2GB").room()).isEqualTo(10 * GIGA);
  }

  @Test
  void nothingToMeasureIsRefused() {
    assertThatThrownBy(() -> settings(0, 2, "2GB")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings(5, 0, "2GB")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings(5, 2, "50MB")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whoIsFirstInOneRoundIsLastInTheNext() {
    assertThat(BackupBenchmark.turns(1, 2)).containsExactly(1, 0);
    assertThat(BackupBenchmark.turns(2, 2)).containsExactly(0, 1);
    assertThat(BackupBenchmark.turns(3, 2)).containsExactly(1, 0);
  }
}
