package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ClientChannels;
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
import java.util.Objects;
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

  /** The client was told that a commit's outcome is unknown, and now waits for ReadyForQuery. */
  private boolean unresolved;

  /** What passes in pieces goes to nobody. */
  private boolean muted;

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
    if (unresolved) {
      loop.nowhere.begin(null);
    }
    ReadUnits held = client == null || !server.session.onStandby() ? null : client.reads.units;
    boolean holds = held != null && !held.isEmpty();
    int limit = held != null && holds ? held.admit(source, passing) : source.limit();
    try {
      int at = source.position();
      while (at < limit) {
        if (passing > 0) {
          int part = Math.min(passing, limit - at);
          (muted ? loop.nowhere : out).run(source, at, at + part);
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
            && (length < PipelineBounds.STREAMED || (isWholeOnly(type) && length < MAX_REPORT))) {
          break;
        }
        passing = length + 1 - available;
        muted = unresolved && isOfRequest(type);
        message(type, source, at, at + available, muted ? loop.nowhere : out);
        at += available;
      }
      server.figures.sent += at - source.position();
      source.position(at);
    } finally {
      finish(client, out);
    }
    if (holds && client != null && client.reads.units.failure() != null) {
      takeBack(client, source);
    }
  }

  /**
   * The standby has answered a request with what is not for its client, which runs it on the
   * primary instead. The connection stays if nothing else was under way on it.
   */
  private void takeBack(ClientLink client, ByteBuffer source) {
    ReadUnits units = client.reads.units;
    ServerReport failure = Objects.requireNonNull(units.failure());
    boolean spoilt = units.size() != 1 || exchange.prepares() || exchange.unsynced();
    source.position(units.failedEnd());
    server.status(source.get(units.failedEnd() - 1));
    if ("RevalidateCachedQuery".equals(failure.fields().get('R'))) {
      server.pool.statementsAreStale();
    }
    server.times.ready(server.status(), false);
    undoAll();
    server.freed(spoilt);
    client.runElsewhere(ClientReads.lasting(failure.sqlState()));
  }

  /** Nothing of what is owed will be answered: all that was believed of it is taken back. */
  void undoAll() {
    if (exchange.unsynced()) {
      exchange.sync();
    }
    while (!exchange.isEmpty()) {
      exchange.dropSegment(this);
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

  /** Part of a request's answer, which a client does not expect any more after an error. */
  private static boolean isOfRequest(byte type) {
    return type != Protocol.Backend.READY_FOR_QUERY
        && type != Protocol.Backend.PARAMETER_STATUS
        && type != Protocol.Backend.NOTIFICATION_RESPONSE
        && type != Protocol.Backend.NOTICE_RESPONSE;
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
          watched(client, source, from, to, out);
        } else {
          answer(source, from, to, out);
        }
      }
      case Protocol.Backend.NOTIFICATION_RESPONSE -> {
        ClientLink client = server.client();
        if (client != null && client.session.hearsServer()) {
          out.run(source, from, to);
        } else {
          // a LISTEN inside a function: nobody can be told whose it was
          server.session.retire();
        }
      }
      case Protocol.Backend.READY_FOR_QUERY -> ready(source, from, to, out);
      case Protocol.Backend.ERROR_RESPONSE -> error(source, from, to, out);
      case Protocol.Backend.PARAMETER_STATUS -> {
        ByteBuffer body = body(source, from, to);
        if (server.session.reported(loop, StartupPacket.text(body), StartupPacket.text(body))) {
          ClientLink client = server.client();
          if (client != null) {
            client.parameters = server.session.parameters();
          }
          out.run(source, from, to);
        }
      }
      case Protocol.Backend.NOTICE_RESPONSE -> notice(source, from, to, out);
      case Protocol.Backend.COPY_IN_RESPONSE -> {
        if (unresolved) {
          // the client will send no data, and the server would wait for it
          loop.defer(() -> server.lost("a COPY began after a commit of unknown outcome"));
          return;
        }
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

  private void notice(ByteBuffer source, int from, int to, Gather out) {
    boolean resolves =
        passing > 0
            || unresolved
            || !UnresolvedCommit.announcedBy(ServerReport.decode(body(source, from, to)));
    if (resolves) {
      out.run(source, from, to);
      return;
    }
    ServerReport report = UnresolvedCommit.report();
    server.times.error(report.sqlState());
    out.put(Messages.error(report));
    unresolved = true;
    loop.nowhere.begin(null);
    ClientLink client = server.client();
    if (client != null) {
      client.figures().error(report.sqlState());
    }
  }

  /** A tag that means something to the gateway, and may be another for the client. */
  private void watched(ClientLink client, ByteBuffer source, int from, int to, Gather out)
      throws ProtocolViolation {
    String tag = StartupPacket.text(body(source, from, to));
    ClientChannels channels = client.ears.channels();
    client.session.tag(tag, prepared);
    String shown = channels == null ? tag : channels.completed(tag);
    if (shown.equals(tag)) {
      answer(source, from, to, out);
      return;
    }
    out.put(Messages.commandComplete(shown));
    if (exchange.next() == Exchange.Owed.PASS) {
      exchange.answered();
      local(out);
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
        unseen(next);
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
      if (unresolved && (next == Exchange.Owed.LOCAL_PARSE || next == Exchange.Owed.LOCAL_CLOSE)) {
        unseen(next);
      } else if (next == Exchange.Owed.LOCAL_PARSE) {
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

  /** A client that was told of an error believes that the rest of its pipeline was ignored. */
  private void unseen(Exchange.Owed owed) {
    ClientLink client = server.client();
    if (unresolved && client != null) {
      client.session.undo(owed, exchange.nextNamed(), null);
    }
  }

  private void ready(ByteBuffer source, int from, int to, Gather out) throws ProtocolViolation {
    Exchange.Owed next = exchange.next();
    if ((next != Exchange.Owed.SYNC && next != Exchange.Owed.QUERY) || to - from != 6) {
      throw new ProtocolViolation("the server is ready at a time when it can't be");
    }
    unresolved = false;
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
    if (client != null) {
      answered(client, status);
      boolean all = exchange.isEmpty() && !exchange.unsynced();
      if (all) {
        int newPins = client.session.settled();
        if (newPins != 0) {
          server.figures.pinned(StatementScan.reasons(newPins));
        }
        client.requests.named().settled();
      }
      client.times().answered(status, all, client.limits());
      client.ears.ready(
          exchange.segment() - exchange.readies() - 1, status != Protocol.TransactionStatus.IDLE);
      if (status != Protocol.TransactionStatus.IDLE && client.session.refusesBlocks()) {
        // opened by a text too long to be read before
        client.fatal(Reports.noBlocks());
        loop.defer(client::close);
      }
    }
    if (exchange.isEmpty() && status == Protocol.TransactionStatus.IDLE) {
      server.releaseSoon();
    }
  }

  private void answered(ClientLink client, byte status) {
    if (server.session.onStandby()) {
      client.reads.units.answered();
    } else if (status == Protocol.TransactionStatus.IDLE && client.session.mayWrite()) {
      client.reads.wrote();
      if (exchange.isEmpty() && !exchange.unsynced()) {
        client.session.ended();
      }
    }
  }

  private void error(ByteBuffer source, int from, int to, Gather out) {
    boolean whole = passing == 0;
    ClientLink client = server.client();
    ServerReport instead = null;
    if (whole) {
      ServerReport report = ServerReport.decode(body(source, from, to));
      server.session.lastWords(report);
      server.times.error(report.sqlState());
      if (report.severity().equals("FATAL") || report.severity().equals("PANIC")) {
        // the end of input follows; the client is told then what it means for it
        return;
      }
      if (report.sqlState().equals(SqlState.FEATURE_NOT_SUPPORTED)
          && "RevalidateCachedQuery".equals(report.fields().get('R'))) {
        server.pool.statementsAreStale();
      }
      instead = CommitGuard.told(report);
      if (client != null && report.sqlState().equals(SqlState.QUERY_CANCELED)) {
        instead = client.times().cancelReason();
      }
    }
    byte[] renamed =
        whole && client != null ? client.session.inItsNames(body(source, from, to)) : null;
    if (whole && writesAfterAll(client, source, from, to)) {
      out.put(Messages.error(Reports.wroteAfterAll()));
    } else if (instead != null) {
      out.put(Messages.error(instead));
    } else if (renamed != null) {
      out.put(Messages.of(Protocol.Backend.ERROR_RESPONSE, renamed));
    } else {
      out.run(source, from, to);
    }
    int segment = exchange.segment() - exchange.readies();
    prepared.portalFailed(segment);
    if (client != null) {
      client.session.failed();
      ClientChannels channels = client.ears.channels();
      if (channels != null) {
        channels.failed(segment);
      }
    }
    Exchange.Owed next = exchange.next();
    if (next != null && next != Exchange.Owed.QUERY && next != Exchange.Owed.SYNC) {
      exchange.failed(this);
      if (client != null) {
        client.requests.named().segmentFailed();
      }
    }
  }

  /** A request that the gateway took for a read, of which rows have been shown, began to write. */
  private boolean writesAfterAll(@Nullable ClientLink client, ByteBuffer source, int from, int to) {
    return client != null
        && server.session.onStandby()
        && !client.reads.units.isEmpty()
        && ServerReport.decode(body(source, from, to))
            .sqlState()
            .equals(SqlState.READ_ONLY_TRANSACTION)
        && client.reads.refuses();
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
