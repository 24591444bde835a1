package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("together")
class WatchIT {
  private static final Duration LONG_SESSION = Duration.ofSeconds(20);
  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(Agreement agreement, String path) {
    return agreement.read(path).map(entry -> new String(entry.data(), UTF_8)).orElse("none");
  }

  @Test
  void theLastOfManyQuickChangesIsSeen() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        Agreement writer = fixture.open();
        // A machine that stands still for a second would end a short session, and a reconnect calls
        // every watch: "outside" could not be told from that.
        Agreement reader = Fixture.open(fixture.server().servers(), LONG_SESSION, LONG_SESSION)) {
      AtomicReference<String> seen = new AtomicReference<>("");
      AtomicInteger outside = new AtomicInteger();
      reader.watch("/watched", () -> seen.set(text(reader, "/watched/deep/value")));
      Watch closed = reader.watch("/watched", () -> seen.set("a closed watch was called"));
      closed.close();
      reader.watch("/watch", outside::incrementAndGet);
      reader.watch(
          "/watched",
          () -> {
            throw new IllegalStateException("on purpose");
          });
      Fixture.until(() -> seen.get().equals("none") && outside.get() == 1);
      writer.create("/watched/deep/value", bytes("0"), Lifetime.PERSISTENT);
      for (int i = 0; i < 300; i++) {
        writer.compareAndSet("/watched/deep/value", bytes("" + (i + 1)), i);
      }
      Fixture.until(() -> seen.get().equals("300"));
      writer.delete("/watched/deep/value", 300);
      Fixture.until(() -> seen.get().equals("none"));
      assertThat(outside).hasValue(1);
    }
  }

  @Test
  void changesAreSeenAfterAServerRestartAndThoseMadeBehindACutLinkToo() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement reader = Fixture.open(proxy.address(), LONG_SESSION, LONG_SESSION);
        Agreement writer = Fixture.open(fixture.server().servers(), LONG_SESSION, LONG_SESSION)) {
      AtomicReference<String> seen = new AtomicReference<>("");
      reader.watch("/", () -> seen.set(text(reader, "/value")));
      writer.create("/value", bytes("a"), Lifetime.PERSISTENT);
      Fixture.until(() -> seen.get().equals("a"));

      fixture.stop();
      fixture.startAgain();
      writer.compareAndSet("/value", bytes("b"), 0);
      Fixture.until(() -> seen.get().equals("b"));
      writer.compareAndSet("/value", bytes("c"), 1);
      Fixture.until(() -> seen.get().equals("c"));

      proxy.freeze(FaultProxy.Direction.TO_CLIENT);
      writer.compareAndSet("/value", bytes("d"), 2);
      proxy.cut();
      proxy.thaw();
      Fixture.until(() -> seen.get().equals("d"));
      writer.compareAndSet("/value", bytes("e"), 3);
      Fixture.until(() -> seen.get().equals("e"));
      assertThat(reader.session().lost()).isFalse();
    }
  }

  @Test
  void theWatchIsCalledWhenTheSessionIsLost() throws Exception {
    try (Fixture fixture = new Fixture(folder);
        FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement agreement = Fixture.open(proxy.address(), Fixture.SESSION, Fixture.SESSION)) {
      AtomicInteger callsAfterLoss = new AtomicInteger();
      agreement.watch(
          "/",
          () -> {
            if (agreement.session().lost()) {
              callsAfterLoss.incrementAndGet();
            }
          });
      proxy.freeze(FaultProxy.Direction.TO_SERVER);
      Fixture.until(() -> callsAfterLoss.get() == 1);
    }
  }
}
