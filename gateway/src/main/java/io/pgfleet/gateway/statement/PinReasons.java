package io.pgfleet.gateway.statement;

import java.util.Map;

/** Why a statement ties its client to a server, in words. */
final class PinReasons {
  private static final Map<Integer, String> REASONS =
      Map.of(
          StatementScan.PINS_LISTEN, "LISTEN",
          StatementScan.PINS_TEMPORARY, "temporary table",
          StatementScan.PINS_HOLD, "cursor WITH HOLD",
          StatementScan.PINS_LOCK, "session advisory lock",
          StatementScan.PINS_PREPARE, "PREPARE in SQL",
          StatementScan.PINS_SET, "SET of a parameter that the server does not report",
          StatementScan.PINS_LOAD, "LOAD",
          StatementScan.PINS_LARGE, "prepared statement of over 1 MiB");

  private PinReasons() {}

  /** The reasons among the flags of {@link StatementScan}. */
  static String of(int flags) {
    StringBuilder text = new StringBuilder();
    for (int bit = StatementScan.PINS_LISTEN; bit <= StatementScan.PINS_LARGE; bit <<= 1) {
      if ((flags & bit) != 0) {
        text.append(text.isEmpty() ? "" : ", ").append(REASONS.get(bit));
      }
    }
    return text.toString();
  }
}
