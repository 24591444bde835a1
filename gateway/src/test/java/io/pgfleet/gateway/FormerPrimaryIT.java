package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.testkit.FaultProxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A primary whose host vanishes: its connections stay open and bring nothing more. What ran there
 * ends as soon as another primary is known, for nobody will ever answer it.
 */
final class FormerPrimaryIT {
  private static final int POOL = 3;
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static AppServer first;
  private static AppServer second;
  private FaultProxy way;
  private final AtomicInteger swallowed = new AtomicInteger();
  private MovablePrimary primary;
  private Gateway gateway;

  @BeforeAll
  static void startServers() throws Exception {
    first = AppServer.withTable();
    second = AppServer.withTable();
  }

  /** Longer times than the test client has patience: nothing ends by itself. */
  @BeforeEach
  void start() throws Exception {
    way = FaultProxy.before(first.port());
    primary = new MovablePrimary(new Primary("n1", "127.0.0.1", way.port(), 1));
    Duration minute = Duration.ofMinutes(1);
    gateway =
        AppServer.gateway(
            settings -> settings.withPoolSize(POOL, 1).withTimeouts(minute, minute, minute),
            primary);
  }

  @AfterEach
  void stop() {
    gateway.close();
    way.close();
  }

  @AfterAll
  static void stopServers() {
    first.close();
    second.close();
  }

  private RawClient client() throws Exception {
    return RawClient.login(gateway.address());
  }

  /**
   * No byte arrives any more either way, and nobody is told; what is awaited is counted, since the
   * gateway asks questions of its own.
   */
  private void vanish(String awaited) {
    way.toServer()
        .change(piece -> {
          if (new String(piece, StandardCharsets.ISO_8859_1).contains(awaited)) {
            swallowed.incrementAndGet();
          }
          return new byte[0];
        });
    way.toClient().change(piece -> new byte[0]);
  }

  private void await(BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - begin).isLessThan(PATIENCE_NANOS);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private int active() {
    return gateway.status().pools().stream().mapToInt(pool -> pool.active()).sum();
  }

  private int idle() {
    return gateway.status().pools().stream().mapToInt(pool -> pool.idle()).sum();
  }

  @Test
  void aStatementOfItsOwnEndsWithTheReignOfItsServer() throws Exception {
    try (RawClient client = client()) {
      client.query("SELECT 1");
      vanish("VALUES (1)");
      client.send(Messages.query("INSERT INTO t VALUES (1)"));
      await(() -> swallowed.get() > 0);
      primary.away();
      primary.move(second.primary(2));
      assertThat(client.untilReady(1)).containsExactly("E:08006", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + second.port());
    }
  }

  @Test
  void aTransactionEndsWhetherItIsAtWorkOrNot() throws Exception {
    try (RawClient busy = client();
        RawClient idle = client()) {
      for (RawClient client : List.of(busy, idle)) {
        client.query("BEGIN");
        client.query("INSERT INTO t VALUES (1)");
      }
      vanish("VALUES (2)");
      busy.send(Messages.query("INSERT INTO t VALUES (2)"));
      await(() -> swallowed.get() > 0);
      primary.move(second.primary(2));
      assertThat(busy.untilReady(1)).containsExactly("E:57P01", "ZE");
      assertThat(busy.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
      await(() -> active() == 0);
      assertThat(idle.query("INSERT INTO t VALUES (3)")).containsExactly("E:57P01", "ZE");
      assertThat(idle.query("ROLLBACK")).containsExactly("C:ROLLBACK", "ZI");
      assertThat(busy.query("SHOW port")).contains("D:" + second.port());
      assertThat(idle.query("SHOW port")).contains("D:" + second.port());
    }
  }

  @Test
  void aCommitWithoutAnAnswerIsUnknown() throws Exception {
    try (RawClient client = client()) {
      client.query("BEGIN");
      client.query("INSERT INTO t VALUES (1)");
      vanish("COMMIT");
      client.send(Messages.query("COMMIT"));
      await(() -> swallowed.get() > 0);
      primary.move(second.primary(2));
      assertThat(client.untilReady(1)).containsExactly("E:08006", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + second.port());
    }
  }

  @Test
  void connectionsThatNobodyUsesGoAndTakeNoPlaceFromTheNextPrimary() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < POOL + 1; i++) {
        clients.add(client());
      }
      for (RawClient client : clients.subList(0, POOL)) {
        client.query("BEGIN");
      }
      clients.getFirst().query("COMMIT");
      assertThat(idle()).isEqualTo(1);
      vanish("");
      primary.move(second.primary(2));
      await(() -> active() + idle() == 0);
      assertThat(clients.getLast().query("SHOW port")).contains("D:" + second.port());
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void clientsThatWaitBehindSilentConnectionsAreServedByTheNextPrimary() throws Exception {
    List<RawClient> silent = new ArrayList<>();
    try (RawClient waiting = client()) {
      for (int i = 0; i < POOL; i++) {
        silent.add(client());
        silent.getLast().query("BEGIN");
      }
      vanish("");
      for (RawClient client : silent) {
        client.send(Messages.query("SELECT 1"));
      }
      waiting.send(Messages.query("SHOW port"));
      await(() -> gateway.status().clientsWaiting() == 1);
      primary.move(second.primary(2));
      assertThat(waiting.untilReady(1)).contains("D:" + second.port());
      for (RawClient client : silent) {
        assertThat(client.untilReady(1)).containsExactly("E:57P01", "ZE");
      }
    } finally {
      for (RawClient client : silent) {
        client.close();
      }
    }
  }

  @Test
  void aCancelThatNobodyTakesHoldsNothingBack() throws Exception {
    try (RawClient client = client()) {
      client.query("SELECT 1");
      vanish("pg_sleep");
      client.send(Messages.query("SELECT pg_sleep(60)"));
      await(() -> swallowed.get() > 0);
      try (RawClient cancel = new RawClient(gateway.address())) {
        cancel.send(Messages.cancel(client.process, client.secret));
        assertThat(cancel.atEnd()).isTrue();
      }
      primary.move(second.primary(2));
      assertThat(client.untilReady(1)).containsExactly("E:08006", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + second.port());
    }
  }

  @Test
  void aLoginUnderWayToTheFormerPrimaryIsGivenUpForTheNext() throws Exception {
    try (RawClient client = client();
        RawClient holder = client()) {
      holder.query("BEGIN");
      vanish("");
      client.send(Messages.query("SHOW port"));
      await(() -> gateway.status().clientsWaiting() == 1);
      primary.move(second.primary(2));
      assertThat(client.untilReady(1)).contains("D:" + second.port());
    }
  }

  @Test
  void aLoginOfAClientGoesOnAlthoughNobodyAnswersForItsPassword() throws Exception {
    vanish("");
    CompletableFuture<RawClient> login =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return client();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            task -> Thread.ofVirtual().start(task));
    await(() -> swallowed.get() > 0);
    primary.move(second.primary(2));
    try (RawClient client = login.get()) {
      assertThat(client.query("SHOW port")).contains("D:" + second.port());
    }
  }

  @Test
  void whatRunsMayEndWhileThereIsNoOtherPrimary() throws Exception {
    try (RawClient client = client()) {
      client.query("BEGIN");
      primary.away();
      assertThat(client.query("SHOW port")).contains("D:" + first.port());
      primary.move(new Primary("n1", "127.0.0.1", way.port(), 1));
      assertThat(client.query("COMMIT")).containsExactly("C:COMMIT", "ZI");
    }
  }
}
