package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.ZeroEnded;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The statements about routing that the gateway itself answers: {@code SET pgfleet.route}, {@code
 * RESET pgfleet.route}, {@code SHOW pgfleet.route} and {@code SHOW ROUTE FOR statement}, none of
 * which PostgreSQL has. In the extended protocol only outside of a segment that a server runs.
 */
final class RouteCommands {
  private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.DOTALL;
  private static final Pattern SET =
      Pattern.compile(
          "\\s*SET\\s+(?:SESSION\\s+)?pgfleet\\.route\\s*(?:=|\\s+TO\\s+)\\s*'?(\\w+)'?\\s*;?\\s*",
          FLAGS);
  private static final Pattern LOCAL = Pattern.compile("\\s*SET\\s+LOCAL\\s+pgfleet\\..*", FLAGS);
  private static final Pattern RESET =
      Pattern.compile("\\s*RESET\\s+pgfleet\\.route\\s*;?\\s*", FLAGS);
  private static final Pattern SHOW =
      Pattern.compile("\\s*SHOW\\s+pgfleet\\.route\\s*;?\\s*", FLAGS);
  private static final Pattern FOR = Pattern.compile("\\s*SHOW\\s+ROUTE\\s+FOR\\s+(.*)", FLAGS);
  private static final int TEXT_OID = 25;

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientStatements statements;
  private @Nullable String bound;
  private boolean failed;
  private boolean prepared;

  RouteCommands(EventLoop loop, ClientLink client, ClientStatements statements) {
    this.loop = loop;
    this.client = client;
    this.statements = statements;
  }

  /**
   * Answers a message that is part of such a statement.
   *
   * @return null if it is none, false if it must wait for answers under way
   */
  @Nullable Boolean take(byte type, ByteBuffer source, int at, int end) throws ProtocolViolation {
    boolean carriesText = type == Protocol.Frontend.QUERY || type == Protocol.Frontend.PARSE;
    if (!carriesText && !prepared) {
      return null;
    }
    int body = at + Protocol.HEADER_SIZE;
    if (failed) {
      failed = type != Protocol.Frontend.SYNC;
      return failed ? true : null;
    }
    String text = text(type, source, body, end);
    if (text == null || !matches(text)) {
      if (type == Protocol.Frontend.BIND || type == Protocol.Frontend.SYNC) {
        bound = null;
      }
      return null;
    }
    ServerLink server = client.server();
    if (server != null && server.exchange.unsynced()) {
      return null;
    }
    if (server != null && !server.exchange.isEmpty()) {
      return false;
    }
    answer(type, source, body, end, text);
    return true;
  }

  /** The statement that a message carries or names, if it may be one of these. */
  private @Nullable String text(byte type, ByteBuffer source, int body, int end)
      throws ProtocolViolation {
    return switch (type) {
      case Protocol.Frontend.QUERY -> own(source, body, end);
      case Protocol.Frontend.PARSE -> {
        int text = ZeroEnded.end(source, body, end) + 1;
        yield own(source, text, ZeroEnded.end(source, text, end));
      }
      case Protocol.Frontend.BIND -> {
        int name = ZeroEnded.end(source, body, end) + 1;
        yield known(source, name, ZeroEnded.end(source, name, end));
      }
      case Protocol.Frontend.DESCRIBE ->
          source.get(body) == 'S'
              ? known(source, body + 1, ZeroEnded.end(source, body + 1, end))
              : bound;
      case Protocol.Frontend.EXECUTE -> bound;
      default -> null;
    };
  }

