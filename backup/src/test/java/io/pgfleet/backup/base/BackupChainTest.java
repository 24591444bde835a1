package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.Manifest.PackedFile;
import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackupChainTest {
  private static Manifest backup(String id, String prior, String... files) {
    List<PackedFile> packed =
        Arrays.stream(files).map(name -> new PackedFile(name, 10, 0, 0)).toList();
    return new Manifest(
        prior.isEmpty() ? Manifest.FORMAT : Manifest.INCREMENTAL_FORMAT,
        id,
        7,
        "18.6",
        "n1",
        1,
        Lsn.ZERO,
        Lsn.ZERO,
        1,
        Instant.EPOCH,
        Instant.EPOCH,
        100,
        100,
        List.of("base", "folder-of-" + id),
        packed,
        List.of(10),
        0,
        List.of(),
        Optional.of(prior).filter(name -> !name.isEmpty()),
        Optional.empty());
  }

  private static List<List<String>> taken(Manifest... backups) {
    List<List<String>> taken = new ArrayList<>();
    for (Manifest layer : new BackupChain(List.of(backups)).layers()) {
      taken.add(layer.files().stream().map(PackedFile::name).toList());
    }
    return taken;
  }

  private static final Manifest FULL =
      backup("a", "", "base/1", "base/2", "base/3", "base/4", "PG_VERSION", "backup_manifest");
  private static final Manifest FIRST =
      backup(
          "b", "a", "base/INCREMENTAL.1", "base/2", "base/INCREMENTAL.3", "base/4", "PG_VERSION");
  private static final Manifest SECOND =
      backup(
          "c", "b", "base/INCREMENTAL.1", "base/INCREMENTAL.2", "base/3", "PG_VERSION", "base/5");

  @Test
  void ofEachBackupIsTakenWhatIsThereInTheEnd() {
    assertThat(taken(FULL))
        .containsExactly(List.of("base/1", "base/2", "base/3", "base/4", "PG_VERSION"));
    assertThat(taken(FULL, FIRST))
        .containsExactly(
            List.of("base/1", "base/3"),
            List.of("base/INCREMENTAL.1", "base/2", "base/INCREMENTAL.3", "base/4", "PG_VERSION"));
    assertThat(taken(FULL, FIRST, SECOND))
        .containsExactly(
            List.of("base/1"),
            List.of("base/INCREMENTAL.1", "base/2"),
            List.of("base/INCREMENTAL.1", "base/INCREMENTAL.2", "base/3", "PG_VERSION", "base/5"));
    BackupChain chain = new BackupChain(List.of(FULL, FIRST, SECOND));
    assertThat(chain.bytes()).isEqualTo(80);
    assertThat(chain.layers().getFirst().folders()).isEqualTo(SECOND.folders());
  }

  @Test
  void changesOfAFileThatWasNotThereAreDamage() {
    Manifest wrong = backup("b", "a", "base/INCREMENTAL.9");
    assertThatThrownBy(() -> taken(FULL, wrong))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("has changes of a file that backup a does not have");
  }

  /** Only relations are sent by their changed blocks; a user's file may have such a name. */
  @Test
  void aFileElsewhereIsNoneOfChanges() {
    assertThat(BackupChain.plain("base/5/INCREMENTAL.16384_vm")).isEqualTo("base/5/16384_vm");
    assertThat(BackupChain.plain("global/INCREMENTAL.1213")).isEqualTo("global/1213");
    for (String name : new String[] {"INCREMENTAL.1", "mine/INCREMENTAL.1", "base/1/INCREMENTAL"}) {
      assertThat(BackupChain.plain(name)).isEqualTo(name);
    }
  }

  @Test
  void aChainThatIsBrokenOrARingIsNone() {
    assertThat(BackupChain.restorable(List.of(FULL, FIRST, SECOND))).hasSize(3);
    assertThat(BackupChain.restorable(List.of(FULL, SECOND))).containsExactly(FULL);
    Manifest ring = backup("r", "s");
    assertThat(BackupChain.restorable(List.of(ring, backup("s", "r")))).isEmpty();
  }
}
