package io.pgfleet.gateway;

import io.pgfleet.gateway.listen.ListenText;
import io.pgfleet.gateway.message.Messages;
import io.pgfleet.gateway.message.ProtocolViolation;
import io.pgfleet.gateway.message.ZeroEnded;
import io.pgfleet.gateway.statement.ByteKey;
import io.pgfleet.gateway.statement.DeallocateText;
import io.pgfleet.gateway.statement.NamedStatement;
import io.pgfleet.gateway.statement.ReadScan;
import io.pgfleet.gateway.statement.Statement;
import io.pgfleet.gateway.statement.StatementScan;
import io.pgfleet.wire.Protocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client's messages that name prepared statements: names are changed to the gateway's, and what
 * the server lacks is prepared on it first.
 */
final class StatementRequests {
  private static final byte[] EMPTY = {};
  private static final byte[] DEALLOCATE_WORD = "DEALLOCATE ".getBytes(StandardCharsets.US_ASCII);

  private final EventLoop loop;
  private final ClientLink client;
  private final ClientSession session;
  private final ClientStatements statements;
  private final LocalAnswers local;
  private int unnamedSegment = -1;

  StatementRequests(
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

  /** Whether LISTEN and UNLISTEN may be the shared listener's; UNFIT if they are the server's. */
  Listening.Verdict verdict(ListenText text, int flags) {
    boolean listens = (flags & StatementScan.PINS_LISTEN) != 0;
    ServerLink server = client.server();
    boolean failed = server != null && server.status() == Protocol.TransactionStatus.FAILED;
    Listening ears = listens ? client.ears.open() : client.ears.listening();
    if (ears == null || failed || (listens && session.hasSavepoint())) {
      return Listening.Verdict.UNFIT;
    }
    return ears.verdict(text);
  }

  /** A Parse; false if it must wait for answers under way. */
  boolean parse(ByteBuffer source, int at, int end, int whole, ServerLink server)
      throws ProtocolViolation {
    int name = at + Protocol.HEADER_SIZE;
    int nameEnd = ZeroEnded.end(source, name, end);
    int text = nameEnd + 1;
    Exchange exchange = server.exchange;
    if (end - at < whole) {
      largeParse(source, at, nameEnd, end, server);
      return true;
    }
    int flags = client.reads.scan(source, text, ZeroEnded.end(source, text, end));
    if ((flags & StatementScan.BEGINS) != 0 && client.session.refusesBlocks()) {
      refuseBlock(exchange);
      return false;
    }
    Statement.Substitute instead = null;
    if ((flags & (StatementScan.PINS_LISTEN | StatementScan.UNLISTENS)) != 0) {
      int textEnd = ZeroEnded.end(source, text, end);
      ListenText listens = ListenText.parse(source, text, textEnd).orElse(null);
      switch (listens == null ? Listening.Verdict.UNFIT : verdict(listens, flags)) {
        case WAIT -> {
          return false;
        }
        case READY -> {
          flags &= ~StatementScan.PINS_LISTEN;
          instead = substitute(Objects.requireNonNull(listens), source, textEnd, end);
        }
        case UNFIT -> {
          // the server listens, and the client is pinned to it
        }
      }
    }
    if (name == nameEnd) {
      Statement gone =
          SpecialQuery.isDeallocate(flags)
              ? deallocatedBy(source, text, ZeroEnded.end(source, text, end))
              : null;
      if (gone != null) {
        return deallocate(gone, source, text, end, server);
      }
      parseUnnamed(source, at, text, end, flags, instead, server);
      return true;
    }
    Statement known = statements.find(loop.probe.set(source, name, nameEnd));
    if (known != null) {
      // the server has it, or gets it, and refuses it the second time as it should
      if (!ensure(known, server)) {
        return false;
      }
      exchange.extended(Exchange.Owed.PASS, null, null);
      Renamed.put(loop.toServer, source, at, name, nameEnd, end, known.serverName());
      return true;
    }
    server.figures.clientParses++;
    ByteKey key = loop.probe.copy();
    Statement statement = acquire(source, text, end, flags & ~ReadScan.VERIFIED, instead);
    int epoch = server.pool.statementEpoch();
    switch (server.prepared.standing(statement, exchange.segment(), epoch)) {
      case UNCERTAIN -> {
        loop.catalog.release(statement);
        return false;
      }
      case READY ->
          exchange.extended(
              Exchange.Owed.LOCAL_PARSE, new NamedStatement(key, statement), statement);
      case STALE -> {
        closeOn(server, statement);
        parseOn(source, at, nameEnd, end, new NamedStatement(key, statement), server);
      }
      case ABSENT -> parseOn(source, at, nameEnd, end, new NamedStatement(key, statement), server);
    }
    statements.put(new NamedStatement(key, statement));
    return true;
  }

  private void parseUnnamed(
      ByteBuffer source,
      int at,
      int text,
      int end,
      int flags,
      Statement.@Nullable Substitute instead,
      ServerLink server) {
    unnamedSegment = server.exchange.segment();
    if (instead == null) {
      statements.unnamed(source, text, end, flags, loop.scan.reads().shape());
      loop.toServer.run(source, at, end);
    } else {
      statements.unnamed(
          ByteBuffer.wrap(instead.body()),
          0,
          instead.body().length,
          flags,
          loop.scan.reads().shape());
      statements.unnamedListens(instead.text());
      putParse(EMPTY, instead.body());
    }
    server.prepared.unnamedIs(client);
    server.exchange.pass();
  }

  private Statement acquire(
      ByteBuffer source, int text, int end, int flags, Statement.@Nullable Substitute instead) {
    if (instead == null) {
      return loop.catalog.acquire(loop.textProbe, source, text, end, flags, loop.scan.reads());
    }
    // known by its own text and a mark, so that it is never taken for the plain one
    ByteBuffer marked = ByteBuffer.allocate(end - text + 1);
    marked.put(0, source, text, end - text).put(end - text, (byte) 1);
    return loop.catalog.acquire(
        loop.textProbe, marked, 0, end - text + 1, flags, loop.scan.reads(), instead);
  }

  private static Statement.Substitute substitute(
      ListenText listens, ByteBuffer source, int textEnd, int end) {
    byte[] text = listens.substitute().getBytes(StandardCharsets.US_ASCII);
    byte[] body = new byte[text.length + end - textEnd];
    System.arraycopy(text, 0, body, 0, text.length);
    source.get(textEnd, body, text.length, end - textEnd);
    return new Statement.Substitute(body, listens);
  }

  /** A transaction block in statement mode: refused in good order if that can be done. */
  private void refuseBlock(Exchange exchange) {
    if (exchange.isEmpty() && !exchange.unsynced()) {
      local.refuse(Reports.noBlocks());
      loop.defer(client::proceed);
    } else {
      client.fatal(Reports.noBlocks());
    }
  }

  /** Whether the shared listener hears what a bound statement asks for; sends nothing. */
  private Listening.Verdict listens(@Nullable ListenText text, byte type, Exchange exchange) {
    if (text == null || type != Protocol.Frontend.BIND) {
      return Listening.Verdict.READY;
    }
    Listening ears = client.ears.open();
    Listening.Verdict verdict = ears == null ? Listening.Verdict.UNFIT : ears.verdict(text);
    if (ears != null && verdict == Listening.Verdict.READY) {
      ears.channels.sends(text, exchange.segment());
    }
    return verdict;
  }

  private void parseOn(
      ByteBuffer source, int at, int nameEnd, int end, NamedStatement fresh, ServerLink server) {
    Exchange exchange = server.exchange;
    Statement statement = fresh.statement();
    server.figures.serverParses++;
    server.prepared.parsing(statement, exchange.segment(), server.pool.statementEpoch());
    exchange.extended(Exchange.Owed.PARSE, fresh, statement);
    if (statement.listening() != null) {
      putParse(statement.serverName(), statement.body());
      return;
    }
    int name = at + Protocol.HEADER_SIZE;
    Renamed.put(loop.toServer, source, at, name, nameEnd, end, statement.serverName());
  }

  private void largeParse(ByteBuffer source, int at, int nameEnd, int end, ServerLink server) {
    int name = at + Protocol.HEADER_SIZE;
    Exchange exchange = server.exchange;
    session.begins(StatementScan.PINS_LARGE | StatementScan.ENDS, server.status());
    if (name == nameEnd) {
      statements.dropUnnamed();
      server.prepared.unnamedIs(client);
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    ByteKey key = new ByteKey().set(source, name, nameEnd).copy();
    Statement statement = loop.catalog.unshared(StatementScan.PINS_LARGE | StatementScan.ENDS);
    server.prepared.parsing(statement, exchange.segment(), server.pool.statementEpoch());
    exchange.extended(Exchange.Owed.PARSE, new NamedStatement(key, statement), statement);
    statements.put(new NamedStatement(key, statement));
    Renamed.put(loop.toServer, source, at, name, nameEnd, end, statement.serverName());
  }

  /** A Bind, or a Describe of a statement: makes sure the server has what is named. */
  boolean use(ByteBuffer source, int at, int name, int nameEnd, int end, ServerLink server)
      throws ProtocolViolation {
    Exchange exchange = server.exchange;
    if (name == nameEnd) {
      switch (listens(statements.unnamedListening(), source.get(at), exchange)) {
        case WAIT -> {
          return false;
        }
        case UNFIT -> {
          exchange.pass();
          Renamed.put(loop.toServer, source, at, name, nameEnd, end, Renamed.NOTHING);
          return true;
        }
        case READY -> {
          // the usual case: nothing to do with channels
        }
      }
      boolean held = server.prepared.holdsUnnamedOf(client);
      if (!held && !statements.hasUnnamed()) {
        exchange.pass();
        Renamed.put(loop.toServer, source, at, name, nameEnd, end, Renamed.NOTHING);
        return true;
      }
      if (!held) {
        injectUnnamed(server);
      }
      server.figures.binds += source.get(at) == Protocol.Frontend.BIND ? 1 : 0;
      if (server.times.captures()) {
        statements.showUnnamed(server.times);
      }
      session.begins(statements.unnamedFlags(), server.status());
      exchange.pass();
      loop.toServer.run(source, at, end);
      return true;
    }
    Statement statement = statements.find(loop.probe.set(source, name, nameEnd));
    if (statement == null) {
      exchange.pass();
      if (loop.probe.startsWith(Renamed.NOTHING)) {
        Renamed.put(loop.toServer, source, at, name, nameEnd, end, Renamed.NOTHING);
      } else {
        loop.toServer.run(source, at, end);
      }
      return true;
    }
    switch (listens(statement.listening(), source.get(at), exchange)) {
      case WAIT -> {
        return false;
      }
      case UNFIT -> {
        exchange.pass();
        Renamed.put(loop.toServer, source, at, name, nameEnd, end, Renamed.NOTHING);
        return true;
      }
      case READY -> {
        // the usual case: nothing to do with channels
      }
    }
    if (!ensure(statement, server)) {
      return false;
    }
    server.figures.binds += source.get(at) == Protocol.Frontend.BIND ? 1 : 0;
    if (server.times.captures()) {
      server.times.text(statement.body());
    }
    session.begins(client.reads.flagsOf(statement), server.status());
    exchange.pass();
    Renamed.put(loop.toServer, source, at, name, nameEnd, end, statement.serverName());
    return true;
  }

  /** Prepares a statement that the server lacks; false if that must wait. */
  private boolean ensure(Statement statement, ServerLink server) {
    Exchange exchange = server.exchange;
    int epoch = server.pool.statementEpoch();
    switch (server.prepared.standing(statement, exchange.segment(), epoch)) {
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
    Exchange exchange = server.exchange;
    if (statement.body().length == 0) {
      // too large to be kept; its client was pinned, and the server that had it forgot it
      return;
    }
    server.figures.serverParses++;
    putParse(statement.serverName(), statement.body());
    server.prepared.parsing(statement, exchange.segment(), server.pool.statementEpoch());
    exchange.extended(Exchange.Owed.INJECTED_PARSE, null, statement);
  }

  private void putParse(byte[] serverName, byte[] body) {
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.PARSE);
    out.putInt(4 + serverName.length + 1 + body.length);
    out.put(serverName);
    out.put((byte) 0);
    out.put(body);
  }

  private void injectUnnamed(ServerLink server) {
    putParse(EMPTY, statements.unnamedBody());
    server.prepared.unnamedIs(client);
    server.exchange.extended(Exchange.Owed.INJECTED_UNNAMED, null, null);
  }

  private void closeOn(ServerLink server, Statement statement) {
    byte[] serverName = statement.serverName();
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.CLOSE);
    out.putInt(4 + 1 + serverName.length + 1);
    out.put((byte) 'S');
    out.put(serverName);
    out.put((byte) 0);
    server.prepared.absent(statement);
    server.exchange.extended(Exchange.Owed.INJECTED_CLOSE, null, statement);
  }

  /** A Close. */
  void close(ByteBuffer source, int at, int end, ServerLink server) throws ProtocolViolation {
    int name = at + Protocol.HEADER_SIZE + 1;
    Exchange exchange = server.exchange;
    if (name >= end || source.get(name - 1) != 'S') {
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    int nameEnd = ZeroEnded.end(source, name, end);
    if (name == nameEnd) {
      statements.dropUnnamed();
      server.prepared.unnamedLost();
      exchange.pass();
      loop.toServer.run(source, at, end);
      return;
    }
    // kept on the server for whoever prepares the same text next
    NamedStatement removed = statements.remove(loop.probe.set(source, name, nameEnd));
    exchange.extended(Exchange.Owed.LOCAL_CLOSE, removed, null);
  }

  /**
   * A DEALLOCATE in SQL of a statement that was prepared by the protocol, which servers know under
   * another name: answered here once it is its turn.
   *
   * @return null if it is for the server
   */
  @Nullable Boolean deallocated(ByteBuffer source, int at, int end) {
    ServerLink server = client.server();
    boolean failed = server != null && server.status() == Protocol.TransactionStatus.FAILED;
    if (failed || deallocatedBy(source, at + Protocol.HEADER_SIZE, end - 1) == null) {
      return null;
    }
    if (server != null && !server.exchange.isEmpty()) {
      return false;
    }
    statements.forget(statements.remove(loop.probe));
    loop.toClient.put(Messages.commandComplete("DEALLOCATE"));
    loop.toClient.put(
        Messages.ready(server == null ? Protocol.TransactionStatus.IDLE : server.status()));
    return true;
  }

  /** The statement of the client's that a DEALLOCATE names, its name left in the loop's probe. */
  private @Nullable Statement deallocatedBy(ByteBuffer source, int from, int to) {
    byte[] name = DeallocateText.name(source, from, to);
    return name == null
        ? null
        : statements.find(loop.probe.set(ByteBuffer.wrap(name), 0, name.length));
  }

  /**
   * A DEALLOCATE that comes as a Parse of the unnamed statement (psycopg 3 sends it so): the server
   * is asked to deallocate what it has under its own name. Whether the client goes on to execute it
   * is not waited for, so the server may still have it then, and it is closed before its next use.
   */
  private boolean deallocate(
      Statement gone, ByteBuffer source, int text, int end, ServerLink server)
      throws ProtocolViolation {
    if (!ensure(gone, server)) {
      return false;
    }
    statements.forget(statements.remove(loop.probe));
    statements.unnamed(source, text, end, StatementScan.DEALLOCATES, 0);
    server.prepared.stillThere(gone);
    server.prepared.unnamedIs(client);
    unnamedSegment = server.exchange.segment();
    server.exchange.pass();
    int textEnd = ZeroEnded.end(source, text, end);
    Gather out = loop.toServer;
    out.put(Protocol.Frontend.PARSE);
    out.putInt(4 + 1 + DEALLOCATE_WORD.length + gone.serverName().length + end - textEnd);
    out.put((byte) 0);
    out.put(DEALLOCATE_WORD);
    out.put(gone.serverName());
    out.run(source, textEnd, end);
    return true;
  }

  /** An error in the extended protocol: the server skips to the next Sync. */
  void segmentFailed() {
    ServerLink server = client.server();
    if (server != null && unnamedSegment >= 0) {
      // whether the unnamed statement of that segment was parsed is not known
      statements.dropUnnamed();
      server.prepared.unnamedLost();
    }
    unnamedSegment = -1;
  }

  /** Everything was answered without an error. */
  void settled() {
    unnamedSegment = -1;
  }
}
