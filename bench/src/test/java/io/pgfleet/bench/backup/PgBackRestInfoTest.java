package io.pgfleet.bench.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.bench.BenchException;
import org.junit.jupiter.api.Test;

final class PgBackRestInfoTest {
  /** As version 2.45 writes it, in one line. */
  private static final String ONE_BACKUP =
      """
      [{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"0000000100000000000000DD",\
      "min":"0000000100000000000000DD"}],"backup":[{"archive":{"start":"0000000100000000000000DD",\
      "stop":"0000000100000000000000DD"},"backrest":{"format":5,"version":"2.45"},"database":\
      {"id":1,"repo-key":1},"error":false,"info":{"delta":2112972971,"repository":{"delta":\
      776888540,"size":776888540},"size":2112972971},"label":"20261122-180834F","lsn":{"start":\
      "0/DD000028","stop":"0/DD000100"},"prior":null,"reference":null,"timestamp":{"start":\
      1795370914,"stop":1795370922},"type":"full"}],"cipher":"none","db":[{"id":1,"repo-key":1,\
      "system-id":7711057227266861706,"version":"15"}],"name":"bench","repo":[{"cipher":"none",\
      "key":1,"status":{"code":0,"message":"ok"}}],"status":{"code":0,"lock":{"backup":{"held":\
      false}},"message":"ok"}}]\
      """;

  @Test
  void aBackupIsReadWithItsSizes() {
    assertThat(PgBackRestInfo.parse(ONE_BACKUP).onlyFull())
        .isEqualTo(
            new PgBackRestInfo.Backup(
                "20261122-180834F", "full", 2_112_972_971L, 776_888_540L, false));
  }

  @Test
  void aBackupOfDamagedPagesIsNotTakenForWhole() {
    String damaged = ONE_BACKUP.replace("\"error\":false", "\"error\":true");
    PgBackRestInfo info = PgBackRestInfo.parse(damaged);
    assertThat(info.backups()).hasSize(1);
    assertThatThrownBy(info::onlyFull).isInstanceOf(BenchException.class);
  }

  @Test
  void anIncrementalBackupIsNotTakenForAFullOne() {
    PgBackRestInfo info =
        PgBackRestInfo.parse(ONE_BACKUP.replace("\"type\":\"full\"", "\"type\":\"incr\""));
    assertThatThrownBy(info::onlyFull).hasMessageContaining("incr");
  }

  @Test
  void aStanzaThatIsNotWellIsRefusedInItsOwnWords() {
    String none =
        """
        [{"archive":[],"backup":[],"cipher":"none","db":[],"name":"bench","repo":[{"cipher":\
        "none","key":1,"status":{"code":2,"message":"no valid backups"}}],"status":{"code":2,\
        "lock":{"backup":{"held":false}},"message":"no valid backups"}}]\
        """;
    assertThatThrownBy(() -> PgBackRestInfo.parse(none))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("no valid backups");
  }

  @Test
  void anythingElseIsRefused() {
    for (String text : new String[] {"", "[]", "{}", "[{", "[1, 2]"}) {
      assertThatThrownBy(() -> PgBackRestInfo.parse(text))
          .as(text)
          .isInstanceOf(BenchException.class)
          .hasMessageContaining("can't be read");
    }
  }
}
