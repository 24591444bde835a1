package io.pgfleet.gateway;

import java.util.Optional;
import java.util.Set;

/**
 * What a client's database comes to: {@code NAME_write} and {@code NAME_read} are the database NAME
 * with all requests forced to one side, unless there is a database of that very name.
 */
record DatabaseAlias(String database, ReadSide side) {
  private static final String WRITE = "_write";
  private static final String READ = "_read";

  /**
   * Resolves a name.
   *
   * @param databases that there are, if they are known
   * @return nothing if that is needed and not known
   */
  static Optional<DatabaseAlias> of(String name, Optional<Set<String>> databases) {
    ReadSide side =
        name.endsWith(WRITE)
            ? ReadSide.PRIMARY
            : name.endsWith(READ) ? ReadSide.STANDBY : ReadSide.AUTOMATIC;
    if (side == ReadSide.AUTOMATIC) {
      return Optional.of(new DatabaseAlias(name, side));
    }
    int suffix = side == ReadSide.PRIMARY ? WRITE.length() : READ.length();
    String base = name.substring(0, name.length() - suffix);
    return databases.map(known ->
        known.contains(name) || !known.contains(base)
            ? new DatabaseAlias(name, ReadSide.AUTOMATIC)
            : new DatabaseAlias(base, side));
  }
}
