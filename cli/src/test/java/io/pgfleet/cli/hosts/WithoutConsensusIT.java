package io.pgfleet.cli.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.cli.NotingClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A fleet whose agreed state is kept on one witness, which stops. The primary goes on while the
 * standby's agent promises to elect nobody, and stops where that agent can't be asked.
 */
class WithoutConsensusIT {
  /** More than two leases of four seconds; {@code -Doutage.millis} for more. */
  private static final long OUTAGE_MILLIS = Long.getLong("outage.millis", 11_000);

  private static final long LIMIT_NANOS = 60_000_000_000L;

  @Test
  void thePrimaryGoesOnWhileTheOtherAgentsPromiseToElectNobody() throws Exception {
    try (FleetHosts hosts = new FleetHosts(new LoopbackNetwork(), List.of())) {
      hosts.startFleet("w1", "n1", "n2");
      try (NotingClient client = new NotingClient(hosts.jdbc())) {
        client.goOn();
        ProcessHandle primary = hosts.server("n1");

        hosts.freeze("w1", true);
        int before = client.count();
        Thread.sleep(OUTAGE_MILLIS);
        System.out.printf(
            "%d rows acknowledged in %d ms without consensus servers%n",
            client.count() - before, OUTAGE_MILLIS);
        client.goOn();
        assertThat(hosts.server("n1")).isEqualTo(primary);

        hosts.freeze("w1", false);
        hosts.awaitWhole("gw");
        client.goOn();
        assertThat(hosts.server("n1")).isEqualTo(primary);
        assertThat(hosts.run("gw", "status", "--json", "--fleet", "tried").text())
            .contains("\"primary\":\"n1\"")
            .contains("\"term\":1");

        // Nobody can know what an agent that is gone would do once it is back.
        hosts.freeze("w1", true);
        hosts.killAgent("n2");
        long begin = System.nanoTime();
        while (primary.isAlive()) {
          assertThat(System.nanoTime() - begin)
              .as("time of a primary alone")
              .isLessThan(LIMIT_NANOS);
          Thread.sleep(50);
        }

        hosts.freeze("w1", false);
        hosts.startAgent("n2");
        hosts.awaitWhole("gw");
        client.goOn();
        assertThat(client.lost()).isEmpty();
      }
    }
  }
}
