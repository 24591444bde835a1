package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.bench.backup.BackupReport.Round;
import io.pgfleet.bench.backup.BackupReport.Rounds;
import io.pgfleet.bench.figures.MarkdownReport;
import io.pgfleet.bench.figures.Run;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackupReportTest {
  private static final long BYTES = 1_000_000_000;

  private static Cost cost(double seconds, double processor, int megabytes) {
    return new Cost(duration(seconds), duration(processor), megabytes * 1_000_000L);
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** A restore in half of a backup's time, and a second more until the server takes writes. */
  private static Round round(double seconds, double processor, int megabytes) {
    return new Round(
        new Side.Taken(cost(seconds, processor, megabytes), duration(0.25), 400_000_000),
        new Side.Restored(
            cost(seconds / 2, processor / 2, megabytes),
            cost(seconds / 2 + 1, processor / 2 + 0.5, megabytes),
            duration(0.75)));
  }

  private static final List<Rounds> SIDES =
      List.of(
          new Rounds(
              "pgBackRest 2.45", List.of(round(10, 8, 30), round(20, 8, 30), round(8, 6, 20))),
          new Rounds("pgfleet", List.of(round(5, 4, 300), round(20, 12, 300), round(10, 8, 240))));

  private static List<Run> runs(String ending) {
    return new BackupReport("2026-11-22", List.of("CPU: 2 cores"), "Set.", BYTES, ending)
        .runs(SIDES);
  }

  @Test
  void throughputsAreComparedRoundByRoundAndTheRestByItsMedians() {
    assertThat(MarkdownReport.of(runs("")))
        .contains(
            "| | MB / s | time, s | stored, MB | CPU, s | CPU of the server, s | most memory, MB |"
                + " times pgBackRest 2.45 |")
        .contains("| pgBackRest 2.45 | 100 (50 to 125) | 10.00 | 400 | 8.00 | 0.25 | 30 | 1 |")
        .contains(
            "| pgfleet | 100 (50 to 200) | 10.00 | 400 | 8.00 | 0.25 | 300 | **1.00** (0.80 to"
                + " 2.00) |")
        .contains(
            "pgfleet: 1.00 times the processor time and 10.00 times the memory of pgBackRest 2.45"
                + " (medians).");
  }

  @Test
  void filesAndServingAreToldApart() {
    assertThat(MarkdownReport.of(runs("")))
        .contains("| pgfleet | 200 (100 to 400) | 5.00 | 4.00 | 300 |")
        // With what the restored server took: one side has it fetch WAL, the other fetches itself.
        .contains("| pgfleet | 167 (91 to 286) | 6.00 | 5.25 |");
  }

  @Test
  void resultsOfEncryptedBackupsAreKeptBesideTheOthers() {
    assertThat(runs("")).extracting(Run::load).containsExactly("backup", "restore", "recovery");
    assertThat(runs("-encrypted"))
        .extracting(Run::load)
        .containsExactly("backup-encrypted", "restore-encrypted", "recovery-encrypted");
    assertThat(runs("-encrypted").getFirst().title()).isEqualTo("a full backup, encrypted");
  }

  @Test
  void everyRoundIsSaid() {
    BackupReport report = new BackupReport("", List.of(), "", BYTES, "");
    Round round = round(10, 8, 30);
    assertThat(report.line(2, "pgfleet", round.taken()))
        .isEqualTo(
            "round 2: pgfleet, backup: 10.00 s (100 MB/s), 8.00 s of processor time, 30 MB of"
                + " memory, 0.25 s of the server's, 400 MB stored");
    assertThat(report.line(2, "pgfleet", round.restored()))
        .isEqualTo(
            "round 2: pgfleet, restore: 5.00 s (200 MB/s), 4.00 s of processor time, 30 MB of"
                + " memory; takes writes after 6.00 s");
  }
}
