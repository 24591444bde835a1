package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.ZeroEnded;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.gateway.statement.TrackedNames;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.jspecify.annotations.Nullable;

/**
 * Moves a client's messages to its server. Names of prepared statements are changed to the
 * gateway's, and what a server lacks is prepared on it first; everything else passes unchanged.
 */
final class ClientRequests {
  /** A larger Parse passes in pieces and ties the client to its server. */
  private static final int MAX_KEPT_PARSE = 1 << 20;

  /** Enough of a Bind to hold both names, which PostgreSQL cuts at 63 bytes anyway. */
  private static final int NAMES = 8 << 10;

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientSession session;
  private final ClientStatements statements;
  private final LocalAnswers local;
  private int passing;
  private final StatementRequests named;
  private final RouteCommands routes;
  private boolean discarding;
  private boolean stalled;
  private final PipelineBounds bounds;
  private final CommitGuard guard;
  private final SpecialQuery queries;
  private @Nullable StatementScan longScan;

  ClientRequests(
      EventLoop loop,
      ClientLink client,
      ClientSession session,
      ClientStatements statements,
      LocalAnswers local) {
    this.loop = loop;
    this.client = client;
    this.session = session;
    this.statements = statements;
    this.local = local;
    this.named = new StatementRequests(loop, client, session, statements, local);
    this.bounds = new PipelineBounds(loop, client);
    this.guard = new CommitGuard(loop, client, statements);
    this.queries = new SpecialQuery(loop, client, statements, named, guard);
    this.routes = new RouteCommands(loop, client, statements);
  }

  /** Waits for something other than bytes. */
  boolean stalled() {
    return stalled;
  }

  /** Part of a message has been passed on, or thrown away. */
  boolean midMessage() {
    return passing > 0;
  }

  /** Takes what it can of the bytes and moves the buffer past it. */
  void process(ByteBuffer source) throws ProtocolViolation {
    ServerLink server = client.server();
    Gather out = loop.toServer;
    out.begin(server == null ? null : server.outbox());
    loop.toClient.begin(client.outbox());
    stalled = false;
    client.reads.turn();
    int before = source.remaining();
    try {
      while (client.open()) {
        if (passing > 0) {
          if (!pass(source, out)) {
            break;
          }
          continue;
        }
        if (source.remaining() < Protocol.HEADER_SIZE || !message(source)) {
          break;
        }
      }
    } finally {
      client.figures().received += before - source.remaining();
      finish();
    }
  }

  private void finish() {
    ServerLink server = client.server();
    try {
      loop.toServer.finish();
      if (server != null && !server.outbox().isEmpty()) {
        server.want(SelectionKey.OP_WRITE, true);
      }
    } catch (IOException e) {
      if (server != null) {
        loop.defer(() -> server.lost(String.valueOf(e.getMessage())));
      }
    }
    try {
      loop.toClient.finish();
      client.answeredLocally();
    } catch (IOException e) {
      loop.defer(client::close);
    }
  }

  /** Passes bytes of a message that comes in pieces. */
  private boolean pass(ByteBuffer source, Gather out) {
    int part = Math.min(passing, source.remaining());
    if (part == 0) {
      return false;
    }
    int at = source.position();
    if (!discarding) {
      out.run(source, at, at + part);
    }
    StatementScan scan = longScan;
    if (scan != null) {
      scan.feed(source, at, at + part);
    }
    passing -= part;
    source.position(at + part);
    if (passing == 0) {
      discarding = false;
      if (scan != null) {
        session.adds(scan.finish());
        longScan = null;
      }
      ServerLink server = client.server();
      if (server != null) {
        loop.defer(server::release);
      }
    }
    return true;
  }

  /** The next request is answered with an error. */
  void refuse(ServerReport report) {
    local.refuse(report);
    loop.defer(client::proceed);
  }

  StatementRequests named() {
    return named;
  }

