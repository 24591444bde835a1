package io.pgfleet.gateway;

import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementCatalog;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.gateway.statement.TrackedNames;
import io.pgfleet.wire.Protocol;
import io.pgfleet.wire.ServerReport;
import io.pgfleet.wire.SqlState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Moves a client's messages to its server. Names of prepared statements are changed to the
 * gateway's, and what a server lacks is prepared on it first; everything else passes unchanged.
 */
final class ClientRequests {
  private static final int MAX_LENGTH = 0x4000_0000;

  /** PostgreSQL's bound on messages that carry no data (PQ_SMALL_MESSAGE_LIMIT). */
  private static final int MAX_SMALL = 10_000;

  /** A larger Parse passes in pieces and ties the client to its server. */
  private static final int MAX_KEPT_PARSE = 1 << 20;

  /** Enough of a Bind to hold both names, which PostgreSQL cuts at 63 bytes anyway. */
  private static final int NAMES = 8 << 10;

  /** A name that no server has: refers to nothing, as the client's did. */
  private static final byte[] NOTHING = "pgfleet_".getBytes(StandardCharsets.US_ASCII);

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientSession session;
  private final ClientStatements statements;
  private final LocalAnswers local;
  private int passing;
  private boolean discarding;
  private boolean stalled;
  private @Nullable StatementScan longScan;
  private int unnamedSegment = -1;

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
      finish();
    }
  }

  private void finish() {
    ServerLink server = client.server();
    try {
      loop.toServer.finish();
      if (server != null && !server.outbox().isEmpty()) {
        server.wantWrite();
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

  /** Deals with the message at the buffer's position; false if it can't be yet. */
  private boolean message(ByteBuffer source) throws ProtocolViolation {
    int at = source.position();
    byte type = source.get(at);
    int length = source.getInt(at + 1);
    checkLength(type, length);
    int whole = length + 1;
    boolean complete = source.remaining() >= whole;
    if (!complete && !mayCut(type, whole, source.remaining())) {
      return false;
    }
    int end = at + Math.min(whole, source.remaining());
    if (type == Protocol.Frontend.TERMINATE) {
      client.close();
      return false;
    }
    boolean taken = local.active() ? answerHere(type, source, at, end) : false;
    if (taken) {
      ServerLink unused = client.server();
      if (unused != null) {
        loop.defer(unused::release);
      }
      skip(source, end, whole);
      return true;
    }
    ServerLink server = client.server();
    boolean copyData =
        type == Protocol.Frontend.COPY_DATA
            || type == Protocol.Frontend.COPY_DONE
            || type == Protocol.Frontend.COPY_FAIL;
    if (server == null && (copyData || type == Protocol.Frontend.FLUSH)) {
      // data for a COPY that has failed meanwhile, which a server would ignore too
      skip(source, end, whole);
      return true;
    }
    if (server == null && type == Protocol.Frontend.SYNC) {
      loop.toClient.put(Messages.ready(local.status()));
      skip(source, end, whole);
      return true;
    }
    if (server != null && holds(server) || server == null && !attach()) {
      stalled = true;
      return false;
    }
    ServerLink attached = java.util.Objects.requireNonNull(client.server());
    if (!forward(type, source, at, end, whole, attached)) {
      stalled = true;
      return false;
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

  private boolean attach() {
    if (!client.attach()) {
      return false;
    }
    loop.toServer.begin(java.util.Objects.requireNonNull(client.server()).outbox());
    return true;
  }

  /** A pinned client's new transaction waits while the gateway is paused, like any other. */
  private boolean holds(ServerLink server) {
    boolean begins =
        server.exchange().isEmpty()
            && server.status() == Protocol.TransactionStatus.IDLE
            && loop.fleet.paused();
    if (begins) {
      client.beginsToWait();
    } else {
      client.stopsWaiting();
    }
    return begins;
  }

  private static void checkLength(byte type, int length) throws ProtocolViolation {
    switch (type) {
      case Protocol.Frontend.QUERY,
          Protocol.Frontend.PARSE,
          Protocol.Frontend.BIND,
          Protocol.Frontend.FUNCTION_CALL,
          Protocol.Frontend.COPY_DATA -> {
        if (length < 4 || length > MAX_LENGTH) {
          throw new ProtocolViolation("invalid message length");
        }
      }
      case Protocol.Frontend.EXECUTE,
          Protocol.Frontend.CLOSE,
          Protocol.Frontend.DESCRIBE,
          Protocol.Frontend.FLUSH,
          Protocol.Frontend.SYNC,
          Protocol.Frontend.COPY_DONE,
          Protocol.Frontend.COPY_FAIL,
          Protocol.Frontend.TERMINATE -> {
        if (length < 4 || length > MAX_SMALL) {
          throw new ProtocolViolation("invalid message length");
        }
      }
      default -> throw new ProtocolViolation("invalid frontend message type " + (type & 0xFF));
    }
  }

  /** Whether a message may be dealt with before all of it is there. */
  private static boolean mayCut(byte type, int whole, int available) {
    return switch (type) {
      case Protocol.Frontend.PARSE -> whole > MAX_KEPT_PARSE && available >= NAMES;
      case Protocol.Frontend.BIND, Protocol.Frontend.QUERY, Protocol.Frontend.FUNCTION_CALL ->
          whole > ServerLink.STREAMED && available >= NAMES;
      case Protocol.Frontend.COPY_DATA -> whole > ServerLink.STREAMED;
      default -> false;
    };
  }

  private TrackedNames tracked() {
    return client.trackedNames();
  }

  private boolean answerHere(byte type, ByteBuffer source, int at, int end)
      throws ProtocolViolation {
    int body = at + Protocol.HEADER_SIZE;
    int flags = 0;
    boolean ofStatement = false;
    switch (type) {
      case Protocol.Frontend.QUERY -> flags = loop.scan.scan(source, body, end, tracked());
      case Protocol.Frontend.PARSE -> {
        int text = zero(source, body, end) + 1;
        int textEnd = zero(source, text, end);
        flags = loop.scan.scan(source, text, textEnd, tracked());
        if (local.failed() && (flags & StatementScan.ENDS) != 0) {
          keepStatement(source, body, text, end, flags);
        }
      }
      case Protocol.Frontend.BIND -> {
        int name = zero(source, body, end) + 1;
        flags = flagsOf(source, name, zero(source, name, end));
        localFlags = flags;
      }
      case Protocol.Frontend.DESCRIBE -> {
        ofStatement = source.get(body) == 'S';
        flags = ofStatement ? flagsOf(source, body + 1, zero(source, body + 1, end)) : localFlags;
      }
      case Protocol.Frontend.EXECUTE -> flags = localFlags;
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
      statements.unnamed(source, text, end, flags);
    } else {
      ByteKey key = new ByteKey().set(source, name, text - 1).copy();
      statements.put(new NamedStatement(key, loop.catalog.acquire(source, text, end, flags)));
    }
  }

  private static int zero(ByteBuffer source, int from, int end) throws ProtocolViolation {
    for (int i = from; i < end; i++) {
      if (source.get(i) == 0) {
        return i;
      }
    }
    throw new ProtocolViolation("invalid string in message");
  }

  /** Sends one message on; false if that must wait for answers under way. */
  private boolean forward(
      byte type, ByteBuffer source, int at, int end, int whole, ServerLink server)
      throws ProtocolViolation {
    Exchange exchange = server.exchange();
    Gather out = loop.toServer;
    switch (type) {
      case Protocol.Frontend.QUERY -> query(source, at, end, whole, server);
      case Protocol.Frontend.PARSE -> {
        return parse(source, at, end, whole, server);
      }
      case Protocol.Frontend.BIND -> {
        int name = zero(source, at + Protocol.HEADER_SIZE, end) + 1;
        return named(source, at, name, zero(source, name, end), end, server);
      }
      case Protocol.Frontend.DESCRIBE -> {
        int name = at + Protocol.HEADER_SIZE + 1;
        if (name < end && source.get(name - 1) == 'S') {
          return named(source, at, name, zero(source, name, end), end, server);
        }
        exchange.pass();
        out.run(source, at, end);
      }
      case Protocol.Frontend.CLOSE -> close(source, at, end, server);
      case Protocol.Frontend.EXECUTE -> {
        exchange.pass();
        out.run(source, at, end);
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
        server.localAnswers(loop.toClient);
        out.run(source, at, end);
      }
      default -> out.run(source, at, end);
    }
    return true;
  }

  private void query(ByteBuffer source, int at, int end, int whole, ServerLink server) {
    int body = at + Protocol.HEADER_SIZE;
    int flags = 0;
    if (end - at == whole) {
      flags = loop.scan.scan(source, body, end, tracked());
    } else {
      StatementScan scan = new StatementScan();
      scan.begin(tracked());
      scan.feed(source, body, end);
      longScan = scan;
      // not known before its end: believe it may end a transaction
      flags = StatementScan.ENDS;
    }
    session.begins(flags, server.status());
    server.exchange().query();
    statements.dropUnnamed();
    server.prepared().unnamedLost();
    loop.toServer.run(source, at, end);
  }

  private boolean parse(ByteBuffer source, int at, int end, int whole, ServerLink server)
      throws ProtocolViolation {
    int name = at + Protocol.HEADER_SIZE;
    int nameEnd = zero(source, name, end);
    int text = nameEnd + 1;
    Exchange exchange = server.exchange();
    if (end - at < whole) {
      largeParse(source, at, nameEnd, end, whole, server);
      return true;
    }
    int flags = loop.scan.scan(source, text, zero(source, text, end), tracked());
    if (name == nameEnd) {
      statements.unnamed(source, text, end, flags);
      unnamedSegment = exchange.segment();
      server.prepared().unnamedIs(client);
      exchange.pass();
      loop.toServer.run(source, at, end);
      return true;
    }
    Statement known = statements.find(loop.probe.set(source, name, nameEnd));
    if (known != null) {
      // the server has it, or gets it, and refuses it the second time as it should
      if (!ensure(known, server)) {
        return false;
      }
      exchange.extended(Exchange.Owed.PASS, null, null);
      rename(source, at, name, nameEnd, end, whole, known.serverName());
      return true;
    }
    ByteKey key = loop.probe.copy();
    Statement statement = loop.catalog.acquire(source, text, end, flags);
    int epoch = server.pool().statementEpoch();
    switch (server.prepared().standing(statement, exchange.segment(), epoch)) {
      case UNCERTAIN -> {
        loop.catalog.release(statement);
        return false;
      }
      case READY ->
          exchange.extended(
              Exchange.Owed.LOCAL_PARSE, new NamedStatement(key, statement), statement);
      case STALE -> {
        closeOn(server, statement);
        parseOn(source, at, name, nameEnd, end, key, statement, server);
      }
      case ABSENT -> parseOn(source, at, name, nameEnd, end, key, statement, server);
    }
    statements.put(new NamedStatement(key, statement));
    return true;
  }

  private void parseOn(
      ByteBuffer source,
      int at,
      int name,
      int nameEnd,
      int end,
      ByteKey key,
      Statement statement,
      ServerLink server) {
    Exchange exchange = server.exchange();
    server.prepared().parsing(statement, exchange.segment(), server.pool().statementEpoch());
    exchange.extended(Exchange.Owed.PARSE, new NamedStatement(key, statement), statement);
    rename(source, at, name, nameEnd, end, end - at, statement.serverName());
  }

  private void largeParse(
      ByteBuffer source, int at, int nameEnd, int end, int whole, ServerLink server) {
    int name = at + Protocol.HEADER_SIZE;
    Exchange exchange = server.exchange();
    session.begins(StatementScan.PINS_LARGE | StatementScan.ENDS, server.status());
    if (name == nameEnd) {
      statements.dropUnnamed();
      server.prepared().unnamedIs(client);
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    ByteKey key = new ByteKey().set(source, name, nameEnd).copy();
    Statement statement = loop.catalog.unshared(StatementScan.PINS_LARGE | StatementScan.ENDS);
    server.prepared().parsing(statement, exchange.segment(), server.pool().statementEpoch());
    exchange.extended(Exchange.Owed.PARSE, new NamedStatement(key, statement), statement);
    statements.put(new NamedStatement(key, statement));
    rename(source, at, name, nameEnd, end, whole, statement.serverName());
  }

  /** A Bind, or a Describe of a statement: makes sure the server has what is named. */
  private boolean named(
      ByteBuffer source, int at, int name, int nameEnd, int end, ServerLink server)
      throws ProtocolViolation {
    Exchange exchange = server.exchange();
    int whole = source.getInt(at + 1) + 1;
    if (name == nameEnd) {
      boolean held = server.prepared().holdsUnnamedOf(client);
      if (!held && !statements.hasUnnamed()) {
        exchange.pass();
        rename(source, at, name, nameEnd, end, whole, NOTHING);
        return true;
      }
      if (!held) {
        injectUnnamed(server);
      }
      session.begins(statements.unnamedFlags(), server.status());
      exchange.pass();
      loop.toServer.run(source, at, end);
      return true;
    }
    Statement statement = statements.find(loop.probe.set(source, name, nameEnd));
    if (statement == null) {
      exchange.pass();
      if (loop.probe.startsWith(NOTHING)) {
        rename(source, at, name, nameEnd, end, whole, NOTHING);
      } else {
        loop.toServer.run(source, at, end);
      }
      return true;
    }
    if (!ensure(statement, server)) {
      return false;
    }
    session.begins(statement.flags(), server.status());
    exchange.pass();
    rename(source, at, name, nameEnd, end, whole, statement.serverName());
    return true;
  }

  /** Prepares a statement that the server lacks; false if that must wait. */
  private boolean ensure(Statement statement, ServerLink server) {
    Exchange exchange = server.exchange();
    int epoch = server.pool().statementEpoch();
    switch (server.prepared().standing(statement, exchange.segment(), epoch)) {
      case READY -> {
        return true;
      }
      case UNCERTAIN -> {
        return false;
      }
      case STALE -> {
        closeOn(server, statement);
        inject(server, statement);
      }
      case ABSENT -> inject(server, statement);
    }
    return true;
  }

  private void inject(ServerLink server, Statement statement) {
    Exchange exchange = server.exchange();
    if (statement.body().length == 0) {
      // too large to be kept; its client was pinned, and the server that had it forgot it
      return;
    }
    byte[] serverName = statement.serverName();
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.PARSE);
    out.putInt(4 + serverName.length + 1 + statement.body().length);
    out.put(serverName);
    out.put((byte) 0);
    out.put(statement.body());
    server.prepared().parsing(statement, exchange.segment(), server.pool().statementEpoch());
    exchange.extended(Exchange.Owed.INJECTED_PARSE, null, statement);
  }

  private void injectUnnamed(ServerLink server) {
    byte[] body = statements.unnamedBody();
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.PARSE);
    out.putInt(4 + 1 + body.length);
    out.put((byte) 0);
    out.put(body);
    server.prepared().unnamedIs(client);
    server.exchange().extended(Exchange.Owed.INJECTED_UNNAMED, null, null);
  }

  private void closeOn(ServerLink server, Statement statement) {
    byte[] serverName = statement.serverName();
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.CLOSE);
    out.putInt(4 + 1 + serverName.length + 1);
    out.put((byte) 'S');
    out.put(serverName);
    out.put((byte) 0);
    server.prepared().absent(statement);
    server.exchange().extended(Exchange.Owed.INJECTED_CLOSE, null, statement);
  }

  private void close(ByteBuffer source, int at, int end, ServerLink server)
      throws ProtocolViolation {
    int name = at + Protocol.HEADER_SIZE + 1;
    Exchange exchange = server.exchange();
    if (name >= end || source.get(name - 1) != 'S') {
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    int nameEnd = zero(source, name, end);
    if (name == nameEnd) {
      statements.dropUnnamed();
      server.prepared().unnamedLost();
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    // kept on the server for whoever prepares the same text next
    NamedStatement removed = statements.remove(loop.probe.set(source, name, nameEnd));
    exchange.extended(Exchange.Owed.LOCAL_CLOSE, removed, null);
  }

  /** Sends a message on with another name in it. */
  private void rename(
      ByteBuffer source, int at, int name, int nameEnd, int end, int whole, byte[] newName) {
    Gather out = loop.toServer;
    out.put(source.get(at));
    out.putInt(whole - 1 - (nameEnd - name) + newName.length);
    if (name > at + Protocol.HEADER_SIZE) {
      out.run(source, at + Protocol.HEADER_SIZE, name);
    }
    out.put(newName);
    out.run(source, nameEnd, end);
  }

  /** An error in the extended protocol: the server skips to the next Sync. */
  void segmentFailed() {
    ServerLink server = client.server();
    if (server != null && unnamedSegment >= 0) {
      // whether the unnamed statement of that segment was parsed is not known
      statements.dropUnnamed();
      server.prepared().unnamedLost();
    }
    unnamedSegment = -1;
  }

  /** Everything was answered without an error. */
  void settled() {
    unnamedSegment = -1;
  }

  /** Answers in place of a server that is gone what it still owed. */
  void serverLost(Exchange exchange, byte status, String why) {
    boolean owed = !exchange.isEmpty() || exchange.unsynced() || passing > 0;
    if (passing > 0) {
      discarding = true;
      longScan = null;
    }
    unnamedSegment = -1;
    if (!owed) {
      if (status != Protocol.TransactionStatus.IDLE) {
        local.fail(ClientSession.rolledBack(why));
      }
      return;
    }
    boolean certain = session.certainlyRolledBack(status);
    ServerReport error = certain ? ClientSession.rolledBack(why) : ClientSession.unknown(why);
    if (certain) {
      local.fail(null);
    }
    boolean unsynced = exchange.unsynced();
    Gather out = loop.toClient;
    out.begin(client.outbox());
    boolean told = false;
    while (exchange.readies() > 0) {
      exchange.dropSegment(session::undo);
      out.put(Messages.error(certain && told ? failedBlock() : error));
      out.put(Messages.ready(local.status()));
      told = true;
    }
    if (unsynced) {
      exchange.failed(session::undo);
      out.put(Messages.error(certain && told ? failedBlock() : error));
      local.skipToSync();
    }
    try {
      out.finish();
      client.answeredLocally();
    } catch (IOException e) {
      loop.defer(client::close);
    }
  }

  private static ServerReport failedBlock() {
    return ServerReport.of(
        "ERROR",
        SqlState.IN_FAILED_TRANSACTION,
        "current transaction is aborted, commands ignored until end of transaction block");
  }

  static {
    if (!StatementCatalog.PREFIX.equals(new String(NOTHING, StandardCharsets.US_ASCII))) {
      throw new AssertionError("the name of nothing must be kept from clients");
    }
  }
}
