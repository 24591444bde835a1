package io.pgfleet.cli.up;

import io.pgfleet.agent.server.Accounts;
import io.pgfleet.cli.archive.BackupSource;
import io.pgfleet.cli.control.ControlClient;
import io.pgfleet.cli.control.Request;
import io.pgfleet.cli.control.StatusReport;
import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.wire.client.ConnectSettings;
import java.util.List;
import java.util.Optional;

/** The servers of a running fleet, for commands that read from them themselves. */
public final class FleetServers {
  private final Fleet fleet;

  /** Those of a fleet. */
  public FleetServers(Fleet fleet) {
    this.fleet = fleet;
  }

  /**
   * What the fleet is doing.
   *
   * @throws CommandFailure if it does not run
   */
  public StatusReport status() {
    if (HostsFleet.is(fleet.record())) {
      try (HostsFleet hosts = HostsFleet.open(fleet.record())) {
        return hosts.status();
      }
    }
    return ControlClient.ask(fleet.record().home(), Request.of("status"), step -> {})
        .status()
        .orElseThrow();
  }

  /**
   * The servers to read a base backup from, the best first, and at least one.
   *
   * @param node the only one that is wanted; else all
   */
  public List<BackupSource> sources(Optional<String> node) {
    List<BackupSource> found =
        BackupSource.of(status()).stream()
            .filter(source -> node.isEmpty() || node.get().equals(source.node()))
            .toList();
    if (found.isEmpty()) {
      throw new CommandFailure(
          node.map(name -> name + " is no server that can be read from now")
              .orElse("the fleet has no server that can be read from now"),
          "'pgfleet status' tells what they do");
    }
    return found;
  }

  /** The primary. */
  public BackupSource primary() {
    return BackupSource.of(status()).stream()
        .filter(source -> !source.standby())
        .findFirst()
        .orElseThrow(() ->
            new CommandFailure("the fleet has no primary now", "'pgfleet status' tells more"));
  }

  /** How a database of a server is reached as the superuser, who may read and write all tables. */
  public ConnectSettings superuser(BackupSource source, String database) {
    return settings(source, Accounts.SUPERUSER).withDatabase(database);
  }

  /** How a server is reached as the role that replicates. */
  public ConnectSettings replication(BackupSource source) {
    return settings(source, Accounts.REPLICATION);
  }

  private ConnectSettings settings(BackupSource source, String role) {
    return source.settings(
        role,
        AgreedState.secret(fleet.record().home(), "role." + role),
        HostTls.of(fleet).map(HostTls::forServer));
  }
}
