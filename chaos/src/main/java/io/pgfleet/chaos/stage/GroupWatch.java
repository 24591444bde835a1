package io.pgfleet.chaos.stage;

import io.pgfleet.chaos.client.Address;
import io.pgfleet.testkit.fleet.FleetNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks the servers themselves whether the group is whole, and who leads it. */
public final class GroupWatch {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final String STREAMING =
      "SELECT count(*) FILTER (WHERE state = 'streaming'),"
          + " count(*) FILTER (WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum'))"
          + " FROM pg_stat_replication";

  private final Stage stage;

  /** Watches the fleet of a stage. */
  public GroupWatch(Stage stage) {
    this.stage = stage;
  }

  /** What a server said. */
  private record Answer(boolean recovers, int streaming, int synchronous) {}

  private static Optional<Answer> ask(Address address) {
    try (Connection connection = address.connect(Address.Protocol.SIMPLE, PATIENCE);
        Statement query = connection.createStatement()) {
      boolean recovers;
      try (ResultSet rows = query.executeQuery("SELECT pg_is_in_recovery()")) {
        rows.next();
        recovers = rows.getBoolean(1);
      }
      try (ResultSet rows = query.executeQuery(STREAMING)) {
        rows.next();
        return Optional.of(new Answer(recovers, rows.getInt(1), rows.getInt(2)));
      }
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  /** The node whose server accepts writes now; empty if there is none. */
  public Optional<FleetNode> primary() {
    for (FleetNode node : stage.nodes()) {
      if (ask(stage.superuser(node)).filter(answer -> !answer.recovers()).isPresent()) {
        return Optional.of(node);
      }
    }
    return Optional.empty();
  }

  /** What is missing from a whole group; empty if nothing is. */
  public Optional<String> lack() {
    List<String> missing = new ArrayList<>();
    List<String> primaries = new ArrayList<>();
    int streaming = 0;
    int synchronous = 0;
    for (FleetNode node : stage.nodes()) {
      Optional<Answer> answer = ask(stage.superuser(node));
      if (answer.isEmpty()) {
        missing.add(node.name() + " does not answer");
      } else if (!answer.get().recovers()) {
        primaries.add(node.name());
        streaming = answer.get().streaming();
        synchronous = answer.get().synchronous();
      }
      if (!node.hasAgent()) {
        missing.add("the agent of " + node.name() + " has ended");
      }
    }
    if (!stage.hasGateway()) {
      missing.add("the gateway has ended");
    }
    if (primaries.size() != 1) {
      missing.add(primaries.isEmpty() ? "no primary" : "several primaries: " + primaries);
    } else if (streaming < stage.nodes().size() - 1) {
      missing.add(streaming + " of " + (stage.nodes().size() - 1) + " standbys stream");
    } else if (synchronous == 0) {
      missing.add("no standby is synchronous");
    } else if (missing.isEmpty() && !writable()) {
      missing.add("the gateway accepts no write");
    }
    return missing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", missing));
  }

  private boolean writable() {
    try (Connection connection = stage.writer().connect(Address.Protocol.SIMPLE, PATIENCE);
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_current_xact_id()");
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Waits until the group is whole.
   *
   * @return what is missing still when the time is over; empty if it is whole
   */
  public Optional<String> awaitWhole(Duration limit) throws InterruptedException {
    long began = System.nanoTime();
    while (true) {
      Optional<String> lack = lack();
      if (lack.isEmpty() || System.nanoTime() - began > limit.toNanos()) {
        return lack;
      }
      Thread.sleep(LOOK);
    }
  }
}
