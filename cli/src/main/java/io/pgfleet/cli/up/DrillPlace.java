package io.pgfleet.cli.up;

import io.pgfleet.cli.archive.DrillRound;
import io.pgfleet.cli.fleet.FleetChoice.Fleet;
import io.pgfleet.cli.fleet.Folders;

/** Where a command drills: on this machine, whether anything of the fleet runs here or not. */
public final class DrillPlace {
  private DrillPlace() {}

  /** That of a fleet. */
  public static DrillRound of(Fleet fleet, Folders folders) {
    RunningFleet.prepare(fleet.record().home());
    NodeSet nodes = NodeSet.prepare(fleet, folders);
    return DrillRound.of(
        fleet.spec().backup().drill(), nodes.places().getFirst(), fleet.record().home().folder());
  }
}
