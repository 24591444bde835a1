package io.pgfleet.backup.push;

import static io.pgfleet.backup.push.FabricatedSegments.SIZE;
import static io.pgfleet.backup.push.FabricatedSegments.content;
import static io.pgfleet.backup.push.FabricatedSegments.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.push.WalPush.Outcome;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore.Listed;
import io.pgfleet.backup.wal.SegmentName;
import io.pgfleet.backup.wal.WalArchive;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WalPushTest {
  private static final SegmentName FIFTH = segment(1, 5);

  private final MemoryStore store = new MemoryStore();
  private final WalArchive wal =
      new WalArchive(
          Archive.open(store, new Archive.Owner("shop", "main", 7), Optional.empty()), SIZE);

  private static WalFile whole(char letter) {
    return new WalFile.Whole(FIFTH, content(FIFTH, letter));
  }

  private static WalFile beginning(char letter, int bytes) {
    return new WalFile.Beginning(
        FIFTH.file() + ".partial", FIFTH, Arrays.copyOf(content(FIFTH, letter), bytes));
  }

  private Outcome push(WalFile file) {
    return WalPush.push(wal, file);
  }

  private void refused(WalFile file) {
    byte[] before = wal.find(FIFTH).orElseThrow();
    assertThatThrownBy(() -> push(file))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("has other WAL under the name " + FIFTH);
    assertThat(wal.find(FIFTH)).contains(before);
  }

  @Test
  void theSameSegmentTwiceIsWellAndAnotherUnderItsNameIsRefused() {
    assertThat(push(whole('a'))).isEqualTo(Outcome.PUT);
    assertThat(push(whole('a'))).isEqualTo(Outcome.THERE);
    refused(whole('b'));
    refused(beginning('b', 10_000));
    assertThat(push(beginning('a', 10_000))).isEqualTo(Outcome.THERE);
  }

  @Test
  void aWholeSegmentTakesThePlaceOfTheSamesPieces() {
    wal.put(FIFTH, 0, Arrays.copyOf(content(FIFTH, 'a'), 10_000));
    refused(whole('b'));
    assertThat(push(whole('a'))).isEqualTo(Outcome.PUT);
    assertThat(wal.archive().list("wal"))
        .extracting(Listed::name)
        .containsExactly(WalArchive.object(FIFTH));
  }

  @Test
  void aBeginningOnlyGrows() {
    assertThat(push(beginning('a', 10_000))).isEqualTo(Outcome.PUT);
    assertThat(push(beginning('a', 9_000))).isEqualTo(Outcome.THERE);
    refused(beginning('b', 20_000));
    assertThat(push(beginning('a', 20_000))).isEqualTo(Outcome.PUT);
    assertThat(wal.find(FIFTH).orElseThrow()).hasSize(20_000);
    assertThat(push(beginning('a', 0))).isEqualTo(Outcome.UNNEEDED);
  }

  @Test
  void aSegmentIsPutOverPiecesWithAHoleAndOverWhatIsDamaged() {
    wal.put(FIFTH, 500, new byte[100]);
    assertThat(push(whole('a'))).isEqualTo(Outcome.PUT);
    String object = "shop/main/7/" + WalArchive.object(FIFTH);
    store.put(object, new byte[] {1, 2, 3});
    assertThat(push(whole('a'))).isEqualTo(Outcome.PUT);
    assertThat(push(whole('a'))).isEqualTo(Outcome.THERE);
  }

  @Test
  void oneNumberIsOneTimeline() {
    WalFile history = new WalFile.History("00000002.history", 2, "1\t0/500100\tforked\n");
    assertThat(push(history)).isEqualTo(Outcome.PUT);
    assertThat(push(new WalFile.History("00000002.history", 2, "1\t0/500100\tother words\n")))
        .isEqualTo(Outcome.THERE);
    assertThatThrownBy(
            () -> push(new WalFile.History("00000002.history", 2, "1\t0/500200\tforked\n")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("knows another timeline 2");
    assertThatThrownBy(() -> push(new WalFile.History("00000003.history", 3, "rubbish\n")))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("is no timeline's history");
    assertThat(push(new WalFile.Unneeded("x", "y"))).isEqualTo(Outcome.UNNEEDED);
  }
}
