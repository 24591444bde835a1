package io.pgfleet.backup.restore;

import io.pgfleet.wire.Lsn;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/** To which moment a recovery goes (PostgreSQL manual, 'Recovery Target'). */
public sealed interface RecoveryTarget {
  /** All the WAL there is. */
  record Latest() implements RecoveryTarget {}

  /** Every transaction that committed up to then. */
  record Time(Instant time) implements RecoveryTarget {}

  /** All WAL up to a position. */
  record Position(Lsn position) implements RecoveryTarget {}

  /** Up to a named restore point. */
  record Mark(String name) implements RecoveryTarget {}

  /** Up to just before a transaction committed. */
  record Before(long transaction) implements RecoveryTarget {}

  /** PostgreSQL's settings that say so. */
  default Map<String, String> settings() {
    return switch (this) {
      case Latest() -> Map.of();
      case Time(Instant time) ->
          Map.of(
              "recovery_target_time",
              DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSSx")
                  .withZone(ZoneOffset.UTC)
                  .format(time));
      case Position(Lsn position) -> Map.of("recovery_target_lsn", position.toString());
      case Mark(String name) -> Map.of("recovery_target_name", name);
      case Before(long transaction) ->
          Map.of(
              "recovery_target_xid",
              Long.toUnsignedString(transaction),
              "recovery_target_inclusive",
              "off");
    };
  }
}
