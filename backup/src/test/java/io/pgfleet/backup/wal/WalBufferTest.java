package io.pgfleet.backup.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgfleet.wire.Lsn;
import java.io.ByteArrayOutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WalBufferTest {
  private static final int SIZE = 1 << 20;
  private static final SegmentName FIRST = new SegmentName(1, 5, SIZE);

  private static WalBuffer.Taken next(WalBuffer buffer) {
    return Objects.requireNonNull(buffer.next());
  }

  private static Lsn at(long bytes) {
    return new Lsn(FIRST.start().value() + bytes);
  }

  @Test
  void whatComesInAnyPiecesIsTakenInOrderAndSegmentsWhole() throws Exception {
    Random random = new Random(11);
    byte[] wal = new byte[3 * SIZE + 1000];
    random.nextBytes(wal);
    WalBuffer buffer = new WalBuffer(FIRST, new byte[0]);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ByteArrayOutputStream pieces = new ByteArrayOutputStream();
    int sent = 0;
    while (sent < wal.length || buffer.next() != null) {
      if (sent < wal.length) {
        int count = Math.min(wal.length - sent, 1 + random.nextInt(300_000));
        buffer.add(at(sent), ByteBuffer.wrap(wal, sent, count));
        sent += count;
      }
      WalBuffer.Taken taken = buffer.next();
      if (taken == null) {
        continue;
      }
      if (random.nextInt(4) == 0) { // as after a put that failed
        assertThat(next(buffer).segment()).isEqualTo(taken.segment());
      }
      if (taken.whole()) {
        pieces.reset();
        whole.write(taken.bytes());
      } else {
        assertThat(taken.offset()).isEqualTo(pieces.size());
        pieces.write(taken.bytes());
      }
      buffer.kept(taken);
    }
    assertThat(buffer.end()).isEqualTo(at(wal.length));
    assertThat(whole.toByteArray()).isEqualTo(Arrays.copyOf(wal, 3 * SIZE));
    assertThat(pieces.toByteArray()).isEqualTo(Arrays.copyOfRange(wal, 3 * SIZE, wal.length));
  }

  @Test
  void asManySegmentsAreHeldAsTheMemoryAllows() throws Exception {
    int mega = 1 << 20;
    assertThat(heldWhileNothingIsKept(16 * mega)).isEqualTo(48L * mega);
    assertThat(heldWhileNothingIsKept(32 * mega)).isEqualTo(64L * mega);
    assertThat(heldWhileNothingIsKept(64 * mega)).isEqualTo(128L * mega);
  }

  private static long heldWhileNothingIsKept(int size) throws Exception {
    SegmentName first = new SegmentName(1, 0, size);
    WalBuffer buffer = new WalBuffer(first, new byte[0]);
    Thread receiver =
        Thread.ofPlatform()
            .start(() -> {
              try {
                buffer.add(Lsn.ZERO, ByteBuffer.allocate(4 * size));
              } catch (Exception e) {
                // it is closed while it waits
              }
            });
    while (receiver.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    buffer.close();
    receiver.join();
    return buffer.end().value();
  }

  @Test
  void aGapIsRefused() throws Exception {
    WalBuffer buffer = new WalBuffer(FIRST, new byte[0]);
    buffer.add(at(0), ByteBuffer.wrap(new byte[10]));
    assertThatThrownBy(() -> buffer.add(at(11), ByteBuffer.wrap(new byte[1])))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining(at(10).toString());
  }

  @Test
  void whoReceivesWaitsWhileNothingIsKept() throws Exception {
    WalBuffer buffer = new WalBuffer(FIRST, new byte[0]);
    CompletableFuture<Void> receiver =
        CompletableFuture.runAsync(() -> {
          try {
            for (int i = 0; i < 8; i++) {
              buffer.add(at((long) i * SIZE), ByteBuffer.wrap(new byte[SIZE]));
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    while (!buffer.end().equals(at(3 * SIZE))) {
      Thread.sleep(1);
    }
    Thread.sleep(50);
    assertThat(buffer.end()).isEqualTo(at(3 * SIZE));
    assertThat(receiver).isNotDone();
    for (int i = 0; i < 8; i++) {
      buffer.awaitFull(Duration.ofSeconds(10));
      WalBuffer.Taken taken = next(buffer);
      assertThat(taken.segment().number()).isEqualTo(5 + i);
      buffer.kept(taken);
    }
    receiver.get();
    assertThat(buffer.next()).isNull();
  }

  @Test
  void whatTheArchiveHasIsNotPutAgainAndMustBeTheSame() throws Exception {
    byte[] held = new byte[1000];
    new Random(3).nextBytes(held);
    WalBuffer buffer = new WalBuffer(FIRST, held);
    assertThat(buffer.next()).isNull();
    buffer.add(at(0), ByteBuffer.wrap(held, 0, 400));
    assertThat(buffer.next()).isNull();
    byte[] rest = Arrays.copyOf(Arrays.copyOfRange(held, 400, 1000), 700);
    buffer.add(at(400), ByteBuffer.wrap(rest));
    WalBuffer.Taken taken = next(buffer);
    assertThat(taken.offset()).isEqualTo(1000);
    assertThat(taken.bytes()).hasSize(100);
    assertThat(buffer.end()).isEqualTo(at(1100));

    WalBuffer other = new WalBuffer(FIRST, held);
    byte[] changed = held.clone();
    changed[999] ^= 1;
    assertThatThrownBy(() -> other.add(at(0), ByteBuffer.wrap(changed)))
        .isInstanceOf(io.pgfleet.backup.BackupException.class)
        .hasMessageContaining("differs");
  }
}
