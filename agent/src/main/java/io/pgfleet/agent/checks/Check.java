package io.pgfleet.agent.checks;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answers to checks: Patroni's paths and status codes (its documentation, 'REST API', health
 * check endpoints), so that what stands in front of a Patroni cluster can stand in front of a
 * fleet.
 */
final class Check {
  static final int YES = 200;
  static final int NO = 503;
  static final int BAD_REQUEST = 400;
  static final int UNKNOWN = 404;

  /** How long a round may take without progress before the agent counts as stuck. */
  static final Duration STUCK = Duration.ofSeconds(60);

  /** Patroni's default of maximum_lag_on_failover, which it uses for readiness. */
  private static final long READY_LAG = 1 << 20;

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})\\s*([A-Za-z]*)");
  private static final Map<String, Integer> UNITS =
      Map.of("", 0, "B", 0, "kB", 10, "MB", 20, "GB", 30, "TB", 40);

  private Check() {}

  /** The status code for a path and its query. */
  static int status(String path, Map<String, String> query, NodeReport node) {
    OptionalLong lag = OptionalLong.empty();
    String given = query.get("lag");
    if (given != null) {
      lag = size(given);
      if (lag.isEmpty()) {
        return BAD_REQUEST;
      }
    }
    boolean standby = node.standby() && near(node.replayLag(), lag) && inState(query, node);
    return switch (path) {
      case "/patroni", "/cluster" -> YES;
      case "/health" -> code(node.server().isPresent());
      case "/liveness" -> code(node.standing().silence().compareTo(STUCK) < 0);
      case "/readiness" -> code(node.primary() || ready(query, lag, node));
      case "/", "/primary", "/master", "/read-write", "/leader" -> code(node.primary());
      // There is no cluster that follows another one.
      case "/standby-leader", "/standby_leader" -> NO;
      case "/replica" -> code(standby);
      case "/read-only" -> code(node.primary() || standby);
      case "/synchronous", "/sync" -> code(standby && node.synchronous());
      case "/read-only-sync", "/read-only-synchronous" ->
          code(node.primary() || (standby && node.synchronous()));
      case "/quorum" -> code(standby && node.quorum());
      case "/read-only-quorum" -> code(node.primary() || (standby && node.quorum()));
      case "/asynchronous", "/async" -> code(standby && !node.synchronous() && !node.quorum());
      default -> UNKNOWN;
    };
  }

  private static boolean ready(Map<String, String> query, OptionalLong lag, NodeReport node) {
    long behind = "write".equals(query.get("mode")) ? node.receiveLag() : node.replayLag();
    return node.standby() && node.streaming() && behind <= lag.orElse(READY_LAG);
  }

  private static boolean inState(Map<String, String> query, NodeReport node) {
    String wanted = query.get("replication_state");
    return wanted == null
        || node.server().flatMap(facts -> facts.receiver()).filter(wanted::equals).isPresent();
  }

  private static boolean near(long behind, OptionalLong lag) {
    return lag.isEmpty() || behind <= lag.getAsLong();
  }

  private static int code(boolean yes) {
    return yes ? YES : NO;
  }

  /** Bytes from PostgreSQL's way of writing memory: 16MB, or a bare number. */
  private static OptionalLong size(String text) {
    Matcher matcher = SIZE.matcher(text);
    Integer unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      return OptionalLong.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    boolean fits = number <= Long.MAX_VALUE >> unit;
    return fits ? OptionalLong.of(number << unit) : OptionalLong.empty();
  }
}
