package io.pgfleet.backup.wal;

import static io.pgfleet.backup.wal.FabricatedWal.SIZE;
import static io.pgfleet.backup.wal.FabricatedWal.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.backup.Archive;
import io.pgfleet.backup.BackupException;
import io.pgfleet.backup.sealed.UserKey;
import io.pgfleet.backup.store.MemoryStore;
import io.pgfleet.backup.store.WrappedStore;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.CopyChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream of WAL from no server into a store that fails. */
@Timeout(60)
class WalReceivingTest {
  private static final int SEGMENTS = 6;
  private static final byte[] END = {};

  /** Fails every put while it is full, and breaks some off half written at other times. */
  private static final class FailingStore extends WrappedStore {
    volatile boolean full;
    final AtomicInteger failed = new AtomicInteger();

    FailingStore() {
      super(new MemoryStore());
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
      if (full) {
        failed.incrementAndGet();
        throw new IOException("No space left on device");
      }
      super.put(name, bytes);
    }
  }

  /** What a server sends, and what it hears. */
  private static final class Sender implements CopyChannel {
    final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
    final List<Lsn> flushed = Collections.synchronizedList(new ArrayList<>());

    void wal(byte[] wal, int from, int to) {
      messages.add(
          ByteBuffer.allocate(25 + to - from)
              .put((byte) 'w')
              .putLong(at(1, from).value())
              .putLong(0)
              .putLong(0)
              .put(wal, from, to - from)
              .array());
    }

    void keepalive(Lsn end, boolean urgent) {
      messages.add(
          ByteBuffer.allocate(18)
              .put((byte) 'k')
              .putLong(end.value())
              .putLong(0)
              .put((byte) (urgent ? 1 : 0))
              .array());
    }

    @Override
    public @Nullable ByteBuffer receive() throws IOException {
      try {
        byte[] message = messages.take();
        return message.length == 0 ? null : ByteBuffer.wrap(message);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void send(ByteBuffer body) {
      flushed.add(new Lsn(body.getLong(1 + Long.BYTES)));
    }
  }

  private final FailingStore store = new FailingStore();
  private final WalArchive archive =
      new WalArchive(
          Archive.open(
              store,
              new Archive.Owner("shop", "main", 7),
              Optional.of(UserKey.parse("0f".repeat(UserKey.BYTES), "the test"))),
          SIZE);
  private final byte[] wal = new byte[SEGMENTS * SIZE];
  private final Sender sender = new Sender();
  private final List<Lsn> confirmed = Collections.synchronizedList(new ArrayList<>());
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

  private WalReceiving receiving(SegmentName first) {
    return new WalReceiving(
        archive,
        first,
        Duration.ZERO,
        new WalReceiving.Confirmed() {
          @Override
          public void kept(int timeline, Lsn end) {
            confirmed.add(end);
          }

          @Override
          public void failed(BackupException why) {
            failures.add(why.getMessage());
          }
        });
  }

  private byte[] archived() {
    byte[] all = new byte[wal.length];
    int end = 0;
    for (int i = 0; i < SEGMENTS; i++) {
      byte[] held = archive.find(new SegmentName(1, 1 + i, SIZE)).orElse(END);
      System.arraycopy(held, 0, all, end, held.length);
      end += held.length;
      if (held.length < SIZE) {
        break;
      }
    }
    return Arrays.copyOf(all, end);
  }

  @Test
  void aStoreThatIsFullForAWhileLosesNothingAndIsToldOnlyWhatItHas() throws Exception {
    new Random(3).nextBytes(wal);
    WalReceiving receiving = receiving(new SegmentName(1, 1, SIZE));
    Thread receiver =
        Thread.ofPlatform()
            .start(() -> {
              try {
                receiving.copyBoth(sender);
              } catch (Exception e) {
                failures.add(e.toString());
              }
            });
    Random random = new Random(4);
    int sent = 0;
    int end = wal.length - 5000;
    while (sent < end) {
      int to = Math.min(end, sent + 1 + random.nextInt(100_000));
      sender.wal(wal, sent, to);
      sent = to;
      if (!store.full && store.failed.get() == 0 && sent > SIZE * 3 / 2) {
        store.full = true;
      }
    }
    long until = System.nanoTime() + 3_000_000_000L;
    while (store.failed.get() == 0 || System.nanoTime() < until) {
      Thread.sleep(20);
    }
    Lsn whileFull = receiving.kept();
    assertThat(archived()).isEqualTo(Arrays.copyOf(wal, (int) whileFull.minus(at(1, 0))));
    assertThat(failures).isNotEmpty().allMatch(why -> why.contains("No space left on device"));
    store.full = false;
    sender.messages.add(END);
    receiver.join();
    assertThat(archived()).isEqualTo(Arrays.copyOf(wal, end));
    assertThat(receiving.kept()).isEqualTo(at(1, end));
    assertThat(confirmed).isSorted().last().isEqualTo(at(1, end));
    assertThat(sender.flushed).isSorted().allMatch(at(1, end)::reaches);
    assertThat(failures).allMatch(why -> why.contains("No space left on device"));
  }

  @Test
  void whoGivesUpOnAStoreHasKeptWhatItSaid() throws Exception {
    new Random(5).nextBytes(wal);
    WalReceiving receiving = receiving(new SegmentName(1, 1, SIZE));
    sender.wal(wal, 0, 100_000);
    Thread receiver =
        Thread.ofPlatform()
            .start(() -> {
              try {
                receiving.copyBoth(sender);
              } catch (Exception e) {
                failures.add(e.getMessage());
              }
            });
    while (receiving.kept().equals(at(1, 0))) {
      Thread.sleep(5);
    }
    store.full = true;
    sender.wal(wal, 100_000, 200_000);
    while (store.failed.get() == 0) {
      Thread.sleep(5);
    }
    sender.messages.add(END);
    receiver.join();
    assertThat(failures).last().asString().contains("is not in the archive");
    store.full = false;
    Lsn said = confirmed.getLast();
    assertThat(archived()).isEqualTo(Arrays.copyOf(wal, (int) said.minus(at(1, 0))));

    // Another goes on, with the same bytes again from the segment's beginning.
    WalReceiving next = receiving(new SegmentName(1, 1, SIZE));
    sender.wal(wal, 0, 300_000);
    sender.messages.add(END);
    next.copyBoth(sender);
    assertThat(archived()).isEqualTo(Arrays.copyOf(wal, 300_000));
  }

  @Test
  void thatThereIsNoMoreIsAConfirmationToo() throws Exception {
    WalReceiving receiving = receiving(new SegmentName(1, 1, SIZE));
    sender.keepalive(at(1, 10), false);
    sender.keepalive(at(1, 0), true);
    sender.messages.add(END);
    receiving.copyBoth(sender);
    assertThat(confirmed).containsExactly(at(1, 0));
    assertThat(sender.flushed).containsExactly(at(1, 0));
  }

  @Test
  void otherWalThanTheArchiveHasIsRefused() throws Exception {
    new Random(6).nextBytes(wal);
    archive.put(new SegmentName(1, 1, SIZE), 0, Arrays.copyOf(wal, 1000));
    wal[999] ^= 1;
    WalReceiving receiving = receiving(new SegmentName(1, 1, SIZE));
    sender.wal(wal, 0, 2000);
    assertThatThrownBy(() -> receiving.copyBoth(sender))
        .isInstanceOf(BackupException.class)
        .hasMessageContaining("differs");
  }
}