  /** Deals with the message at the buffer's position; false if it can't be yet. */
  private boolean message(ByteBuffer source) throws ProtocolViolation {
    int at = source.position();
    byte type = source.get(at);
    int length = source.getInt(at + 1);
    PipelineBounds.checkLength(type, length);
    int whole = length + 1;
    boolean complete = source.remaining() >= whole;
    if (!complete && !mayCut(type, whole, source.remaining())) {
      return false;
    }
    int end = at + Math.min(whole, source.remaining());
    if (type == Protocol.Frontend.TERMINATE) {
      client.seen.leaves("the client said Terminate");
      client.close();
      return false;
    }
    if (local.active() && answerHere(type, source, at, end)) {
      ServerLink unused = client.server();
      if (unused != null) {
        loop.defer(unused::release);
      }
      skip(source, end, whole);
      return true;
    }
    if (type == Protocol.Frontend.QUERY && complete) {
      Boolean done = queries.read(source, at, end);
      if (done != null) {
        stalled = !done;
        source.position(done ? end : at);
        return done;
      }
    }
    Boolean own = complete ? routes.take(type, source, at, end) : null;
    if (own != null) {
      stalled = !own;
      source.position(own ? end : at);
      return own;
    }
    ServerLink server = client.server();
    boolean copyData =
        type == Protocol.Frontend.COPY_DATA
            || type == Protocol.Frontend.COPY_DONE
            || type == Protocol.Frontend.COPY_FAIL;
    boolean ignored = // as by a server: data for a COPY that has failed, what follows an error
        server == null
            ? copyData || type == Protocol.Frontend.FLUSH
            : server.exchange.skips() && type != Protocol.Frontend.SYNC;
    if (ignored) {
      skip(source, end, whole);
      return true;
    }
    if (server == null && type == Protocol.Frontend.SYNC) {
      loop.toClient.put(Messages.ready(local.status()));
      skip(source, end, whole);
      return true;
    }
    if (bounds.isEndless(type, server, statements.size())) {
      return false;
    }
    if (server == null ? !attach(source, at) : holds(server, source, at)) {
      stalled = true;
      return false;
    }
    ServerLink attached = java.util.Objects.requireNonNull(client.server());
    attached.times.request(attached.status());
    if (!forward(type, source, at, end, whole, attached)) {
      stalled = true;
      return false;
    }
    if (attached.session.onStandby()) {
      client.reads.sent(type, source, at, end, attached);
    }
    source.position(end);
    passing = at + whole - end;
    return true;
  }

  private void skip(ByteBuffer source, int end, int whole) {
    passing = whole - (end - source.position());
    discarding = passing > 0;
    source.position(end);
  }

  private boolean attach(ByteBuffer source, int at) throws ProtocolViolation {
    Pool pool = client.queued ? client.pool : client.reads.choose(source, at);
    if (pool == null || !client.attach(pool)) {
      return false;
    }
    loop.toServer.begin(java.util.Objects.requireNonNull(client.server()).outbox());
    return true;
  }

  /**
   * A new transaction of a client that has kept its server waits like any other while the gateway
   * is paused or there is no primary, and never begins on a server of a former term.
   */
  private boolean holds(ServerLink server, ByteBuffer source, int at) throws ProtocolViolation {
    if (server.probing
        || bounds.isCrowded(server)
        || (server.session.onStandby() && !client.reads.follows(server, source, at))) {
      return true;
    }
    boolean begins =
        server.exchange.isEmpty()
            && !server.exchange.unsynced()
            && server.status() == Protocol.TransactionStatus.IDLE;
    boolean paused = loop.fleet.held(server.pool.key().database(), server.session.onStandby());
    if (!begins || (!paused && server.pool.isCurrent(server))) {
      client.stopsWaiting();
      return false;
    }
    client.beginsToWait();
    if (!paused && loop.fleet.primary().isPresent()) {
      loop.defer(() -> server.lost("the primary is another server now"));
    } else {
      // goes back unless the client is tied to it
      loop.defer(server::release);
    }
    return true;
  }

