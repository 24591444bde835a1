package io.pgfleet.gateway.admin;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.Protocol.TransactionStatus;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One client of the admin database, in simple and in extended protocol. Runs on the client's loop;
 * commands run elsewhere, one at a time, and what the client sends meanwhile waits.
 */
public final class AdminSession {
  /** The version of PgBouncer whose columns and commands these are. */
  static final String PGBOUNCER = "1.25.2";

  /** Reported as server_version, as PgBouncer does. */
  static final String VERSION = PGBOUNCER + "/bouncer";

  private static final int MAX_MESSAGE = 64 << 10;
  private static final int MAX_NAMED = 100;

  /** The session's surroundings. */
  public interface Surroundings {
    /** Sends a message to the client. */
    void send(byte[] message);

    /** Runs a task where it may block. */
    void elsewhere(Runnable task);

    /** Runs a task on the client's loop again, then has kept bytes processed. */
    void back(Runnable task);

    /** Whether the client is still there. */
    boolean open();

    /** The client says that it leaves. */
    void leave();
  }

  private record Portal(AdminCommand command, List<Short> formats) {}

  private final Console console;
  private final boolean admin;
  private final Surroundings around;
  private final Map<String, AdminCommand> statements = new HashMap<>();
  private final Map<String, Portal> portals = new HashMap<>();
  private final Map<String, ArrayDeque<byte[]>> suspended = new HashMap<>();
  private boolean running;
  private boolean skipping;
  private byte status = TransactionStatus.IDLE;

  /**
   * @param admin whether the user may do more than look
   */
  public AdminSession(Control control, boolean admin, Surroundings around) {
    this.console = new Console(control);
    this.admin = admin;
    this.around = around;
  }

