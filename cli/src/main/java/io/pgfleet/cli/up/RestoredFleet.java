package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.agent.server.NodePlace;
import io.pgfleet.agent.server.ServerGuard;
import io.pgfleet.backup.Archive;
import io.pgfleet.backup.restore.RecoveryTarget;
import io.pgfleet.backup.restore.RestorePlan;
import io.pgfleet.backup.restore.Restoring;
import io.pgfleet.backup.wal.WalArchive;
import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;
import io.pgfleet.postgres.Server;
import io.pgfleet.postgres.ServerConfig;
import io.pgfleet.postgres.StopMode;
import io.pgfleet.postgres.backup.BackupProgress;
import io.pgfleet.postgres.data.DataFolder;
import io.pgfleet.postgres.host.FileTrees;
import io.pgfleet.postgres.host.Ports;
import io.pgfleet.spec.ConsensusSpec;
import io.pgfleet.spec.NodeName;
import io.pgfleet.wire.client.ConnectSettings;
import io.pgfleet.wire.client.Connection;
import io.pgfleet.wire.client.PostgresException;
import io.pgfleet.wire.scram.ScramVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A fleet that is down and whose first node is made from a repository. The next {@code pgfleet up}
 * finds the data there and founds the fleet with it; the other nodes are cloned.
 */
public final class RestoredFleet {
  private static final Duration PATIENCE = Duration.ofDays(2);
  private static final Duration STOP = Duration.ofMinutes(5);

  /** Beside the files: their WAL, and what the recovery writes. */
  private static final double ROOM = 1.1;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Fleet fleet;
  private final NodeSet nodes;
  private final NodePlace founder;

  private RestoredFleet(Fleet fleet, NodeSet nodes, NodePlace founder) {
    this.fleet = fleet;
    this.nodes = nodes;
    this.founder = founder;
  }

  /**
   * A fleet that is to be restored on this machine.
   *
   * @throws CommandFailure if any of it runs here
   */
  public static RestoredFleet of(Fleet fleet, Folders folders) {
    HostsFleet.refuseWhereAgentsRun(fleet.record());
    if (ControlClient.isRunning(fleet.record().home())) {
      throw new CommandFailure(
          "fleet " + fleet.record().name() + " is running",
          "'pgfleet down' stops it; a restore into another folder needs another fleet.yaml");
    }
    RunningFleet.prepare(fleet.record().home());
    NodeSet nodes = NodeSet.prepare(fleet, folders);
    for (NodePlace place : nodes.places()) {
      if (place.server().status().isAlive()) {
        throw new CommandFailure(
            "the server of " + place.node().name() + " is running", "'pgfleet down' stops it");
      }
    }
    NodeName first = fleet.spec().groups().getFirst().nodes().getFirst().name();
    return new RestoredFleet(
        fleet,
        nodes,
        nodes.places().stream()
            .filter(place -> place.node().name().equals(first))
            .findFirst()
            .orElseThrow());
  }

  /** The node that is made. */
  public String node() {
    return founder.node().name().value();
  }

  /** Where it is made. */
  public Path folder() {
    return founder.server().data().path();
  }

  /** What stands where the fleet's data would be: data folders, and the agreed state. */
  public List<Path> inTheWay() {
    List<Path> found = new ArrayList<>();
    for (NodePlace place : nodes.places()) {
      if (place.server().data().content() != DataFolder.Content.NOTHING) {
        found.add(place.server().data().path());
      }
    }
    if (Files.exists(fleet.record().home().consensus())) {
      found.add(fleet.record().home().consensus());
    }
    return found;
  }

