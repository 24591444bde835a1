package io.pgfleet.consensus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.consensus.FaultProxy.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("together")
class SessionIT {
  @TempDir static Path folder;
  private static Fixture fixture;

  @BeforeAll
  static void start() throws Exception {
    fixture = new Fixture(folder);
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @FunctionalInterface
  private interface Fault {
    void strike(FaultProxy proxy) throws Exception;
  }

  @Test
  void certaintyEndsBeforeTheServerEndsTheSessionWhateverIsCut() throws Exception {
    List<Fault> faults =
        List.of(
            proxy -> proxy.freeze(Direction.TO_SERVER),
            proxy -> proxy.freeze(Direction.TO_CLIENT),
            proxy -> {
              proxy.freeze(Direction.TO_SERVER);
              proxy.freeze(Direction.TO_CLIENT);
            },
            FaultProxy::close);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Agreement observer = fixture.open()) {
      List<Future<?>> rounds = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int round = i;
        rounds.add(
            threads.submit(() -> {
              loseSession(observer, round, faults.get(round % faults.size()));
              return round;
            }));
      }
      for (Future<?> round : rounds) {
        round.get();
      }
    }
  }

  private static void loseSession(Agreement observer, int round, Fault fault) throws Exception {
    Ticker ticker = Ticker.system();
    String path = "/certain/" + round;
    try (FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement agreement = Fixture.open(proxy.address(), Fixture.SESSION, Fixture.SESSION)) {
      agreement.create(path, new byte[0], Lifetime.SESSION);
      // The phase of the renewals at which the fault strikes differs from round to round.
      Thread.sleep(700 + 40L * round);
      assertThat(agreement.session().remaining()).isPositive();
      fault.strike(proxy);
      long there = ticker.nanos();
      for (boolean gone = false; !gone; ) {
        long asked = ticker.nanos();
        gone = observer.read(path).isEmpty();
        if (!gone) {
          there = asked;
          Thread.sleep(2);
        }
      }
      assertThat(agreement.session().certainUntilNanos() - there).isNegative();
      assertThat(agreement.session().remaining()).isZero();
      proxy.thaw();
      Fixture.until(() -> agreement.session().lost());
    }
  }

  @Test
  void certaintyComesBackAfterAShortCut() throws Exception {
    try (FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement agreement =
            Fixture.open(proxy.address(), Duration.ofSeconds(8), Duration.ofSeconds(8))) {
      agreement.create("/short", new byte[0], Lifetime.SESSION);
      long before = agreement.session().certainUntilNanos();
      proxy.cut();
      Fixture.until(() -> agreement.session().certainUntilNanos() - before > 3_000_000_000L);
      assertThat(agreement.read("/short").orElseThrow().ours()).isTrue();
      assertThat(agreement.session().lost()).isFalse();
    }
  }

  @Test
  void aHundredContestsHaveOneHolderEach() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger wins = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> contenders = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        contenders.add(
            threads.submit(() -> {
              contend(name, holders, wins);
              return name;
            }));
      }
      for (Future<?> contender : contenders) {
        contender.get();
      }
    }
    assertThat(wins.get()).isGreaterThanOrEqualTo(100);
  }

  private static void contend(String name, AtomicInteger holders, AtomicInteger wins) {
    Agreement agreement = fixture.open();
    while (wins.get() < 100) {
      try {
        agreement.create("/contest", name.getBytes(UTF_8), Lifetime.SESSION);
      } catch (ConflictException e) {
        continue;
      }
      assertThat(agreement.session().remaining()).isPositive();
      assertThat(holders.incrementAndGet()).isEqualTo(1);
      int won = wins.incrementAndGet();
      holders.decrementAndGet();
      if (won % 10 == 0) {
        agreement.close();
        agreement = fixture.open();
      } else {
        agreement.delete("/contest", 0);
      }
    }
    agreement.close();
  }

  @Test
  void aHolderThatIsCutOffStopsBeforeTheNextBegins() throws Exception {
    Ticker ticker = Ticker.system();
    try (FaultProxy proxy = new FaultProxy(fixture.port());
        Agreement holder = Fixture.open(proxy.address(), Fixture.SESSION, Fixture.SESSION);
        Agreement next = fixture.open()) {
      holder.create("/handed", "first".getBytes(UTF_8), Lifetime.SESSION);
      Fixture.until(() -> holder.session().remaining().compareTo(Fixture.SESSION.dividedBy(2)) > 0);
      proxy.freeze(Direction.TO_SERVER);
      long taken = 0;
      while (taken == 0) {
        try {
          next.create("/handed", "second".getBytes(UTF_8), Lifetime.SESSION);
          taken = ticker.nanos();
        } catch (ConflictException e) {
          Thread.sleep(5);
        }
      }
      assertThat(holder.session().certainUntilNanos() - taken).isNegative();
      proxy.thaw();
      Fixture.until(() -> holder.session().lost());
      assertThat(next.read("/handed").orElseThrow().ours()).isTrue();
    }
  }
}
