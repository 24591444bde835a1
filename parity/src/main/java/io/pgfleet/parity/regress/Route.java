package io.pgfleet.parity.regress;

import java.util.Locale;

/** A way from psql to the server. */
enum Route {
  DIRECT,
  SESSION,
  TRANSACTION,
  PGBOUNCER;

  /** As written on the command line and in folder names. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return switch (this) {
      case DIRECT -> "direct";
      case SESSION -> "the gateway, session mode";
      case TRANSACTION -> "the gateway, transaction mode";
      case PGBOUNCER -> "PgBouncer, transaction mode";
    };
  }
}
