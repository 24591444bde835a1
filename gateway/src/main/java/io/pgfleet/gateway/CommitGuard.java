package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.ZeroEnded;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what lowers {@code synchronous_commit} where the fleet's commits wait for standbys.
 *
 * <p>The server gets a text in place of the client's that it can't parse. So the refusal comes in
 * its turn and has all the effects of an error, in a transaction block and in a pipeline; only its
 * words are changed on the way back, told by the name in them, which no language changes.
 */
final class CommitGuard {
  /** What the server gets. */
  static final String SUBSTITUTE = "pgfleet_refuses_asynchronous_commit";

  private static final String PARAMETER = "synchronous_commit";
  private static final Set<String> FULL = Set.of("on", "true", "yes", "1", "remote_apply");

  /** In the start-up parameter {@code options}: {@code -c name=value} or {@code --name=value}. */
  private static final Pattern OPTION =
      Pattern.compile(
          "(?:-c\\s*|--)synchronous[_-]commit\\s*=\\s*'?([^\\s']*)", Pattern.CASE_INSENSITIVE);

  /** A Parse of the unnamed statement, with no parameter types. */
  private static final byte[] PARSE = parse();

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientStatements statements;

  CommitGuard(EventLoop loop, ClientLink client, ClientStatements statements) {
    this.loop = loop;
    this.client = client;
    this.statements = statements;
  }

  private static byte[] parse() {
    byte[] text = (SUBSTITUTE + "\0").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer body = ByteBuffer.allocate(1 + text.length + 2);
    return Messages.of(
        Protocol.Frontend.PARSE, body.put((byte) 0).put(text).putShort((short) 0).array());
  }

  /** Whether a text with these flags is refused. */
  boolean refuses(int flags) {
    Pool pool = client.pool;
    return (flags & StatementScan.LOWERS_COMMIT) != 0
        && pool != null
        && loop.fleet.settings.commits().refuses(pool.key().user());
  }

  /** Sends something else in place of a whole Parse, if that is refused. */
  boolean replaces(ByteBuffer source, int at, int end, ServerLink server) throws ProtocolViolation {
    int name = at + Protocol.HEADER_SIZE;
    int text = ZeroEnded.end(source, name, end) + 1;
    if (!refuses(client.reads.scan(source, text, ZeroEnded.end(source, text, end)))) {
      return false;
    }
    if (text == name + 1) {
      statements.dropUnnamed();
    }
    server.prepared.unnamedLost();
    server.exchange.pass();
    loop.toServer.put(PARSE);
    return true;
  }

  /** What the client is told of an error that was provoked here; null if it was not. */
  static @Nullable ServerReport told(ServerReport error) {
    return error.sqlState().equals(SqlState.SYNTAX_ERROR) && error.message().contains(SUBSTITUTE)
        ? report("ERROR")
        : null;
  }

  /** Why a client may not begin with these start-up parameters; null if it may. */
  static @Nullable ServerReport refusesStart(CommitRules rules, Map<String, String> startup) {
    if (!rules.refuses(startup.getOrDefault("user", ""))) {
      return null;
    }
    boolean lowers = false;
    for (Map.Entry<String, String> parameter : startup.entrySet()) {
      if (parameter.getKey().equalsIgnoreCase(PARAMETER)) {
        lowers |= isLess(parameter.getValue());
      }
    }
    Matcher options = OPTION.matcher(startup.getOrDefault("options", "").replace("\\", ""));
    while (options.find()) {
      lowers |= isLess(options.group(1));
    }
    return lowers ? report("FATAL") : null;
  }

  private static boolean isLess(String value) {
    return !FULL.contains(value.strip().toLowerCase(Locale.ROOT));
  }

  private static ServerReport report(String severity) {
    return ServerReport.of(
            severity,
            SqlState.INSUFFICIENT_PRIVILEGE,
            "permission denied to lower \"synchronous_commit\"")
        .with(
            ServerReport.DETAIL,
            "Commits of this fleet wait for standbys, so that no failover loses them.")
        .with(
            ServerReport.HINT,
            "Leave it at on or remote_apply, written out as such, or name the user in"
                + " async_commit_users in the section gateway of fleet.yaml.");
  }
}
