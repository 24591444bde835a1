package io.pgfleet.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * A database, its owner (the name of a {@link UserSpec} of the fleet), and the SQL files that are
 * run in it once, in this order, when it is made. Their paths are absolute.
 */
public record DatabaseSpec(String name, String owner, List<Path> init) {
  /** Checks that name and owner are there. */
  public DatabaseSpec {
    if (name.isBlank() || owner.isBlank()) {
      throw new IllegalArgumentException("a database has a name and an owner");
    }
    init = List.copyOf(init);
  }
}
