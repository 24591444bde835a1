package io.pgfleet.backup.wal;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.store.MemoryStore;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalArchiverTest {
  private static WalArchiver archiver(int segment) {
    Archive archive =
        Archive.open(new MemoryStore(), new Archive.Owner("shop", "main", 7), Optional.empty());
    return new WalArchiver(
        new WalArchive(archive, segment), Optional::empty, "archive", 7, Duration.ZERO);
  }

  @Test
  void segmentsTooLargeForTheMemoryAreRefused() {
    assertThatCode(() -> archiver(64 << 20)).doesNotThrowAnyException();
    assertThatThrownBy(() -> archiver(128 << 20))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("segments of 128 MB");
  }
}
