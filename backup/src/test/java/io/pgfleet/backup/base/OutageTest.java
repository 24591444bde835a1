package io.pgfleet.backup.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.BackupException.Kind;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.WrappedStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutageTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  /** A store whose first puts fail after they were done, or before. */
  private static final class Failing extends WrappedStore {
    private final String why;
    private int failures;
    final List<byte[]> seen = new ArrayList<>();
    final CountDownLatch failed = new CountDownLatch(1);

    Failing(int failures, String why) {
      super(new MemoryStore());
      this.failures = failures;
      this.why = why;
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
      if (!name.contains("/backups/")) {
        super.put(name, bytes);
        return;
      }
      seen.add(bytes);
      if (failures-- > 0) {
        failed.countDown();
        throw new IOException(why);
      }
      super.put(name, bytes);
    }
  }

  private static Archive archive(Failing store) {
    return Archive.open(
        store,
        new Archive.Owner("shop", "main", 7),
        Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test")));
  }

  private static ByteBuffer content() {
    return ByteBuffer.allocateDirect(5).put(new byte[] {1, 2, 3, 4, 5}).flip();
  }

  private static Journal.Entry put(Archive archive, Outage outage) {
    try (Arena memory = Arena.ofConfined()) {
      return new PackDesk(Resumption.none("b"), outage, _ -> {})
          .put(archive.writer(5, memory), 3, content());
    }
  }

  @Test
  void aStoreThatComesBackGetsTheVerySameObject() {
    Failing store = new Failing(2, "connection refused");
    Archive archive = archive(store);
    Journal.Entry entry = put(archive, new Outage(LONG));
    assertThat(store.seen).hasSize(3);
    // A put that seemed to fail may be carried out late.
    assertThat(store.seen.get(0)).isEqualTo(store.seen.get(1)).isEqualTo(store.seen.get(2));
    assertThat(archive.get("backups/b/" + entry.object(), Optional.of(entry.checksum())))
        .containsExactly(1, 2, 3, 4, 5);
    assertThat(entry.bytes()).isEqualTo(store.seen.getFirst().length);
  }

  @Test
  void patienceEnds() {
    Failing store = new Failing(Integer.MAX_VALUE, "connection refused");
    assertThatThrownBy(() -> put(archive(store), new Outage(Duration.ofMillis(600))))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("connection refused");
    assertThat(store.seen).hasSizeBetween(2, 3);
    Failing again = new Failing(1, "connection refused");
    assertThatThrownBy(() -> put(archive(again), new Outage(Duration.ZERO)))
        .isInstanceOf(BackupException.class);
    assertThat(again.seen).hasSize(1);
  }

  @Test
  void aDiskThatIsFullIsNotWaitedFor() {
    Failing store = new Failing(1, "No space left on device");
    assertThatThrownBy(() -> put(archive(store), new Outage(LONG)))
        .isInstanceOf(BackupException.class);
    assertThat(store.seen).hasSize(1);
  }

  @Test
  void whatTryingAgainDoesNotMendIsNotTriedAgain() {
    for (Kind kind : Kind.values()) {
      if (kind == Kind.STORE) {
        continue;
      }
      List<Kind> tried = new ArrayList<>();
      assertThatThrownBy(() ->
              new Outage(LONG)
                  .bridged(
                      () -> {
                        throw new BackupException(kind, "no", "");
                      },
                      () -> tried.add(kind)))
          .isInstanceOf(BackupException.class);
      assertThat(tried).isEmpty();
    }
  }

  @Test
  void whoIsClosedOrInterruptedWaitsNoMore() throws Exception {
    for (boolean interrupted : new boolean[] {false, true}) {
      Failing store = new Failing(Integer.MAX_VALUE, "connection refused");
      Archive archive = archive(store);
      Outage outage = new Outage(LONG);
      CompletableFuture<Throwable> end = new CompletableFuture<>();
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  put(archive, outage);
                  end.complete(new AssertionError("it was put"));
                } catch (Throwable e) {
                  end.complete(e);
                }
              });
      store.failed.await();
      if (interrupted) {
        thread.interrupt();
      } else {
        outage.close();
      }
      assertThat(end.get(10, TimeUnit.SECONDS)).isInstanceOf(BackupException.class);
    }
  }
}