  /**
   * Refuses what can be known to fail before anything is changed.
   *
   * @param bytes that will be written
   */
  public void check(RestorePlan plan, long bytes, boolean inPlace) {
    int major = founder.server().installation().majorVersion();
    String backup = plan.backup().version();
    if (!backup.startsWith(major + ".") && !backup.equals(Integer.toString(major))) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "the backup is one of PostgreSQL " + backup + ", and fleet.yaml has " + major,
          "set postgres.version or postgres.path to PostgreSQL " + backup.replaceAll("\\..*", ""));
    }
    boolean hosts = !(fleet.spec().consensus().servers() instanceof ConsensusSpec.Alone);
    List<Path> there = inTheWay();
    if (!there.isEmpty() && !inPlace) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is data already: " + there.getFirst(),
          "--in-place puts it aside and restores in its place; nothing is deleted");
    }
    if (!there.isEmpty() && hosts) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "a fleet of several hosts can't be restored in place by one command",
          "end its agents (pgfleet agent --node NAME --stop-server), move the data folders of its"
              + " nodes and "
              + fleet.record().home().folder()
              + "/consensus-* away on every host, restore on the host of "
              + node()
              + ", and start the agents");
    }
    requireRoom(bytes);
  }

  private void requireRoom(long bytes) {
    Path there = folder().toAbsolutePath();
    while (!Files.exists(there)) {
      there = Optional.ofNullable(there.getParent()).orElseThrow();
    }
    try {
      long room = Files.getFileStore(there).getUsableSpace();
      if (room < bytes * ROOM) {
        throw new CommandFailure(
            "the backup has %,d MB, and the file system of %s has %,d MB left"
                .formatted(bytes >> 20, there, room >> 20),
            "make room; data that was put aside by an earlier restore may perhaps go");
      }
    } catch (IOException e) {
      throw new CommandFailure("the room at " + there + " can't be seen: " + e.getMessage(), "");
    }
  }

  /** Puts everything that is in the way aside, under names that end with the time. */
  public void putAside(Consumer<String> said) {
    String ending = ".before-restore-" + STAMP.format(Instant.now());
    for (Path path : inTheWay()) {
      Path aside = FileTrees.sibling(path, ending);
      try {
        Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
        said.accept(path + " is now " + aside);
      } catch (IOException e) {
        throw new CommandFailure(
            path + " can't be put aside: " + e.getMessage(),
            "what was put aside can be moved back");
      }
    }
  }

  /**
   * Makes the first node.
   *
   * @param databases those to keep, besides PostgreSQL's own; none to keep all
   * @param progress of the backup's files
   */
  public void restore(
      Archive archive,
      RestorePlan plan,
      RecoveryTarget target,
      List<String> databases,
      int threads,
      Consumer<BackupProgress> progress,
      Consumer<String> said) {
    Server server = founder.server();
    leaveAlone();
    WalArchive wal = new WalArchive(archive, plan.backup().segment());
    Restoring restoring = new Restoring(archive, wal, threads, PATIENCE);
    restoring.unpack(server, plan, progress);
    Thread undo =
        Thread.ofPlatform()
            .unstarted(() -> server.stop(StopMode.IMMEDIATE, Duration.ofSeconds(10)));
    Runtime.getRuntime().addShutdownHook(undo);
    try {
      said.accept("replaying WAL");
      restoring.recover(server, alone(), plan, target);
      server.stop(StopMode.FAST, STOP);
    } finally {
      Runtime.getRuntime().removeShutdownHook(undo);
    }
    // The agent gives the other roles theirs.
    server.runAlone(
        "postgres",
        List.of(
            "alter role %s login superuser password '%s'"
                .formatted(
                    Accounts.SUPERUSER,
                    ScramVerifier.fresh(nodes.accounts().superuserPassword()).text())));
    if (!databases.isEmpty()) {
      keepOnly(server, databases, said);
    }
  }

  /** The guard of an agent that was killed would shoot a server that recovers. */
  private void leaveAlone() {
    Path guard = fleet.record().home().guard(founder.node().name());
    try {
      ServerGuard.leaveAlone(guard);
    } catch (IOException e) {
      throw new CommandFailure(
          "the guard of the server can't be told: " + e.getMessage(), "delete " + guard);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("the restore was interrupted", "nothing was changed");
    }
  }

  /** Where no application looks for it. */
  private ServerConfig alone() {
    return ServerConfig.loopback(Ports.free())
        .withUserSettings(founder.settings())
        .withOwnSettings(Map.of("archive_mode", "off"));
  }

  private void keepOnly(Server server, List<String> databases, Consumer<String> said) {
    ServerConfig alone = alone();
    server.configure(alone);
    server.start(STOP);
    try (Connection connection =
        Connection.open(
            ConnectSettings.of("127.0.0.1", alone.port(), "postgres", Accounts.SUPERUSER)
                .withPassword(nodes.accounts().superuserPassword()))) {
      List<String> there =
          connection
              .query("select datname from pg_database where not datistemplate")
              .getFirst()
              .rows()
              .stream()
              .map(row -> row.required("datname"))
              .toList();
      for (String wanted : databases) {
        if (!there.contains(wanted)) {
          throw new CommandFailure(
              "there is no database " + wanted + " in the backup, but " + String.join(", ", there),
              "all of them were restored; none was dropped");
        }
      }
      for (String other : there) {
        if (!other.equals("postgres") && !databases.contains(other)) {
          said.accept("dropping database " + other);
          connection.query("drop database \"" + other.replace("\"", "\"\"") + "\"");
        }
      }
    } catch (IOException | PostgresException e) {
      throw new CommandFailure(
          "the other databases could not be dropped: " + e.getMessage(),
          "'pgfleet up' starts the fleet with all of them");
    } finally {
      server.stop(StopMode.FAST, STOP);
    }
  }
}
