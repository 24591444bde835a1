package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.route.FunctionCatalog;
import io.pgfleet.gateway.route.ReadSettings;
import io.pgfleet.gateway.route.StandbyState;
import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.gateway.topology.Primary;
import io.pgfleet.wire.Lsn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a statement of a client would go now, and why: for people to read. */
final class RouteAnswer {
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");

  private final EventLoop loop;
  private final ClientLink client;

  RouteAnswer(EventLoop loop, ClientLink client) {
    this.loop = loop;
    this.client = client;
  }

  /** The answer, as items with their values. */
  List<List<String>> rows(String sql) {
    List<List<String>> rows = new ArrayList<>();
    String reason = reason(sql);
    String node = node(sql);
    boolean standby = !node.isEmpty();
    rows.add(List.of("route", standby ? "standby" : "primary"));
    rows.add(
        List.of(
            "node",
            standby ? node : loop.fleet.primary().map(Primary::node).orElse("none, it waits")));
    rows.add(List.of("reason", standby ? "it only reads" : reason));
    long floor = client.reads.floor();
    if (floor == Long.MAX_VALUE) {
      rows.add(List.of("must have replayed", "not known yet: a write has only just ended"));
    } else if (floor >= 0) {
      rows.add(List.of("must have replayed", new Lsn(floor).toString()));
    }
    for (StandbyState state : loop.fleet.reads.standbys()) {
      rows.add(List.of(state.standby().node(), describe(state)));
    }
    return rows;
  }

  private static String describe(StandbyState state) {
    if (!state.answers()) {
      return "does not answer";
    }
    return (state.serves() ? "serves" : "too far behind")
        + ", replayed "
        + new Lsn(Math.max(0, state.replayed()))
        + ", "
        + state.lagBytes()
        + " bytes and "
        + state.lagNanos() / 1_000_000
        + " ms behind"
        + (state.near() ? "" : ", in another region");
  }

  /** The standby that it would go to; empty for the primary. */
  private String node(String sql) {
    ByteBuffer query = ByteBuffer.wrap(Messages.query(sql));
    try {
      client.reads.turn();
      return client.reads.wouldChoose(query);
    } catch (ProtocolViolation e) {
      return "";
    } finally {
      client.reads.turn();
    }
  }

  private String reason(String sql) {
    if (client.reads.side() == ReadSide.PRIMARY) {
      return "the session wants the primary";
    }
    if (loop.fleet.reads.standbys().length == 0) {
      return "there is no standby";
    }
    if (client.session.pins() != 0) {
      return "the session is tied to its server: " + StatementScan.reasons(client.session.pins());
    }
    Pool pool = client.pool;
    if (pool == null || pool.settings().poolMode() == PoolMode.SESSION) {
      return "in session mode a client keeps its server";
    }
    if (loop.fleet.reads.settings().mode(pool.key().database()) != ReadSettings.Mode.AUTOMATIC
        && client.reads.side() != ReadSide.STANDBY) {
      return "reads go to standbys only if told to";
    }
    byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
    int flags =
        loop.scan.scan(ByteBuffer.wrap(bytes), 0, bytes.length, client.parameters.tracked());
    ReadScan scan = loop.scan.reads();
    if ((flags & ReadScan.HINT_PRIMARY) != 0) {
      return "its hint says so";
    }
    if ((flags & StatementScan.PINS) != 0) {
      return "it ties the session to a server: " + StatementScan.reasons(flags);
    }
    if (scan.why() != ReadScan.Why.NOTHING) {
      return why(scan, sql);
    }
    FunctionCatalog catalog = pool.reads.functions.current();
    for (int i = 0; i < scan.callCount(); i++) {
      if (!catalog.reads(scan.call(i))) {
        return "function "
            + named(scan.call(i), sql)
            + " may write, tells of its server, or is not known";
      }
    }
    return loop.refused.contains(scan.shape())
        ? "such a statement has failed on a standby"
        : "no standby may serve now";
  }

  private static String why(ReadScan scan, String sql) {
    String word = named(scan.whyHash(), sql);
    return switch (scan.why()) {
      case STATEMENT -> word + " is no statement that only reads";
      case WORD -> "it has the word " + word;
      case SERVER -> word + " tells of the server that it is asked of";
      case TOO_MANY_CALLS -> "it calls too many functions to look at";
      case NOTHING -> "";
    };
  }

  private static String named(long hash, String sql) {
    Matcher words = NAME.matcher(sql);
    while (words.find()) {
      if (ReadScan.hashOf(words.group().getBytes(StandardCharsets.UTF_8)) == hash
          || ReadScan.hashOf(
                  words.group().toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8))
              == hash) {
        return words.group();
      }
    }
    return "its text";
  }
}
