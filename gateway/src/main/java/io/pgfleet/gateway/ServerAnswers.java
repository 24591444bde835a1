package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.StartupPacket;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Moves a server's messages to its client. Looks at types, and into the few messages that change
 * what the gateway knows; rows pass by their length alone.
 */
final class ServerAnswers implements Exchange.Undo {
  private static final int MAX_LENGTH = 0x4000_0000;
  private static final int MAX_REPORT = 256 << 10;

  private final EventLoop loop;
  private final ServerLink server;
  private final Exchange exchange;
  private final PreparedStatements prepared;
  private int passing;

  ServerAnswers(EventLoop loop, ServerLink server, Exchange exchange, PreparedStatements prepared) {
    this.loop = loop;
    this.server = server;
    this.exchange = exchange;
    this.prepared = prepared;
  }

  /** Part of a message has been passed on. */
  boolean passing() {
    return passing > 0;
  }

  /** Takes what it can of the bytes and moves the buffer past it. */
  void process(ByteBuffer source) throws ProtocolViolation {
    ClientLink client = server.client();
    Gather out = loop.toClient;
    out.begin(client == null ? null : client.outbox());
    try {
      int at = source.position();
      int limit = source.limit();
      while (at < limit) {
        if (passing > 0) {
          int part = Math.min(passing, limit - at);
          out.run(source, at, at + part);
          passing -= part;
          at += part;
          continue;
        }
        if (limit - at < Protocol.HEADER_SIZE) {
          break;
        }
        int length = source.getInt(at + 1);
        if (length < 4 || length > MAX_LENGTH) {
          throw new ProtocolViolation("the server sent a message of " + length + " bytes");
        }
        byte type = source.get(at);
        int available = Math.min(limit - at, length + 1);
        if (available <= length
            && (length < ServerLink.STREAMED || (isWholeOnly(type) && length < MAX_REPORT))) {
          break;
        }
        passing = length + 1 - available;
        message(type, source, at, at + available, out);
        at += available;
      }
      server.pool.figures.sent += at - source.position();
      source.position(at);
    } finally {
      finish(client, out);
    }
  }

  private void finish(@Nullable ClientLink client, Gather out) {
    try {
      out.finish();
      if (client != null) {
        client.answered(server);
      }
    } catch (IOException e) {
      if (client != null) {
        loop.defer(client::close);
      }
    }
  }

  private static boolean isWholeOnly(byte type) {
    return type == Protocol.Backend.ERROR_RESPONSE || type == Protocol.Backend.PARAMETER_STATUS;
  }

  private void message(byte type, ByteBuffer source, int from, int to, Gather out)
      throws ProtocolViolation {
    local(out);
    switch (type) {
      case Protocol.Backend.PARSE_COMPLETE -> parseComplete(source, from, to, out);
      case Protocol.Backend.CLOSE_COMPLETE -> {
        if (exchange.next() == Exchange.Owed.INJECTED_CLOSE) {
          exchange.answered();
        } else {
          answer(source, from, to, out);
        }
      }
      case Protocol.Backend.BIND_COMPLETE,
          Protocol.Backend.NO_DATA,
          Protocol.Backend.ROW_DESCRIPTION,
          Protocol.Backend.PORTAL_SUSPENDED,
          Protocol.Backend.EMPTY_QUERY_RESPONSE ->
          answer(source, from, to, out);
      case Protocol.Backend.COMMAND_COMPLETE -> {
        ClientLink client = server.client();
        if (server.times.captures()) {
          server.times.tag(source, from, to);
        }
        if (client != null && client.session.watchesTags()) {
          client.session.tag(StartupPacket.text(body(source, from, to)), prepared);
        }
        answer(source, from, to, out);
      }
      case Protocol.Backend.READY_FOR_QUERY -> ready(source, from, to, out);
      case Protocol.Backend.ERROR_RESPONSE -> error(source, from, to, out);
      case Protocol.Backend.PARAMETER_STATUS -> {
        ByteBuffer body = body(source, from, to);
        if (server.reported(StartupPacket.text(body), StartupPacket.text(body))) {
          ClientLink client = server.client();
          if (client != null) {
            client.parameters(server.parameters());
          }
          out.run(source, from, to);
        }
      }
      case Protocol.Backend.COPY_IN_RESPONSE -> {
        ClientLink client = server.client();
        if (client != null) {
          client.session.copyIn(true);
        }
        exchange.copyInBegan();
        out.run(source, from, to);
      }
      default -> out.run(source, from, to);
    }
  }

  private static ByteBuffer body(ByteBuffer source, int from, int to) {
    int start = from + Protocol.HEADER_SIZE;
    return source.slice(start, to - start);
  }

