package io.pgfleet.cli.sql;

import java.util.Optional;

/** Where a password comes from that no option and no fleet gave: as libpq, from PGPASSWORD. */
final class Passwords {
  private Passwords() {}

  static Optional<String> forUser(String user) {
    return user.isEmpty() ? Optional.empty() : Optional.ofNullable(System.getenv("PGPASSWORD"));
  }
}
