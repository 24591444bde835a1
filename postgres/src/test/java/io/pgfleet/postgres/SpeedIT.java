package io.pgfleet.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgfleet.postgres.backup.StandbyClone;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Prints what a first start of three servers and a warm one take; the figures are for a reader. */
class SpeedIT {
  @Test
  void a_primary_and_two_standbys_come_up() throws Exception {
    try (Sandbox sandbox = new Sandbox()) {
      Lap lap = new Lap();
      Server primary = sandbox.server(Sandbox.embedded(), "primary");
      lap.end("check of the embedded binaries");
      primary.initialize(Initialization.withPassword(Sandbox.PASSWORD));
      lap.end("initdb");
      primary.configure(ServerConfig.loopback(Sandbox.freePort()));
      primary.start(Sandbox.PATIENCE);
      lap.end("first start of the primary");
      for (String name : List.of("one", "two")) {
        new StandbyClone(
                Sandbox.login(primary), Sandbox.user(), Optional.of(name), OptionalLong.empty())
            .into(sandbox.path(name), _ -> {});
        lap.end("clone " + name);
        Server standby = sandbox.server(Sandbox.embedded(), name);
        Upstream upstream =
            new Upstream(
                "127.0.0.1",
                Sandbox.running(primary).port(),
                "postgres",
                Sandbox.PASSWORD,
                name,
                Optional.of(name));
        standby.configure(
            ServerConfig.loopback(Sandbox.freePort())
                .withRole(new Role.Standby(Optional.of(upstream))));
        standby.start(Sandbox.PATIENCE);
        lap.end("first start of standby " + name);
      }
      lap.whole("all three from nothing");
      primary.stop(StopMode.FAST, Sandbox.PATIENCE);
      lap.end("fast stop of the primary with two standbys");
      primary.start(Sandbox.PATIENCE);
      lap.end("warm start of the primary");
      assertThat(Sandbox.sql(primary, "SELECT 1")).isEqualTo("1");
    }
  }

  /** Prints the time since the last call. */
  private static final class Lap {
    private final long first = System.nanoTime();
    private long last = first;

    void end(String what) {
      print(what, last);
      last = System.nanoTime();
    }

    void whole(String what) {
      print(what, first);
    }

    private static void print(String what, long since) {
      System.out.println(
          what + ": " + Duration.ofNanos(System.nanoTime() - since).toMillis() + " ms");
    }
  }
}