  /** An answer that ends one message of the extended protocol, or is part of a simple query's. */
  private void answer(ByteBuffer source, int from, int to, Gather out) {
    out.run(source, from, to);
    if (exchange.next() == Exchange.Owed.PASS) {
      exchange.answered();
      local(out);
    }
  }

  private void parseComplete(ByteBuffer source, int from, int to, Gather out)
      throws ProtocolViolation {
    Exchange.Owed next = exchange.next();
    if (next == null) {
      throw new ProtocolViolation("the server answered what nobody asked");
    }
    switch (next) {
      case PARSE, INJECTED_PARSE -> {
        Statement statement = exchange.nextStatement();
        if (statement != null) {
          prepared.confirmed(statement);
        }
        exchange.answered();
        if (next == Exchange.Owed.PARSE) {
          out.run(source, from, to);
        }
        local(out);
      }
      case INJECTED_UNNAMED -> {
        exchange.answered();
        local(out);
      }
      case PASS, LOCAL_PARSE, LOCAL_CLOSE, COPY_END, INJECTED_CLOSE, SYNC, QUERY ->
          answer(source, from, to, out);
    }
  }

  /** Gives the answers that are the gateway's own, as far as it is their turn. */
  void local(Gather out) {
    while (true) {
      Exchange.Owed next = exchange.next();
      if (next == Exchange.Owed.LOCAL_PARSE) {
        out.put(Messages.PARSE_COMPLETE);
      } else if (next == Exchange.Owed.LOCAL_CLOSE) {
        out.put(Messages.CLOSE_COMPLETE);
        ClientLink client = server.client();
        if (client != null) {
          client.session.closed(exchange.nextNamed());
        }
      } else if (next != Exchange.Owed.COPY_END) {
        return;
      }
      exchange.answered();
    }
  }

  private void ready(ByteBuffer source, int from, int to, Gather out) throws ProtocolViolation {
    Exchange.Owed next = exchange.next();
    if ((next != Exchange.Owed.SYNC && next != Exchange.Owed.QUERY) || to - from != 6) {
      throw new ProtocolViolation("the server is ready at a time when it can't be");
    }
    out.run(source, from, to);
    byte status = source.get(to - 1);
    server.status(status);
    exchange.answered();
    local(out);
    server.times.ready(status, !exchange.isEmpty() || exchange.unsynced());
    if (status == Protocol.TransactionStatus.IDLE) {
      loop.counters.transactions++;
    }
    ClientLink client = server.client();
    if (client != null && exchange.isEmpty() && !exchange.unsynced()) {
      int newPins = client.session.settled();
      if (newPins != 0) {
        server.pool.figures.pinned(StatementScan.reasons(newPins));
      }
      client.requests.named().settled();
    }
    if (exchange.isEmpty() && status == Protocol.TransactionStatus.IDLE) {
      server.releaseSoon();
    }
  }

  private void error(ByteBuffer source, int from, int to, Gather out) {
    boolean whole = passing == 0;
    if (whole) {
      ServerReport report = ServerReport.decode(body(source, from, to));
      server.lastWords(report);
      server.times.error(report.sqlState());
      if (report.severity().equals("FATAL") || report.severity().equals("PANIC")) {
        // the end of input follows; the client is told then what it means for it
        return;
      }
      if (report.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED)
          && "RevalidateCachedQuery".equals(report.fields().get('R'))) {
        server.pool.statementsAreStale();
      }
    }
    ClientLink client = server.client();
    byte[] renamed =
        whole && client != null ? client.session.inItsNames(body(source, from, to)) : null;
    if (renamed == null) {
      out.run(source, from, to);
    } else {
      out.put(Messages.of(Protocol.Backend.ERROR_RESPONSE, renamed));
    }
    if (client != null) {
      client.session.failed();
    }
    Exchange.Owed next = exchange.next();
    if (next != null && next != Exchange.Owed.QUERY && next != Exchange.Owed.SYNC) {
      exchange.failed(this);
      if (client != null) {
        client.requests.named().segmentFailed();
      }
    }
  }

  @Override
  public void undo(
      Exchange.Owed owed, @Nullable NamedStatement named, @Nullable Statement statement) {
    switch (owed) {
      case PARSE, INJECTED_PARSE -> {
        if (statement != null) {
          prepared.absent(statement);
        }
      }
      case INJECTED_CLOSE -> {
        if (statement != null) {
          prepared.stillThere(statement);
        }
      }
      case INJECTED_UNNAMED -> prepared.unnamedLost();
      case PASS, LOCAL_PARSE, LOCAL_CLOSE, COPY_END, SYNC, QUERY -> {
        // the server has nothing to forget
      }
    }
    ClientLink client = server.client();
    if (client != null) {
      client.session.undo(owed, named, statement);
    }
  }
}