  /** The transaction is rolled back, as the client is told with its next request, if not yet. */
  void transactionLost(@Nullable ServerReport notTold) {
    named.settled();
    local.fail(notTold);
  }

  /** The client has a transaction block open that is lost. */
  boolean lostBlock() {
    return local.failed() || local.skipping();
  }

  /** Whether a message may be dealt with before all of it is there. */
  private static boolean mayCut(byte type, int whole, int available) {
    return switch (type) {
      case Protocol.Frontend.PARSE -> whole > MAX_KEPT_PARSE && available >= NAMES;
      case Protocol.Frontend.BIND, Protocol.Frontend.QUERY, Protocol.Frontend.FUNCTION_CALL ->
          whole > PipelineBounds.STREAMED && available >= NAMES;
      case Protocol.Frontend.COPY_DATA -> whole > PipelineBounds.STREAMED;
      default -> false;
    };
  }

  private TrackedNames tracked() {
    return client.parameters.tracked();
  }

  private boolean answerHere(byte type, ByteBuffer source, int at, int end)
      throws ProtocolViolation {
    int body = at + Protocol.HEADER_SIZE;
    int flags = 0;
    boolean ofStatement = false;
    switch (type) {
      case Protocol.Frontend.QUERY -> flags = loop.scan.scan(source, body, end, tracked());
      case Protocol.Frontend.PARSE -> {
        int text = ZeroEnded.end(source, body, end) + 1;
        int textEnd = ZeroEnded.end(source, text, end);
        flags = loop.scan.scan(source, text, textEnd, tracked());
        if (local.failed() && (flags & StatementScan.ENDS) != 0) {
          keepStatement(source, body, text, end, flags);
        }
      }
      case Protocol.Frontend.BIND -> {
        int name = ZeroEnded.end(source, body, end) + 1;
        flags = flagsOf(source, name, ZeroEnded.end(source, name, end));
        localFlags = flags;
      }
      case Protocol.Frontend.DESCRIBE -> {
        ofStatement = source.get(body) == 'S';
        flags =
            ofStatement
                ? flagsOf(source, body + 1, ZeroEnded.end(source, body + 1, end))
                : localFlags;
      }
      case Protocol.Frontend.EXECUTE -> flags = localFlags;
      case Protocol.Frontend.CLOSE -> {
        if (!local.skipping() && source.get(body) == 'S') {
          int nameEnd = ZeroEnded.end(source, body + 1, end);
          statements.forget(statements.remove(loop.probe.set(source, body + 1, nameEnd)));
        }
      }
      default -> {
        // decided by its type
      }
    }
    return local.take(type, flags, ofStatement, loop.toClient);
  }

  /** Flags of the statement bound last while answers are given here. */
  private int localFlags;

  private int flagsOf(ByteBuffer source, int name, int nameEnd) {
    if (name == nameEnd) {
      return statements.unnamedFlags();
    }
    Statement statement = statements.find(loop.probe.set(source, name, nameEnd));
    return statement == null ? 0 : statement.flags();
  }

  private void keepStatement(ByteBuffer source, int name, int text, int end, int flags) {
    if (name == text - 1) {
      statements.unnamed(source, text, end, flags, loop.scan.reads().shape());
    } else {
      ByteKey key = new ByteKey().set(source, name, text - 1).copy();
      statements.put(
          new NamedStatement(
              key,
              loop.catalog.acquire(loop.textProbe, source, text, end, flags, loop.scan.reads())));
    }
  }

