package io.pgfleet.backup.restore;

import static io.pgfleet.backup.wal.FabricatedWal.SIZE;
import static io.pgfleet.backup.wal.FabricatedWal.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.base.FabricatedBackups;
import io.pgfleet.backup.base.Manifest;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.backup.wal.FabricatedWal;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.TimelineHistory;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.wire.Lsn;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalChainTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final TimelineHistory FIRST = TimelineHistory.first(1);

  /** Timeline 1 up to segment 6, timeline 2 to segment 9. */
  private static final TimelineHistory THIRD =
      TimelineHistory.parse(3, "1\t" + at(6, 100) + "\n2\t" + at(9, 200) + "\n");

  private final ObjectStore store = new MemoryStore();
  private final Archive archive = archive(store);
  private final WalArchive wal = new WalArchive(archive, SIZE);
  private final FabricatedWal fabricated = new FabricatedWal(wal);
  private final FabricatedBackups backups = new FabricatedBackups(archive, SIZE);

  private static Archive archive(ObjectStore store) {
    return Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty());
  }

  private WalChain chain(TimelineHistory history, int timeline, Lsn from) {
    return WalChain.of(wal, history, timeline, from);
  }

  private static List<String> names(WalChain chain) {
    return chain.segments().stream().map(SegmentName::file).sorted().toList();
  }

  @Test
  void itEndsWithTheLastPiece() {
    assertThat(chain(FIRST, 1, at(3, 50)))
        .isEqualTo(new WalChain(1, at(3, 50), java.util.Set.of(), Optional.empty()));
    fabricated.whole(1, 3, 5);
    fabricated.piece(1, 5, 0, 1000);
    fabricated.piece(1, 5, 1000, 1500);
    WalChain chain = chain(FIRST, 1, at(3, 50));
    assertThat(chain.end()).isEqualTo(at(5, 1500));
    assertThat(chain.missing()).isEmpty();
    assertThat(names(chain))
        .containsExactly(
            "000000010000000000000003", "000000010000000000000004", "000000010000000000000005");
  }

  @Test
  void itFollowsEveryChangeOfTheTimeline() {
    fabricated.history(THIRD);
    fabricated.whole(1, 3, 6);
    fabricated.piece(1, 6, 0, 100);
    assertThat(chain(THIRD, 1, at(3, 50)).end()).isEqualTo(at(6, 100));
    assertThat(chain(THIRD, 1, at(3, 50)).missing()).isEmpty();
    fabricated.whole(2, 6, 9);
    fabricated.piece(2, 9, 0, 200);
    fabricated.whole(3, 9, 11);
    WalChain chain = chain(THIRD, 1, at(3, 50));
    assertThat(chain.timeline()).isEqualTo(3);
    assertThat(chain.end()).isEqualTo(at(11, 0));
    assertThat(chain.segments()).hasSize(4 + 4 + 2);
  }

  @Test
  void whatIsNotThereBeforeSomethingElseIsMissing() {
    fabricated.history(THIRD);
    fabricated.whole(1, 3, 6);
    fabricated.piece(1, 6, 0, 100);
    fabricated.whole(2, 7, 9);
    assertThat(chain(THIRD, 1, at(3, 50)).missing())
        .contains(new MissingWal(2, at(6, 100), at(7, 0), false));
    fabricated.whole(2, 6);
    assertThat(chain(THIRD, 1, at(3, 50)).missing()).isEmpty();
    fabricated.whole(3, 10);
    assertThat(chain(THIRD, 1, at(3, 50)).missing())
        .contains(new MissingWal(2, at(9, 0), at(10, 0), false));
    fabricated.piece(3, 9, 0, 199);
    assertThat(chain(THIRD, 1, at(3, 50)).missing())
        .contains(new MissingWal(2, at(9, 0), at(9, 200), false));
    fabricated.piece(2, 9, 100, 200);
    assertThat(chain(THIRD, 1, at(3, 50)).missing())
        .contains(new MissingWal(2, at(9, 0), at(9, 100), false));
    fabricated.piece(2, 9, 0, 120);
    assertThat(chain(THIRD, 1, at(3, 50)).timeline()).isEqualTo(3);
    fabricated.whole(3, 9);
    assertThat(chain(THIRD, 1, at(3, 50)))
        .extracting(WalChain::end, WalChain::missing)
        .containsExactly(at(11, 0), Optional.empty());
  }

  /** An archive_command hands over no whole segment of a timeline that ended in it. */
  @Test
  void aTimelinesFirstSegmentHasWhatTheOneBeforeHadOfIt() {
    fabricated.history(THIRD);
    fabricated.whole(1, 3, 6);
    fabricated.piece(1, 6, 0, 40);
    fabricated.whole(2, 6, 9);
    fabricated.whole(3, 9, 11);
    WalChain chain = chain(THIRD, 1, at(3, 50));
    assertThat(chain.missing()).isEmpty();
    assertThat(chain.end()).isEqualTo(at(11, 0));
    assertThat(names(chain))
        .contains("000000020000000000000006", "000000030000000000000009")
        .doesNotContain("000000010000000000000006", "000000020000000000000009");
    assertThat(chain(THIRD, 1, at(6, 60)).end()).isEqualTo(at(11, 0));
  }

  @Test
  void ofSeveralTimelinesThatBeginInOneSegmentTheNewestIsEnough() {
    TimelineHistory quick =
        TimelineHistory.parse(3, "1\t" + at(6, 100) + "\n2\t" + at(6, 200) + "\n");
    fabricated.history(quick);
    fabricated.whole(1, 3, 6);
    fabricated.whole(3, 6);
    WalChain chain = chain(quick, 1, at(3, 50));
    assertThat(chain.timeline()).isEqualTo(3);
    assertThat(chain.end()).isEqualTo(at(7, 0));
    assertThat(names(chain)).endsWith("000000030000000000000006").hasSize(4);
  }

  @Test
  void whatWasLostIsToldAsThat() {
    fabricated.whole(1, 3, 5);
    fabricated.piece(1, 5, 0, 700);
    fabricated.gap(1, at(5, 700), at(8, 0));
    MissingWal lost = new MissingWal(1, at(5, 700), at(8, 0), true);
    assertThat(chain(FIRST, 1, at(3, 50)).missing()).contains(lost);
    fabricated.whole(1, 8, 10);
    assertThat(chain(FIRST, 1, at(3, 50)).missing()).contains(lost);
    assertThat(chain(FIRST, 1, at(6, 1)).missing())
        .contains(new MissingWal(1, at(6, 1), at(8, 0), true));
    assertThat(chain(FIRST, 1, at(8, 1)).missing()).isEmpty();
    fabricated.gap(1, at(5, 700), at(9, 0));
    assertThat(wal.inventory().gaps()).hasSize(1);
    fabricated.history(THIRD);
    fabricated.gap(1, at(5, 900), at(10, 0));
    assertThat(chain(THIRD, 2, at(7, 0)).missing())
        .contains(new MissingWal(2, at(7, 0), at(10, 0), true));
  }

  @Test
  void aRestoreToBeforeWhatIsMissingIsPlannedAndNoOther() {
    Manifest backup = backups.put(NOW, 1, at(3, 50));
    fabricated.whole(1, 3, 5);
    fabricated.whole(1, 6, 8);
    List<Manifest> all = List.of(backup);
    assertThatThrownBy(() -> RestorePlan.of(all, wal, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("there is more behind, from " + at(6, 0));
    assertThatThrownBy(() -> RestorePlan.of(all, wal, new RecoveryTarget.Position(at(5, 1))))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("there is more behind");
    for (RecoveryTarget target :
        List.of(
            new RecoveryTarget.Position(at(5, 0)),
            new RecoveryTarget.Time(NOW.plusSeconds(1)),
            new RecoveryTarget.Mark("m"))) {
      RestorePlan plan = RestorePlan.of(all, wal, target);
      assertThat(plan.end()).isEqualTo(at(5, 0));
      assertThat(plan.missing()).contains(new MissingWal(1, at(5, 0), at(6, 0), false));
    }
    fabricated.gap(1, at(5, 0), at(6, 0));
    assertThatThrownBy(() -> RestorePlan.of(all, wal, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("gone from the server before it was archived");
    fabricated.whole(1, 5);
    assertThatCode(() -> RestorePlan.of(all, wal, new RecoveryTarget.Latest()))
        .doesNotThrowAnyException();
  }

  @Test
  void aBackupBehindWhereARestoreLeftIsNotOnTheWay() {
    Manifest before = backups.put(NOW, 1, at(3, 50));
    Manifest behind = backups.put(NOW.plusSeconds(60), 1, at(5, 50));
    fabricated.whole(1, 3, 8);
    // A restore to segment 4, while timeline 2 had begun in segment 6.
    fabricated.history(2, at(6, 0));
    fabricated.whole(2, 6, 8);
    fabricated.history(3, at(6, 0), at(4, 100));
    fabricated.whole(3, 4, 6);
    RestorePlan plan = RestorePlan.of(List.of(before, behind), wal, new RecoveryTarget.Latest());
    assertThat(plan.backup()).isEqualTo(before);
    assertThat(plan.timeline()).isEqualTo(3);
    assertThat(plan.end()).isEqualTo(at(6, 0));
    assertThat(plan.chain())
        .extracting(SegmentName::file)
        .containsExactlyInAnyOrder(
            "000000010000000000000003",
            "000000010000000000000004",
            "000000030000000000000004",
            "000000030000000000000005");
  }

  @Test
  void allThereIsMustReachTheNewestTimeline() {
    Manifest backup = backups.put(NOW, 1, at(3, 50));
    fabricated.history(2, at(6, 0));
    fabricated.whole(1, 3, 5);
    List<Manifest> all = List.of(backup);
    assertThatThrownBy(() -> RestorePlan.of(all, wal, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("ends on timeline 1 at " + at(5, 0) + ", before " + at(6, 0));
    assertThat(RestorePlan.of(all, wal, new RecoveryTarget.Position(at(5, 0))).end())
        .isEqualTo(at(5, 0));
    fabricated.whole(1, 5);
    assertThat(RestorePlan.of(all, wal, new RecoveryTarget.Latest()).end()).isEqualTo(at(6, 0));
    WalArchive other = new WalArchive(archive, 2 * SIZE);
    assertThatThrownBy(() -> RestorePlan.of(all, other, new RecoveryTarget.Latest()))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining(backup.id() + " has WAL segments of " + SIZE);
  }

  /** A list that began before a segment was put, and ended behind the next one. */
  @Test
  void whatIsPutWhileItIsListedIsNotMissing() {
    int[] lists = {0};
    ObjectStore torn =
        new WrappedStore(store) {
          @Override
          public List<Listed> list(String folder) throws IOException {
            int hidden = lists[0]++;
            return super.list(folder).stream()
                .filter(one -> !one.name().endsWith("%08X".formatted(5 + hidden)))
                .toList();
          }
        };
    fabricated.whole(1, 3, 12);
    WalArchive read = new WalArchive(archive(torn), SIZE);
    WalChain chain = WalChain.of(read, FIRST, 1, at(3, 0));
    assertThat(chain.missing()).isEmpty();
    assertThat(chain.end().reaches(at(8, 0))).isTrue();
  }
}
