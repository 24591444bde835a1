package io.pgfleet.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.KeyRotation.Outcome;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.ObjectStore;
import io.pgfleet.backup.store.WrappedStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class KeyRotationTest {
  private static final Archive.Owner OWNER = new Archive.Owner("shop", "main", 7);
  private static final UserKey OLD = UserKey.parse("0f".repeat(UserKey.BYTES), "the old file");
  private static final UserKey NEW = UserKey.parse("a1".repeat(UserKey.BYTES), "the new file");
  private static final UserKey THIRD = UserKey.parse("b2".repeat(UserKey.BYTES), "a third file");

  private final ObjectStore store = new MemoryStore();

  private Archive open(UserKey key) {
    return Archive.open(store, OWNER, Optional.of(key));
  }

  private KeyRotation rotation(ObjectStore in) {
    return new KeyRotation(in, "shop", OLD, NEW);
  }

  @Test
  void whatWasPutBeforeAndBesideAChangeStaysReadableAndTheOldKeyOpensNothing() throws Exception {
    Archive agent = open(OLD);
    agent.put("wal/1", new byte[] {1});
    byte[] before = store.get("shop/main/7/wal/1");
    assertThat(rotation(store).look()).isEqualTo(Outcome.CHANGED);
    assertThat(rotation(store).run()).isEqualTo(Outcome.CHANGED);
    agent.put("wal/2", new byte[] {2}); // with the old ring, which it still has

    Archive later = open(NEW);
    assertThat(later.get("wal/1")).containsExactly(1);
    assertThat(later.get("wal/2")).containsExactly(2);
    assertThat(store.get("shop/main/7/wal/1")).isEqualTo(before);
    assertThatThrownBy(() -> open(OLD))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY))
        .hasMessageContaining("the old file");
    assertThat(store.list("shop").stream().map(ObjectStore.Listed::name))
        .doesNotContain("shop/keys.next");
    assertThat(rotation(store).run()).isEqualTo(Outcome.WAS_CHANGED);
  }

  @Test
  void whoIsOpenMeetsAnObjectOfTheNewKeyAndReadsTheRingAgain() {
    AtomicReference<UserKey> file = new AtomicReference<>(OLD);
    Archive agent = Archive.open(store, OWNER, Optional.of(OLD), () -> Optional.of(file.get()));
    rotation(store).run();
    open(NEW).put("wal/1", new byte[] {1});

    assertThatThrownBy(() -> agent.get("wal/1"))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY))
        .hasMessageContaining("was encrypted after the repository's key was changed")
        .hasMessageContaining("the old file");
    file.set(NEW);
    assertThat(agent.get("wal/1")).containsExactly(1);
    agent.verify("wal/1");
    agent.put("wal/2", new byte[] {2});
    assertThat(open(NEW).get("wal/2")).containsExactly(2);
  }

  @Test
  void whoReadsManyObjectsReadsTheRingAgainToo() {
    AtomicReference<UserKey> file = new AtomicReference<>(OLD);
    Archive agent = Archive.open(store, OWNER, Optional.of(OLD), () -> Optional.of(file.get()));
    Archive.Reader reader = agent.reader(100, Arena.ofAuto());
    rotation(store).run();
    open(NEW).put("wal/1", new byte[] {1});
    assertThatThrownBy(() -> reader.get("wal/1", Optional.empty()))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.KEY));
    file.set(NEW);
    assertThat(reader.get("wal/1", Optional.empty())).isEqualTo(ByteBuffer.wrap(new byte[] {1}));
  }

  @Test
  void anObjectOfForeignKeysIsStillToldAsDamaged() throws Exception {
    Archive archive = open(OLD);
    MemoryStore elsewhere = new MemoryStore();
    Archive.open(elsewhere, OWNER, Optional.of(OLD)).put("wal/1", new byte[] {1});
    store.put("shop/main/7/wal/1", elsewhere.get("shop/main/7/wal/1"));
    assertThatThrownBy(() -> archive.get("wal/1"))
        .isInstanceOfSatisfying(
            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DAMAGED));
  }

  /** Each change of the store may be the last before the machine fails. */
  @Test
  void aChangeThatWasBrokenOffAnywhereIsEndedByTheNextRun() throws Exception {
    for (int last = 0; last < 3; last++) {
      MemoryStore kept = new MemoryStore();
      Archive agent = Archive.open(kept, OWNER, Optional.of(OLD));
      agent.put("wal/1", new byte[] {1});
      assertThatThrownBy(() -> rotation(failing(kept, 0)).run())
          .isInstanceOf(BackupException.class);
      ObjectStore failing = failing(kept, last);
      assertThatThrownBy(() -> rotation(failing).run())
          .isInstanceOf(BackupException.class)
          .hasMessageContaining("could not change shop/keys");
      if (last == 2) {
        // An object of the new key is there already.
        Archive.open(kept, OWNER, Optional.of(NEW)).put("wal/2", new byte[] {2});
      }
      assertThat(rotation(kept).run()).isEqualTo(last == 2 ? Outcome.WAS_CHANGED : Outcome.CHANGED);
      Archive later = Archive.open(kept, OWNER, Optional.of(NEW));
      assertThat(later.get("wal/1")).containsExactly(1);
      if (last == 2) {
        assertThat(later.get("wal/2")).containsExactly(2);
      }
      assertThatThrownBy(() -> kept.get("shop/keys.next")).isInstanceOf(IOException.class);
    }
  }

  private static ObjectStore failing(ObjectStore kept, int changes) {
    AtomicInteger left = new AtomicInteger(changes);
    return new WrappedStore(kept) {
      private void count() throws IOException {
        if (left.getAndDecrement() <= 0) {
          throw new IOException("the machine failed");
        }
      }

      @Override
      public void put(String name, byte[] bytes) throws IOException {
        count();
        super.put(name, bytes);
      }

      @Override
      public boolean putIfAbsent(String name, byte[] bytes) throws IOException {
        count();
        return super.putIfAbsent(name, bytes);
      }

      @Override
      public void delete(String name) throws IOException {
        count();
        super.delete(name);
      }
    };
  }

  @Test
  void severalWhoChangeTheKeyAtOnceLoseNoKeyOfTheRing() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 25; round++) {
        MemoryStore kept = new MemoryStore();
        Archive.open(kept, OWNER, Optional.of(OLD)).put("wal/old", new byte[] {9});
        CyclicBarrier together = new CyclicBarrier(4);
        List<Future<Outcome>> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          String own = "wal/" + i;
          running.add(
              threads.submit(() -> {
                together.await();
                Outcome outcome = rotation(kept).run();
                Archive.open(kept, OWNER, Optional.of(NEW)).put(own, new byte[] {1});
                return outcome;
              }));
        }
        for (Future<Outcome> one : running) {
          one.get();
        }
        Archive later = Archive.open(kept, OWNER, Optional.of(NEW));
        assertThat(later.get("wal/old")).containsExactly(9);
        for (int i = 0; i < 4; i++) {
          assertThat(later.get("wal/" + i)).containsExactly(1);
        }
      }
    }
  }

  @Test
  void aKeyThatDoesNotFitAndAnotherChangeChangeNothing() throws Exception {
    assertThat(rotation(store).run()).isEqualTo(Outcome.EMPTY);
    open(OLD).put("wal/1", new byte[] {1});
    byte[] keys = store.get("shop/keys");
    assertThatThrownBy(() -> new KeyRotation(store, "shop", THIRD, NEW).run())
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("a third file does not open this repository");
    assertThatThrownBy(() -> new KeyRotation(failing(store, 1), "shop", OLD, THIRD).run())
        .isInstanceOf(BackupException.class);
    assertThatThrownBy(() -> rotation(store).run())
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("to another key is under way");
    assertThat(store.get("shop/keys")).isEqualTo(keys);
    assertThat(new KeyRotation(store, "shop", OLD, THIRD).run()).isEqualTo(Outcome.CHANGED);
    assertThat(open(THIRD).get("wal/1")).containsExactly(1);
  }
}
