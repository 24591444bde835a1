package io.pgfleet.gateway.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both pollers do the same, with real sockets. */
@Timeout(60)
class PollerIT {
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<String> ready = new ArrayList<>();

  private record Pair(SocketChannel near, SocketChannel far) {}

  static Stream<String> kinds() {
    return Stream.of("epoll", "selector");
  }

  private Poller<String> poller(String kind) throws IOException {
    Assumptions.assumeTrue(
        kind.equals("selector") || Epoll.available(), "epoll is not to be had here");
    Poller<String> poller = kind.equals("epoll") ? new EpollPoller<>() : new SelectorPoller<>();
    opened.add(poller);
    return poller;
  }

  private Pair pair() throws IOException {
    try (ServerSocketChannel listener = listener()) {
      SocketChannel near = SocketChannel.open(listener.getLocalAddress());
      SocketChannel far = listener.accept();
      opened.add(near);
      opened.add(far);
      near.configureBlocking(false);
      return new Pair(near, far);
    }
  }

  private static ServerSocketChannel listener() throws IOException {
    return ServerSocketChannel.open()
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private void await(Poller<String> poller, long millis) throws IOException {
    ready.clear();
    poller.await(millis, (name, operations) -> ready.add(name + ":" + operations));
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bytesComeAndGoInDirectAndHeapBuffers(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), SelectionKey.OP_READ, "a");
    await(poller, 0);
    assertThat(ready).isEmpty();
    for (boolean direct : new boolean[] {true, false}) {
      ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(64) : ByteBuffer.allocate(64);
      buffer.position(3);
      pair.far().write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
      await(poller, 5_000);
      assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
      assertThat(watched.read(buffer)).isEqualTo(5);
      assertThat(watched.read(buffer)).isZero();
      buffer.flip().position(3);
      assertThat(watched.write(buffer)).isEqualTo(5);
      ByteBuffer echo = ByteBuffer.allocate(5);
      while (echo.hasRemaining()) {
        pair.far().read(echo);
      }
      assertThat(new String(echo.array(), StandardCharsets.US_ASCII)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aFullSocketTakesNoMoreAndTellsWhenItDoes(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), 0, "a");
    ByteBuffer chunk = ByteBuffer.allocate(100_000);
    long sent = 0;
    watched.interest(SelectionKey.OP_WRITE);
    do { // what was on its way when it seemed full makes room once more
      for (int count = 1; count > 0; sent += count) {
        chunk.clear();
        count = watched.write(chunk);
      }
      ready.clear();
      await(poller, 200);
    } while (!ready.isEmpty());
    ByteBuffer drain = ByteBuffer.allocate(1 << 20);
    while (sent > 0) {
      drain.clear();
      sent -= pair.far().read(drain);
    }
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_WRITE);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theEndOfInputIsReadAndDoesNotWakeWhoAsksForNothing(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), SelectionKey.OP_READ, "a");
    pair.far().close();
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    assertThat(watched.read(ByteBuffer.allocateDirect(8))).isEqualTo(-1);
    watched.interest(0);
    await(poller, 100);
    assertThat(ready).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsLeftIsToldAgain(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), SelectionKey.OP_READ, "a");
    pair.far().write(ByteBuffer.wrap(new byte[10]));
    await(poller, 5_000);
    assertThat(watched.read(ByteBuffer.allocateDirect(4))).isEqualTo(4);
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    // told, and nothing done about it
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    watched.interest(0);
    await(poller, 50);
    assertThat(ready).isEmpty();
    watched.interest(SelectionKey.OP_READ);
    watched.interest(0);
    watched.interest(SelectionKey.OP_READ);
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    assertThat(watched.read(ByteBuffer.allocateDirect(64))).isEqualTo(6);
    await(poller, 50);
    assertThat(ready).isEmpty();
    pair.far().write(ByteBuffer.wrap(new byte[3]));
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    watched.interest(0);
    watched.interest(SelectionKey.OP_READ);
    await(poller, 5_000);
    assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
    assertThat(watched.read(ByteBuffer.allocateDirect(64))).isEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anEndThatCameWithTheLastBytesIsTold(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    for (boolean before : new boolean[] {true, false}) {
      Pair pair = pair();
      Watched watched = poller.register(pair.near(), SelectionKey.OP_READ, "a");
      pair.far().write(ByteBuffer.wrap(new byte[10]));
      if (before) {
        pair.far().shutdownOutput();
      }
      await(poller, 5_000);
      assertThat(watched.read(ByteBuffer.allocateDirect(64))).isEqualTo(10);
      if (!before) {
        pair.far().shutdownOutput();
      }
      await(poller, 5_000);
      assertThat(ready).containsExactly("a:" + SelectionKey.OP_READ);
      assertThat(watched.read(ByteBuffer.allocateDirect(64))).isEqualTo(-1);
      watched.cancel();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aSocketStaysWritableUntilItIsFull(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), SelectionKey.OP_WRITE, "a");
    for (int i = 0; i < 3; i++) {
      await(poller, 5_000);
      assertThat(ready).containsExactly("a:" + SelectionKey.OP_WRITE);
      assertThat(watched.write(ByteBuffer.allocate(10))).isEqualTo(10);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aResetIsAnError(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair pair = pair();
    Watched watched = poller.register(pair.near(), SelectionKey.OP_READ, "a");
    pair.far().setOption(StandardSocketOptions.SO_LINGER, 0);
    pair.far().close();
    await(poller, 5_000);
    assertThat(ready).hasSize(1);
    assertThatThrownBy(() -> watched.read(ByteBuffer.allocateDirect(8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("reset");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aSocketClosedBehindItsBackHarmsNoOther(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    Pair gone = pair();
    Pair other = pair();
    Watched watched = poller.register(gone.near(), SelectionKey.OP_READ, "gone");
    watched.interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    gone.near().close();
    poller.register(other.near(), SelectionKey.OP_READ, "other");
    other.far().write(ByteBuffer.wrap(new byte[] {1}));
    await(poller, 5_000);
    assertThat(ready).containsExactly("other:" + SelectionKey.OP_READ);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void connectingAndAcceptingAreTold(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    try (ServerSocketChannel listener = listener();
        SocketChannel client = SocketChannel.open()) {
      listener.configureBlocking(false);
      poller.register(listener, SelectionKey.OP_ACCEPT, "listener");
      client.configureBlocking(false);
      client.connect(listener.getLocalAddress());
      poller.register(client, SelectionKey.OP_CONNECT, "client");
      List<String> seen = new ArrayList<>();
      while (seen.size() < 2) {
        await(poller, 5_000);
        ready.stream().filter(one -> !seen.contains(one)).forEach(seen::add);
        if (ready.contains("client:" + SelectionKey.OP_CONNECT)) {
          assertThat(client.finishConnect()).isTrue();
        }
      }
      assertThat(seen)
          .containsExactlyInAnyOrder(
              "listener:" + SelectionKey.OP_ACCEPT, "client:" + SelectionKey.OP_CONNECT);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void anotherThreadEndsTheWait(String kind) throws Exception {
    Poller<String> poller = poller(kind);
    for (int i = 0; i < 3; i++) {
      Thread waker =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Thread.sleep(20);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                poller.wakeUp();
                poller.wakeUp();
              });
      long began = System.nanoTime();
      await(poller, 30_000);
      assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(25);
      waker.join();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsCancelledInTheMidstOfARoundIsNotTold(String kind) throws IOException {
    Poller<String> poller = poller(kind);
    List<Pair> pairs = new ArrayList<>();
    List<Watched> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Pair pair = pair();
      pairs.add(pair);
      all.add(poller.register(pair.near(), SelectionKey.OP_READ, "" + i));
      pair.far().write(ByteBuffer.wrap(new byte[] {1}));
    }
    List<String> told = new ArrayList<>();
    while (told.isEmpty()) {
      poller.await(
          5_000,
          (name, operations) -> {
            told.add(name);
            all.forEach(Watched::cancel);
            pairs.forEach(pair -> EpollPollerFixture.close(pair.near()));
          });
    }
    assertThat(told).hasSize(1);
    assertThat(poller.attachments()).isEmpty();
    Pair fresh = pair();
    poller.register(fresh.near(), SelectionKey.OP_READ, "fresh");
    fresh.far().write(ByteBuffer.wrap(new byte[] {1}));
    await(poller, 5_000);
    assertThat(ready).containsExactly("fresh:" + SelectionKey.OP_READ);
  }

  private static final class EpollPollerFixture {
    static void close(SocketChannel channel) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
