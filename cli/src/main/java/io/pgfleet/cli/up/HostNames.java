package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.CommandFailure;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.spec.NodeName;
import java.util.List;

/** The hosts that a fleet's file names, and their addresses. */
public final class HostNames {
  private final Fleet fleet;
  private final List<String> names;

  private HostNames(Fleet fleet) {
    this.fleet = fleet;
    this.names = HostRole.names(fleet);
  }

  /** Those of a fleet. */
  public static HostNames of(Fleet fleet) {
    return new HostNames(fleet);
  }

  /** All nodes and witnesses. */
  public List<String> all() {
    return names;
  }

  /**
   * Checks that a name is of the file.
   *
   * @throws CommandFailure if it is not
   */
  public void require(String name) {
    if (!names.contains(name)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no node and no witness " + name,
          "fleet.yaml has " + String.join(", ", names));
    }
  }

  /** Under which addresses the file says that it is reached; none if it does not name it. */
  public List<String> addresses(String name) {
    return names.contains(name) ? HostRole.of(fleet, new NodeName(name)).addresses() : List.of();
  }
}