  private @Nullable String own(ByteBuffer source, int from, int to) {
    if ((client.reads.scan(source, from, to) & ReadScan.OWN) == 0) {
      return null;
    }
    int length = source.get(to - 1) == 0 ? to - 1 - from : to - from;
    byte[] bytes = new byte[length];
    source.get(from, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private @Nullable String known(ByteBuffer source, int name, int nameEnd) {
    byte[] body;
    if (name == nameEnd) {
      if ((statements.unnamedFlags() & ReadScan.OWN) == 0) {
        return null;
      }
      body = statements.unnamedBody();
    } else {
      Statement found = statements.find(loop.probe.set(source, name, nameEnd));
      if (found == null || (found.flags() & ReadScan.OWN) == 0) {
        return null;
      }
      body = found.body();
    }
    int length = 0;
    while (length < body.length && body[length] != 0) {
      length++;
    }
    return new String(body, 0, length, StandardCharsets.UTF_8);
  }

  private static boolean matches(String text) {
    for (Pattern each : List.of(SET, LOCAL, RESET, SHOW, FOR)) {
      if (each.matcher(text).matches()) {
        return true;
      }
    }
    return false;
  }

  private void answer(byte type, ByteBuffer source, int body, int end, String text)
      throws ProtocolViolation {
    Gather out = loop.toClient;
    switch (type) {
      case Protocol.Frontend.QUERY -> {
        if (run(text, true, out)) {
          ServerLink server = client.server();
          out.put(
              Messages.ready(server == null ? Protocol.TransactionStatus.IDLE : server.status()));
        }
      }
      case Protocol.Frontend.PARSE -> {
        int from = ZeroEnded.end(source, body, end) + 1;
        int flags = client.reads.scan(source, from, ZeroEnded.end(source, from, end));
        keep(source, body, from, end, flags);
        prepared = true;
        out.put(Messages.PARSE_COMPLETE);
      }
      case Protocol.Frontend.BIND -> {
        bound = text;
        out.put(Messages.BIND_COMPLETE);
      }
      case Protocol.Frontend.DESCRIBE -> {
        if (source.get(body) == 'S') {
          out.put(Messages.NO_PARAMETERS);
        }
        byte[] row = columns(text);
        out.put(row == null ? Messages.NO_DATA : row);
      }
      default -> failed = !run(text, false, out);
    }
  }

  private void keep(ByteBuffer source, int name, int text, int end, int flags) {
    if (name == text - 1) {
      statements.unnamed(source, text, end, flags, 0);
    } else {
      ByteKey key = new ByteKey().set(source, name, text - 1).copy();
      statements.put(
          new NamedStatement(
              key,
              loop.catalog.acquire(loop.textProbe, source, text, end, flags, loop.scan.reads())));
    }
  }

  /** Carries a statement out; false if that ended in an error in the extended protocol. */
  private boolean run(String text, boolean simple, Gather out) {
    Matcher set = SET.matcher(text);
    if (LOCAL.matcher(text).matches()) {
      return refuse(
          "pgfleet.route can't be set for a transaction",
          "Where a transaction runs is chosen at its BEGIN. Put /* pgfleet: primary */ or"
              + " /* pgfleet: standby */ before the BEGIN, or set it for the session.",
          simple,
          out);
    }
    if (set.matches()) {
      ReadSide side = side(set.group(1));
      if (side == null) {
        return refuse(
            "invalid value for parameter \"pgfleet.route\": \"" + set.group(1) + "\"",
            "Available values: automatic, primary, standby.",
            simple,
            out);
      }
      client.reads.side(side);
      out.put(Messages.commandComplete("SET"));
      return true;
    }
    if (RESET.matcher(text).matches()) {
      client.reads.resetSide();
      out.put(Messages.commandComplete("RESET"));
      return true;
    }
    Matcher question = FOR.matcher(text);
    List<List<String>> rows =
        question.matches()
            ? new RouteAnswer(loop, client).rows(question.group(1))
            : List.of(List.of(client.reads.side().name().toLowerCase(Locale.ROOT)));
    byte[] columns = columns(text);
    if (simple && columns != null) {
      out.put(columns);
    }
    rows.forEach(row -> out.put(row(row)));
    out.put(Messages.commandComplete("SHOW"));
    return true;
  }

  private boolean refuse(String message, String hint, boolean simple, Gather out) {
    out.put(
        Messages.error(
            ServerReport.of("ERROR", SqlState.INVALID_PARAMETER_VALUE, message)
                .with(ServerReport.HINT, hint)));
    return simple;
  }

  private static @Nullable ReadSide side(String word) {
    return switch (word.toLowerCase(Locale.ROOT)) {
      case "automatic", "default" -> ReadSide.AUTOMATIC;
      case "primary" -> ReadSide.PRIMARY;
      case "standby" -> ReadSide.STANDBY;
      default -> null;
    };
  }

  private static byte @Nullable [] columns(String text) {
    if (FOR.matcher(text).matches()) {
      return description(List.of("item", "value"));
    }
    return SHOW.matcher(text).matches() ? description(List.of("pgfleet.route")) : null;
  }

  private static byte[] description(List<String> names) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(2).putShort((short) names.size()).array());
    for (String name : names) {
      body.writeBytes(Messages.zeroEnded(name));
      body.writeBytes(
          ByteBuffer.allocate(18)
              .putInt(0)
              .putShort((short) 0)
              .putInt(TEXT_OID)
              .putShort((short) -1)
              .putInt(-1)
              .putShort((short) 0)
              .array());
    }
    return Messages.of(Protocol.Backend.ROW_DESCRIPTION, body.toByteArray());
  }

  private static byte[] row(List<String> values) {
    var body = new ByteArrayOutputStream();
    body.writeBytes(ByteBuffer.allocate(2).putShort((short) values.size()).array());
    for (String value : values) {
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      body.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
      body.writeBytes(bytes);
    }
    return Messages.of(Protocol.Backend.DATA_ROW, body.toByteArray());
  }
}
