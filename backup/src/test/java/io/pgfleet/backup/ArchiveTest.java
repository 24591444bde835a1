package io.pgfleet.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.FolderStore;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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
      Archive.Writer writer = archive.writer(100, Arena.ofAuto());
      Archive.Stored first = writer.put("wal/1", ByteBuffer.allocateDirect(100));
      ByteBuffer short2 = ByteBuffer.allocateDirect(3).put(new byte[] {1, 2, 3}).flip();
      Archive.Stored second = writer.put("wal/2", short2.position(1).limit(2));
      assertThat(archive.get("wal/1", Optional.of(first.checksum()))).hasSize(100);
      assertThat(archive.get("wal/2", Optional.of(second.checksum()))).containsExactly(2);
      assertThat(archive.list("wal").getFirst().size()).isEqualTo(first.bytes());
      assertThatThrownBy(() -> archive.get("wal/2", Optional.of(first.checksum())))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("another has its place");
    }
  }

  @Test
  void aReaderReadsWhatAWriterPutAndNothingLonger() {
    for (Optional<UserKey> key : List.of(KEY, Optional.<UserKey>empty())) {
      MemoryStore store = new MemoryStore();
      Archive archive = Archive.open(store, OWNER, key);
      byte[] content = new byte[100_000];
      new Random(1).nextBytes(content);
      Archive.Stored first =
          archive.writer(content.length, Arena.ofAuto()).put("wal/1", direct(content));
      archive.put("wal/2", new byte[] {5, 6});
      Archive.Reader reader = archive.reader(content.length, Arena.ofAuto());
      for (int i = 0; i < 2; i++) {
        assertThat(reader.get("wal/1", Optional.of(first.checksum())))
            .isEqualTo(ByteBuffer.wrap(content));
        assertThat(reader.get("wal/2", Optional.empty()))
            .isEqualTo(ByteBuffer.wrap(new byte[] {5, 6}));
      }
      assertThatThrownBy(() -> reader.get("wal/2", Optional.of(first.checksum())))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("another has its place");
      assertThatThrownBy(() -> reader.get("wal/3", Optional.empty()))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("wal/3 is not in the repository");
      Archive.Reader small = archive.reader(1000, Arena.ofAuto());
      assertThatThrownBy(() -> small.get("wal/1", Optional.empty()))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("were expected");
      archive.put("wal/4", new byte[5000]);
      assertThatThrownBy(() -> small.get("wal/4", Optional.empty()))
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("larger than any");
    }
  }

  @Test
  void aReaderFindsEveryFlippedByte() throws IOException {
    for (Optional<UserKey> key : List.of(KEY, Optional.<UserKey>empty())) {
      MemoryStore store = new MemoryStore();
      Archive archive = Archive.open(store, OWNER, key);
      archive.put("wal/1", new byte[] {1, 2, 3});
      String name = store.list("shop/main").getFirst().name();
      byte[] sealed = store.get(name);
      Archive.Reader reader = archive.reader(100, Arena.ofAuto());
      for (int at = 0; at < sealed.length; at++) {
        byte[] flipped = sealed.clone();
        flipped[at] ^= 1;
        store.put(name, flipped);
        assertThatThrownBy(() -> reader.get("wal/1", Optional.empty()))
            .isInstanceOf(BackupException.class)
            .hasMessageContaining("damaged");
      }
    }
  }

  private static ByteBuffer direct(byte[] content) {
    return ByteBuffer.allocateDirect(content.length).put(content).flip();
  }
}
