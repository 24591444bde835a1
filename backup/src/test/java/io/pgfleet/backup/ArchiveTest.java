package io.pgfleet.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  private static final int OPENERS = 4;
  private static final int ROUNDS = 25;
  private static final Archive.Owner OWNER = new Archive.Owner("shop", "main", 7);
  private static final Optional<UserKey> KEY =
      Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test"));

  @TempDir private Path folder;

  @Test
  void severalWhoBeginAtOnceMakeOneKeyring() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(OPENERS)) {
      for (int round = 0; round < ROUNDS; round++) {
        Path place = folder.resolve("r" + round);
        CyclicBarrier together = new CyclicBarrier(OPENERS);
        List<Future<Archive>> opening = new ArrayList<>();
        for (int i = 0; i < OPENERS; i++) {
          int number = i;
          opening.add(
              threads.submit(() -> {
                ObjectStore store = new FolderStore(place);
                together.await();
                Archive archive = Archive.open(store, OWNER, KEY);
                archive.put("wal/" + number, new byte[] {(byte) number});
                return archive;
              }));
        }
        for (Future<Archive> one : opening) {
          for (int i = 0; i < OPENERS; i++) {
            opening.get(i).get(); // has put its object
            assertThat(one.get().get("wal/" + i)).containsExactly(i);
          }
        }
      }
    }
  }

  @Test
  void whatIsNotEncryptedIsRefusedWhereAllIs() throws Exception {
    ObjectStore plainStore = new MemoryStore();
    Archive plain = Archive.open(plainStore, OWNER, Optional.empty());
    plain.put("wal/1", new byte[] {1});
    assertThat(plain.get("wal/1")).containsExactly(1);
    ObjectStore store = new MemoryStore();
    Archive archive = Archive.open(store, OWNER, KEY);
    store.put("shop/main/7/wal/1", plainStore.get("shop/main/7/wal/1"));
    assertThatThrownBy(() -> archive.get("wal/1"))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED))
        .hasMessageContaining("it is not encrypted");
  }

  @Test
  void anotherKeyAndNoneAreToldAndNewKeysAreNotMadeBesideOldObjects() throws Exception {
    ObjectStore store = new MemoryStore();
    Archive.open(store, OWNER, KEY).put("wal/1", new byte[] {1});
    UserKey other = UserKey.parse("f0".repeat(UserKey.BYTES), "another");
    for (Optional<UserKey> wrong : List.of(Optional.of(other), Optional.<UserKey>empty())) {
      assertThatThrownBy(() -> Archive.open(store, OWNER, wrong))
          .isInstanceOfSatisfying(
              BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY));
    }
    store.delete("shop/keys");
    assertThatThrownBy(() -> Archive.open(store, OWNER, KEY))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY))
        .hasMessageContaining("shop/keys is not there");
  }

  @Test
  void aWriterPutsOneAfterTheOtherAndSaysWhatItPut() {
    for (Optional<UserKey> key : List.of(KEY, Optional.<UserKey>empty())) {
      Archive archive = Archive.open(new MemoryStore(), OWNER, key);
      Archive.Writer writer = archive.writer(100);
      Archive.Stored first = writer.put("wal/1", new byte[100], 100);
      Archive.Stored second = writer.put("wal/2", new byte[] {2, 3}, 1);
      assertThat(archive.get("wal/1", Optional.of(first.checksum()))).hasSize(100);
      assertThat(archive.get("wal/2", Optional.of(second.checksum()))).containsExactly(2);
      assertThat(archive.list("wal").getFirst().size()).isEqualTo(first.bytes());
      assertThatThrownBy(() -> archive.get("wal/2", Optional.of(first.checksum())))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("another has its place");
    }
  }
}
