package io.pgfleet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.gateway.topology.Topology;
import io.pgfleet.testkit.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A standby that was elected: connections to it are ready before it serves as primary. */
final class ComingPrimaryIT {
  private static final long PATIENCE_NANOS = 10_000_000_000L;
  private static final String PIDS =
      "select coalesce(string_agg(pid::text, ' ' order by pid), '') from pg_stat_activity"
          + " where usename = 'app'";

  private AppServer first;
  private TestPostgres second;
  private MovablePrimary primary;
  private Gateway gateway;

  @BeforeEach
  void start() throws Exception {
    first = AppServer.withTable();
    second = first.postgres().standby("second");
    primary = new MovablePrimary(first.primary(1));
    Duration patience = Duration.ofSeconds(15);
    gateway =
        AppServer.gateway(
            settings -> settings.withPoolSize(3, 1).withTimeouts(patience, patience, patience),
            primary);
  }

  @AfterEach
  void stop() {
    gateway.close();
    second.close();
    first.close();
  }

  private Primary elected() {
    return new Primary("second", second.host(), second.port(), 2);
  }

  /** Returns when the gateway is ready for the elected one and the client's second row waits. */
  private void electWhileItWaits(RawClient client) throws Exception {
    client.query("INSERT INTO t VALUES (1)");
    primary.change(new Topology(Optional.empty(), List.of(), Optional.of(elected())));
    await(() -> !second.sql(PIDS).isEmpty());
    client.send(Messages.query("INSERT INTO t VALUES (2)"));
    await(() -> waiting() == 1);
  }

  private int waiting() {
    return gateway.status().pools().stream().mapToInt(pool -> pool.waiting()).sum();
  }

  private static void await(BooleanSupplier condition) {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - begin).isLessThan(PATIENCE_NANOS);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  void aStatementThatWaitedRunsOnAConnectionFromBeforeThePromotion() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      electWhileItWaits(client);
      String ready = second.sql(PIDS);
      second.server().promote(Duration.ofSeconds(20));
      primary.move(elected());
      assertThat(client.untilReady(1)).contains("C:INSERT 0 1", "ZI");
      assertThat(client.query("SELECT pg_backend_pid()"))
          .anyMatch(answer -> List.of(ready.split(" ")).contains(answer.replace("D:", "")));
      assertThat(client.query("SELECT count(*) FROM t")).contains("D:2");
    }
  }

  /** Nobody says that it serves: it is seen. */
  @Test
  void aStatementThatWaitedRunsAsSoonAsTheElectedOneHasLeftRecovery() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      electWhileItWaits(client);
      assertThat(waiting()).isEqualTo(1);
      second.server().promote(Duration.ofSeconds(20));
      assertThat(client.untilReady(1)).contains("C:INSERT 0 1", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + second.port());
      // The word of its agent, which comes later, changes nothing.
      primary.move(elected());
      assertThat(client.query("SELECT count(*) FROM t")).contains("D:2");
    }
  }

  @Test
  void anElectedOneThatLosesItsTermBeforeThePromotionIsNotUsed() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      electWhileItWaits(client);
      primary.change(Topology.of(Optional.of(first.primary(3))));
      second.server().promote(Duration.ofSeconds(20));
      assertThat(client.untilReady(1)).contains("C:INSERT 0 1", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + first.port());
    }
  }

  @Test
  void connectionsToOneThatIsNotToBePrimaryAfterAllAreClosed() throws Exception {
    try (RawClient client = RawClient.login(gateway.address())) {
      electWhileItWaits(client);
      primary.change(Topology.of(Optional.of(first.primary(3))));
      assertThat(client.untilReady(1)).contains("C:INSERT 0 1", "ZI");
      assertThat(client.query("SHOW port")).contains("D:" + first.port());
      await(() -> second.sql(PIDS).isEmpty());
    }
  }
}