  /** Sends one message on; false if that must wait for answers under way. */
  private boolean forward(
      byte type, ByteBuffer source, int at, int end, int whole, ServerLink server)
      throws ProtocolViolation {
    Exchange exchange = server.exchange;
    Gather out = loop.toServer;
    switch (type) {
      case Protocol.Frontend.QUERY -> query(source, at, end, whole, server);
      case Protocol.Frontend.PARSE -> {
        return (end - at == whole && guard.replaces(source, at, end, server))
            || named.parse(source, at, end, whole, server);
      }
      case Protocol.Frontend.BIND -> {
        int name = ZeroEnded.end(source, at + Protocol.HEADER_SIZE, end) + 1;
        if (!named.use(source, at, name, ZeroEnded.end(source, name, end), end, server)) {
          return false;
        }
        if (source.get(at + Protocol.HEADER_SIZE) == 0) {
          server.prepared.portalBound(exchange.segment());
        }
      }
      case Protocol.Frontend.DESCRIBE -> {
        int name = at + Protocol.HEADER_SIZE + 1;
        if (name < end && source.get(name - 1) == 'S') {
          return named.use(source, at, name, ZeroEnded.end(source, name, end), end, server);
        }
        return PortalRequests.pass(out, source, at, name, end, server);
      }
      case Protocol.Frontend.CLOSE -> named.close(source, at, end, server);
      case Protocol.Frontend.EXECUTE -> {
        return PortalRequests.pass(out, source, at, at + Protocol.HEADER_SIZE, end, server);
      }
      case Protocol.Frontend.SYNC -> {
        if (!session.copyIn()) {
          exchange.sync();
        }
        out.run(source, at, end);
      }
      case Protocol.Frontend.FUNCTION_CALL -> {
        session.begins(0, server.status());
        exchange.query();
        out.run(source, at, end);
      }
      case Protocol.Frontend.COPY_DONE, Protocol.Frontend.COPY_FAIL -> {
        session.copyIn(false);
        exchange.copyEnd();
        out.run(source, at, end);
      }
      case Protocol.Frontend.FLUSH -> {
        server.answers.local(loop.toClient);
        out.run(source, at, end);
      }
      default -> out.run(source, at, end);
    }
    return true;
  }

  private void query(ByteBuffer source, int at, int end, int whole, ServerLink server) {
    int body = at + Protocol.HEADER_SIZE;
    int flags = queries.flags();
    boolean complete = end - at == whole;
    if (complete) {
      queries.sends(server.exchange.segment());
    } else {
      StatementScan scan = new StatementScan();
      scan.begin(tracked());
      scan.feed(source, body, end);
      longScan = scan;
      // not known before its end: believe it may end a transaction
      flags = StatementScan.ENDS;
    }
    if (server.times.captures()) {
      server.times.text(source, body, end, end - at < whole);
    }
    session.begins(flags, server.status());
    server.exchange.query();
    statements.dropUnnamed();
    server.prepared.unnamedLost();
    server.prepared.portalLost();
    String instead = complete ? queries.substitute() : null;
    if (instead == null) {
      loop.toServer.run(source, at, end);
    } else {
      loop.toServer.put(Messages.query(instead));
    }
  }

  /** Answers in place of a server that is gone what it still owed. */
  void serverLost(Exchange exchange, byte status, boolean standby, String why) {
    boolean owed = !exchange.isEmpty() || exchange.unsynced() || passing > 0;
    if (passing > 0) {
      discarding = true;
      longScan = null;
    }
    named.settled();
    if (!owed) {
      if (status != Protocol.TransactionStatus.IDLE) {
        local.fail(Reports.rolledBack(why));
      }
      return;
    }
    boolean certain = session.certainlyRolledBack(status);
    ServerReport error = certain ? Reports.rolledBack(why) : Reports.cutOff(why, standby);
    client.figures().error(error.sqlState());
    if (certain) {
      local.fail(null);
    }
    boolean unsynced = exchange.unsynced();
    Gather out = loop.toClient;
    out.begin(client.outbox());
    boolean told = false;
    while (exchange.readies() > 0) {
      exchange.dropSegment(session::undo);
      out.put(Messages.error(certain && told ? Reports.failedBlock() : error));
      out.put(Messages.ready(local.status()));
      told = true;
    }
    if (unsynced) {
      exchange.failed(session::undo);
      out.put(Messages.error(certain && told ? Reports.failedBlock() : error));
      local.skipToSync();
    }
    try {
      out.finish();
      client.answeredLocally();
    } catch (IOException e) {
      loop.defer(client::close);
    }
  }
}
