package io.pgfleet.cli.up;

import io.pgfleet.cli.fleet.FleetChoice.Fleet;

/** Runs the {@code init:} files of databases that are new. */
final class FirstData {
  private final Fleet fleet;
  private final FleetProgram program;

  FirstData(Fleet fleet, FleetProgram program) {
    this.fleet = fleet;
    this.program = program;
  }

  void run() {
    if (fleet.spec().databases().stream().allMatch(database -> database.init().isEmpty())) {
      return;
    }
    program.step("filling new databases");
  }
}