  /** The parameters that the client gets at login. */
  public static Map<String, String> parameters(String applicationName) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("server_version", VERSION);
    all.put("client_encoding", "UTF8");
    all.put("server_encoding", "UTF8");
    all.put("DateStyle", "ISO, MDY");
    all.put("TimeZone", "UTC");
    all.put("integer_datetimes", "on");
    all.put("standard_conforming_strings", "on");
    all.put("application_name", applicationName);
    return all;
  }

  /** Takes what it can of the bytes and moves the buffer past it. */
  public void process(ByteBuffer source) throws ProtocolViolation {
    while (!running && around.open() && source.remaining() >= Protocol.HEADER_SIZE) {
      int at = source.position();
      int length = source.getInt(at + 1);
      if (length < 4 || length > MAX_MESSAGE) {
        throw new ProtocolViolation("invalid message length");
      }
      if (source.remaining() <= length) {
        return;
      }
      byte type = source.get(at);
      ByteBuffer body = source.slice(at + Protocol.HEADER_SIZE, length - 4);
      source.position(at + 1 + length);
      message(type, body);
    }
  }

  private void message(byte type, ByteBuffer body) throws ProtocolViolation {
    if (type == Protocol.Frontend.TERMINATE) {
      around.leave();
      return;
    }
    if (type == Protocol.Frontend.SYNC) {
      skipping = false;
      ready();
      return;
    }
    if (skipping && type != Protocol.Frontend.QUERY) {
      return;
    }
    switch (type) {
      case Protocol.Frontend.QUERY -> simple(StartupPacket.text(body));
      case Protocol.Frontend.PARSE -> parse(body);
      case Protocol.Frontend.BIND -> bind(body);
      case Protocol.Frontend.DESCRIBE -> describe(body);
      case Protocol.Frontend.EXECUTE -> execute(body);
      case Protocol.Frontend.CLOSE -> close(body);
      case Protocol.Frontend.FLUSH -> {
        // every answer is sent at once
      }
      case Protocol.Frontend.COPY_DATA,
          Protocol.Frontend.COPY_DONE,
          Protocol.Frontend.COPY_FAIL -> {
        // nobody asked for data; a server ignores it too
      }
      case Protocol.Frontend.FUNCTION_CALL -> {
        refuse(SqlState.FEATURE_NOT_SUPPORTED, "the admin database has no functions");
        ready();
      }
      default -> throw new ProtocolViolation("invalid frontend message type " + (type & 0xFF));
    }
  }

  private void ready() {
    portals.clear();
    suspended.clear();
    around.send(Messages.ready(status));
  }

  private void refuse(String sqlState, String message) {
    around.send(Messages.error(ServerReport.of("ERROR", sqlState, message)));
  }

  private void simple(String text) {
    List<AdminCommand> commands;
    try {
      commands = CommandText.read(text);
    } catch (AdminRefusal e) {
      around.send(Messages.error(e.report()));
      ready();
      return;
    }
    ArrayDeque<AdminCommand> left = new ArrayDeque<>(commands);
    simpleNext(left);
  }

  private void simpleNext(ArrayDeque<AdminCommand> left) {
    AdminCommand command = left.poll();
    if (command == null) {
      ready();
      return;
    }
    run(
        command,
        reply -> {
          if (reply instanceof AdminReply.Rows(List<Column> columns, _)) {
            around.send(RowMessages.description(columns, List.of()));
          }
          give(reply, List.of());
          if (reply instanceof AdminReply.Refused) {
            left.clear();
          }
          simpleNext(left);
        });
  }

  private interface Taker {
    void take(AdminReply reply);
  }

  private void run(AdminCommand command, Taker taker) {
    running = true;
    around.elsewhere(() -> {
      AdminReply reply;
      try {
        reply = console.run(command, admin, around::open);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      AdminReply given = reply;
      around.back(() -> {
        running = false;
        if (around.open()) {
          taker.take(given);
        }
      });
    });
  }

  private void give(AdminReply reply, List<Short> formats) {
    switch (reply) {
      case AdminReply.Rows table -> {
        for (List<@Nullable Object> row : table.rows()) {
          around.send(RowMessages.row(table.columns(), row, formats));
        }
        around.send(Messages.commandComplete("SHOW"));
      }
      case AdminReply.Done(String tag, var notice) -> {
        notice.ifPresent(
            told -> around.send(Messages.of(Protocol.Backend.NOTICE_RESPONSE, told.encode())));
        around.send(Messages.commandComplete(tag));
        track(tag);
      }
      case AdminReply.Nothing() -> around.send(Messages.EMPTY_QUERY);
      case AdminReply.Refused(ServerReport error) -> around.send(Messages.error(error));
    }
  }

  /** Drivers that want transactions get their look; every command stands alone all the same. */
  private void track(String tag) {
    switch (tag) {
      case "BEGIN", "START TRANSACTION" -> status = TransactionStatus.IN_TRANSACTION;
      case "COMMIT", "ROLLBACK" -> status = TransactionStatus.IDLE;
      default -> {
        // changes nothing
      }
    }
  }

  private void fail(String sqlState, String message) {
    refuse(sqlState, message);
    skipping = true;
  }

  private void parse(ByteBuffer body) throws ProtocolViolation {
    String name = StartupPacket.text(body);
    String text = StartupPacket.text(body);
    try {
      List<AdminCommand> commands = CommandText.read(text);
      if (commands.size() > 1) {
        fail(SqlState.SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement");
      } else if (statements.size() >= MAX_NAMED && !statements.containsKey(name)) {
        fail(SqlState.TOO_MANY_CONNECTIONS, "too many prepared statements");
      } else {
        statements.put(name, commands.getFirst());
        around.send(Messages.PARSE_COMPLETE);
      }
    } catch (AdminRefusal e) {
      around.send(Messages.error(e.report()));
      skipping = true;
    }
  }

  private @Nullable AdminCommand statement(String name) {
    AdminCommand command = statements.get(name);
    if (command == null) {
      fail(SqlState.INVALID_STATEMENT_NAME, "prepared statement \"" + name + "\" does not exist");
    }
    return command;
  }

  private void bind(ByteBuffer body) throws ProtocolViolation {
    String portal = StartupPacket.text(body);
    AdminCommand command = statement(StartupPacket.text(body));
    if (command == null) {
      return;
    }
    int parameterFormats = RowMessages.count(body);
    RowMessages.skip(body, parameterFormats * 2);
    int parameters = RowMessages.count(body);
    if (parameters > 0) {
      fail(SqlState.PROTOCOL_VIOLATION, "admin commands take no parameters");
      return;
    }
    List<Short> formats = RowMessages.shorts(body);
    if (portals.size() >= MAX_NAMED) {
      fail(SqlState.TOO_MANY_CONNECTIONS, "too many portals");
      return;
    }
    portals.put(portal, new Portal(command, formats));
    suspended.remove(portal);
    around.send(Messages.BIND_COMPLETE);
  }

  private void describe(ByteBuffer body) throws ProtocolViolation {
    byte kind = kind(body);
    String name = StartupPacket.text(body);
    if (kind == 'S') {
      AdminCommand command = statement(name);
      if (command != null) {
        around.send(Messages.NO_PARAMETERS);
        describe(Console.columns(command), List.of());
      }
      return;
    }
    Portal portal = portals.get(name);
    if (portal == null) {
      fail("34000", "portal \"" + name + "\" does not exist");
    } else {
      describe(Console.columns(portal.command()), portal.formats());
    }
  }

  private static byte kind(ByteBuffer body) throws ProtocolViolation {
    if (!body.hasRemaining()) {
      throw new ProtocolViolation("a Describe or Close without its kind");
    }
    return body.get();
  }

  private void describe(List<Column> columns, List<Short> formats) {
    around.send(columns.isEmpty() ? Messages.NO_DATA : RowMessages.description(columns, formats));
  }

  private void execute(ByteBuffer body) throws ProtocolViolation {
    String name = StartupPacket.text(body);
    int most = body.remaining() >= 4 ? body.getInt() : 0;
    Portal portal = portals.get(name);
    if (portal == null) {
      fail("34000", "portal \"" + name + "\" does not exist");
      return;
    }
    ArrayDeque<byte[]> rest = suspended.get(name);
    if (rest != null) {
      giveSome(name, rest, most);
      return;
    }
    run(
        portal.command(),
        reply -> {
          if (most > 0 && reply instanceof AdminReply.Rows table) {
            ArrayDeque<byte[]> all = new ArrayDeque<>();
            for (List<@Nullable Object> row : table.rows()) {
              all.add(RowMessages.row(table.columns(), row, portal.formats()));
            }
            giveSome(name, all, most);
            return;
          }
          give(reply, portal.formats());
          skipping |= reply instanceof AdminReply.Refused;
        });
  }

  private void giveSome(String portal, ArrayDeque<byte[]> rows, int most) {
    for (int i = 0; !rows.isEmpty() && (most <= 0 || i < most); i++) {
      around.send(rows.remove());
    }
    if (rows.isEmpty()) {
      suspended.remove(portal);
      around.send(Messages.commandComplete("SHOW"));
    } else {
      suspended.put(portal, rows);
      around.send(Messages.of(Protocol.Backend.PORTAL_SUSPENDED, new byte[0]));
    }
  }

  private void close(ByteBuffer body) throws ProtocolViolation {
    byte kind = kind(body);
    String name = StartupPacket.text(body);
    if (kind == 'S') {
      statements.remove(name);
    } else {
      portals.remove(name);
      suspended.remove(name);
    }
    around.send(Messages.CLOSE_COMPLETE);
  }
}
