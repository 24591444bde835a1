package io.pgfleet.gateway.statement;

import java.util.Collection;
import java.util.List;

/**
 * Parameters that follow a client from server to server: those that the server reports in
 * ParameterStatus (PostgreSQL manual, 'Asynchronous Operations') and lets a session set.
 */
public final class TrackedNames {
  /** What every supported server reports. */
  public static final List<String> ALWAYS =
      List.of(
          "client_encoding",
          "DateStyle",
          "TimeZone",
          "IntervalStyle",
          "standard_conforming_strings",
          "application_name",
          "default_transaction_read_only");

  private static final List<String> FIXED =
      List.of(
          "server_version",
          "server_encoding",
          "integer_datetimes",
          "is_superuser",
          "session_authorization",
          "in_hot_standby");

  /** Those of {@link #ALWAYS}. */
  public static final TrackedNames USUAL = new TrackedNames(ALWAYS);

  private final long[] hashes;

  private TrackedNames(Collection<String> names) {
    hashes = names.stream().mapToLong(SqlWord::hash).toArray();
  }

  /** The settable ones of the parameters that a server reported. */
  public static TrackedNames of(Collection<String> reported) {
    return new TrackedNames(reported.stream().filter(TrackedNames::settable).toList());
  }

  /** Whether a session may set a reported parameter. */
  public static boolean settable(String reported) {
    return !FIXED.contains(reported);
  }

  boolean contains(long hash) {
    for (long tracked : hashes) {
      if (tracked == hash) {
        return true;
      }
    }
    return false;
  }
}
