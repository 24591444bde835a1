package io.pgfleet.agent.server;

import io.pgfleet.agent.NodeServerException;
import io.pgfleet.agent.decide.LocalServer;
import io.pgfleet.agent.server.LocalSession.SilentException;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerStatus;
import io.pgfleet.spec.GroupSpec;
import io.pgfleet.spec.HostPort;
import io.pgfleet.spec.NodeName;
import io.pgfleet.spec.NodeSpec;
import io.pgfleet.wire.Lsn;
import io.pgfleet.wire.client.Result;
import io.pgfleet.wire.client.Row;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sees what a server is, from its data folder, its process, and its own words. */
final class ServerEye {
  /** How often, and how long apart, it looks for a sealed standby to come to rest. */
  private static final int LOOKS = 8;

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(15);

  private static final String SELF =
      """
      select pg_is_in_recovery() as standby,
             (select system_identifier from pg_control_system()) as system,
             case when pg_is_in_recovery() then 0
                  else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
                  end as timeline,
             case when pg_is_in_recovery() then null else pg_current_wal_lsn() end as written,
             pg_last_wal_receive_lsn() as received,
             pg_last_wal_replay_lsn() as replayed,
             (select received_tli from pg_stat_wal_receiver) as receiving,
             (select wait_event from pg_stat_activity where backend_type = 'startup') as startup,
             extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::bigint
                 as behind,
             current_setting('primary_conninfo') as upstream
      """;

  /** What the startup process waits for before it applies the next transaction. */
  private static final Set<String> HOLDS = Set.of("RecoveryApplyDelay", "RecoveryPause");

  /** Stands for an upstream that is not of the group: not sealed, and nobody to follow. */
  private static final NodeName ELSEWHERE = new NodeName("elsewhere");

  private static final Pattern HOST = Pattern.compile("\\bhost='?([^'\\s]+)'?");
  private static final Pattern PORT = Pattern.compile("\\bport='?(\\d+)'?");

  private final Server server;
  private final LocalSession session;
  private final LocalSession replication;
  private final Liveness liveness;
  private List<NodeSpec> nodes;

  ServerEye(
      Server server,
      GroupSpec group,
      LocalSession session,
      LocalSession replication,
      Liveness liveness) {
    this.server = server;
    this.nodes = group.nodes();
    this.session = session;
    this.replication = replication;
    this.liveness = liveness;
  }

  /** Takes these for the nodes that may be followed. */
  void useNodes(List<NodeSpec> present) {
    nodes = List.copyOf(present);
  }

  /** Looks, and once more if a sealed standby is between two looks at its own WAL. */
  LocalServer look() throws NodeServerException {
    LocalServer seen = once();
    for (int i = 0; i < LOOKS && restless(seen); i++) {
      pause();
      seen = once();
    }
    return seen;
  }

  private static boolean restless(LocalServer seen) {
    return seen instanceof LocalServer.Standby standby
        && standby.upstream().isEmpty()
        && !standby.sealed()
        && !standby.held();
  }

  static void pause() throws NodeServerException {
    try {
      Thread.sleep(BETWEEN_LOOKS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NodeServerException("interrupted", e);
    }
  }

  private LocalServer once() throws NodeServerException {
    if (!server.status().isAlive()) {
      liveness.reset();
    }
    return switch (server.status()) {
      case ServerStatus.NotInitialized() -> new LocalServer.Absent();
      case ServerStatus.Stopped() -> new LocalServer.Stopped(identifier());
      case ServerStatus.Stale(_) -> new LocalServer.Stopped(identifier());
      case ServerStatus.Starting(_), ServerStatus.Stopping(_) ->
          new LocalServer.Silent(identifier());
      case ServerStatus.Running(_, _, _) -> running();
    };
  }

  private long identifier() {
    return server.data().control().systemIdentifier();
  }

  private LocalServer running() throws NodeServerException {
    try {
      Row row = session.ask(SELF).getLast().onlyRow();
      liveness.answered(row.required("standby").equals("f"));
      long identifier = Long.parseLong(row.required("system"));
      return row.required("standby").equals("t")
          ? standby(identifier, row)
          : new LocalServer.Primary(
              identifier,
              Integer.parseInt(row.required("timeline")),
              Lsn.parse(row.required("written")));
    } catch (SilentException e) {
      liveness.silent(e);
      return server.status().isAlive()
          ? new LocalServer.Silent(identifier())
          : new LocalServer.Stopped(identifier());
    }
  }

  /** Whether a WAL receiver runs, or may run: the server may be too busy to say. */
  boolean receives() throws NodeServerException {
    try {
      return !session.ask("select from pg_stat_wal_receiver").getLast().rows().isEmpty();
    } catch (SilentException e) {
      return true;
    }
  }

  private LocalServer standby(long identifier, Row row)
      throws NodeServerException, SilentException {
    Optional<NodeName> upstream = upstream(row.required("upstream"));
    String receiving = row.get("receiving");
    // At the end of its WAL the startup process sleeps before it looks again (PostgreSQL manual,
    // 'Wait Events of Type Timeout'). While it waits for a receiver it shows another event, also
    // for one that still connects, which pg_stat_wal_receiver does not show yet.
    boolean exhausted = "RecoveryRetrieveRetryInterval".equals(row.get("startup"));
    boolean held = HOLDS.contains(String.valueOf(row.get("startup")));
    String age = row.get("behind");
    OptionalLong behind =
        age == null ? OptionalLong.empty() : OptionalLong.of(Math.max(0, Long.parseLong(age)));
    if (receiving != null) {
      return new LocalServer.Standby(
          identifier,
          Integer.parseInt(receiving),
          later(row.get("received"), row.get("replayed")),
          upstream,
          true,
          exhausted,
          held,
          behind);
    }
    // IDENTIFY_SYSTEM tells timeline and flushed position of one moment, also after a restart,
    // when pg_last_wal_receive_lsn() has forgotten.
    List<Result> answers = replication.ask("IDENTIFY_SYSTEM");
    Row self = answers.getLast().onlyRow();
    return new LocalServer.Standby(
        identifier,
        Integer.parseInt(self.required("timeline")),
        Lsn.parse(self.required("xlogpos")),
        upstream,
        false,
        exhausted,
        held,
        behind);
  }

  private static Lsn later(@Nullable String received, @Nullable String replayed) {
    Lsn left = received == null ? Lsn.ZERO : Lsn.parse(received);
    Lsn right = replayed == null ? Lsn.ZERO : Lsn.parse(replayed);
    return left.reaches(right) ? left : right;
  }

  private Optional<NodeName> upstream(String conninfo) {
    if (conninfo.isEmpty()) {
      return Optional.empty();
    }
    Matcher host = HOST.matcher(conninfo);
    Matcher port = PORT.matcher(conninfo);
    if (!host.find() || !port.find()) {
      return Optional.of(ELSEWHERE);
    }
    HostPort address = new HostPort(host.group(1), Integer.parseInt(port.group(1)));
    return nodes.stream()
        .filter(node -> node.address().equals(address))
        .map(NodeSpec::name)
        .findFirst()
        .or(() -> Optional.of(ELSEWHERE));
  }
}
