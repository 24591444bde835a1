package io.pgfleet.cli.fleet;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One fleet that was started on this machine.
 *
 * @param file its fleet.yaml; empty for the defaults
 */
public record FleetRecord(String name, Optional<Path> file, Path folder) {
  public FleetHome home() {
    return new FleetHome(name, folder);
  }
}
